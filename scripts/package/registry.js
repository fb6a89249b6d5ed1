'use strict'
// A package registry on loopback that has this package alone: so an install here is what users have, by name, with each
// platform's package chosen by the package manager.

const { execFile } = require('node:child_process')
const { createHash } = require('node:crypto')
const { once } = require('node:events')
const fs = require('node:fs')
const http = require('node:http')
const path = require('node:path')
const { promisify } = require('node:util')

/** @typedef {{ name: string, version: string, [field: string]: unknown }} Manifest */
/** @typedef {{ manifest: Manifest, tarball: Buffer }} Package */

/**
 * Serves packages until it is closed.
 *
 * @param {Package[]} packages
 * @returns {Promise<{ url: string, asked: string[], close(): Promise<void> }>}
 */
async function serveRegistry(packages) {
  /** @type {string[]} */
  const asked = []
  const server = http.createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '')
    asked.push(url)
    const found = packages.find(({ manifest }) => url === `/${manifest.name}` || url === tarballPath(manifest))
    if (!found) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}')
    } else if (url.endsWith('.tgz')) {
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(found.tarball)
    } else {
      const document = JSON.stringify(describe(found, `http://${request.headers.host}`))
      response.writeHead(200, { 'content-type': 'application/json' }).end(document)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    url: `http://127.0.0.1:${port}/`,
    asked,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/**
 * @param {Package} found
 * @param {string} origin
 */
function describe({ manifest, tarball }, origin) {
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
  const dist = { tarball: `${origin}${tarballPath(manifest)}`, integrity }
  return {
    name: manifest.name,
    'dist-tags': { latest: manifest.version },
    versions: { [manifest.version]: { ...manifest, dist } },
  }
}

/** @param {Manifest} manifest */
function tarballPath({ name, version }) {
  return `/${name}/-/${name}-${version}.tgz`
}

/**
 * Reads what "npm run pack" wrote, and the manifests of the platforms that are not built here.
 *
 * @param {string} artifacts
 * @param {string} staging
 * @returns {Package[]}
 */
function readPackages(artifacts, staging) {
  const platforms = path.join(staging, 'platforms')
  const folders = [
    path.join(staging, 'layer1'),
    ...fs.readdirSync(platforms).map((suffix) => path.join(platforms, suffix)),
  ]
  return folders.map((folder) => {
    const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'))
    const file = path.join(artifacts, `${manifest.name}-${manifest.version}.tgz`)
    return { manifest, tarball: fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0) }
  })
}

/**
 * Reads tarballs alone, with their manifests.
 *
 * @param {string} folder
 * @returns {Promise<Package[]>}
 */
async function readTarballs(folder) {
  const names = fs.readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  return await Promise.all(
    names.map(async (name) => {
      const { stdout } = await promisify(execFile)('tar', ['-xzOf', name, 'package/package.json'], { cwd: folder })
      return { manifest: JSON.parse(stdout), tarball: fs.readFileSync(path.join(folder, name)) }
    }),
  )
}

module.exports = { serveRegistry, readPackages, readTarballs }
