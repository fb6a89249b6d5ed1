'use strict'
// Lays out the packages as they are published: the root in one folder, each platform's in one beside it.

const fs = require('node:fs')
const path = require('node:path')
const { NapiCli } = require('@napi-rs/cli')
const { publishedFile } = require('./face.js')
const { listTargets } = require('./targets.js')

const root = path.join(__dirname, '..', '..')
const staging = path.join(root, 'target', 'packages')

/** What only this repository needs of its package.json. */
const OF_THE_REPOSITORY = ['scripts', 'devDependencies', 'napi']

/** Files that are published as one with the modules that they need, and what they are made of. */
const MADE_OF = { 'index.js': 'index.js', 'lib/entry.js': 'lib/index.js', 'lib/redis/index.js': 'lib/redis/index.js' }

/** Lays out the root package, which asks for each platform's package in exactly its own version. @returns {Promise<string>} */
async function stageRoot() {
  const folder = path.join(staging, 'layer1')
  const manifest = readManifest()
  fs.rmSync(folder, { recursive: true, force: true })
  for (const name of [...manifest.files, 'README.md', 'LICENSE']) {
    fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true })
  }
  for (const [file, entry] of Object.entries(MADE_OF)) {
    fs.writeFileSync(path.join(folder, file), await publishedFile(entry))
  }
  const platforms = listTargets().map(({ suffix }) => [`${manifest.name}-${suffix}`, manifest.version])
  writeManifest(folder, { ...manifest, optionalDependencies: Object.fromEntries(platforms) })
  return folder
}

/**
 * Lays out the packages of all platforms, without their binaries.
 *
 * @returns {Promise<Record<string, string>>} their folders, by suffix
 */
async function stagePlatforms() {
  const folder = path.join(staging, 'platforms')
  fs.rmSync(folder, { recursive: true, force: true })
  await new NapiCli().createNpmDirs({ cwd: root, npmDir: path.relative(root, folder) })
  /** @type {Record<string, string>} */
  const folders = {}
  for (const { suffix } of listTargets()) {
    const place = path.join(folder, suffix)
    const manifest = JSON.parse(fs.readFileSync(path.join(place, 'package.json'), 'utf8'))
    // Yarn keeps packages zipped otherwise, and no system loads a library from a zip.
    writeManifest(place, { ...manifest, type: 'commonjs', preferUnplugged: true })
    fs.copyFileSync(path.join(root, 'LICENSE'), path.join(place, 'LICENSE'))
    folders[suffix] = place
  }
  return folders
}

/** @returns {{ name: string, version: string, files: string[], [name: string]: unknown }} */
function readManifest() {
  return JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
}

/**
 * @param {string} folder
 * @param {Record<string, unknown>} manifest
 */
function writeManifest(folder, manifest) {
  const kept = Object.entries(manifest).filter(([name]) => !OF_THE_REPOSITORY.includes(name))
  const origin = process.env.GITHUB_REPOSITORY
  // A registry accepts a statement of provenance only for the repository that the package names.
  const repository = origin ? { repository: { type: 'git', url: `git+https://github.com/${origin}.git` } } : {}
  const text = JSON.stringify({ ...Object.fromEntries(kept), ...repository }, null, 2)
  fs.writeFileSync(path.join(folder, 'package.json'), `${text}\n`)
}

module.exports = { stageRoot, stagePlatforms }
