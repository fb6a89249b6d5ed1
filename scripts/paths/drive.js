'use strict'

const { once } = require('node:events')
const http = require('node:http')
const { Layer1 } = require('layer1')
const { pathsFrom } = require('./generate.js')
const { escapeOf } = require('./judge.js')

/** A base with a prefix and one without: what is no way out of one may be one of the other. */
const PREFIXES = ['/v1/tenant', '']
const AT_ONCE = 128

/** @typedef {{ tried: number, refused: number, sent: number, escaped: number, escapes: string[] }} Count */

/**
 * Calls generated paths, and counts what became of them: refused before anything was sent, or arrived where they had to.
 * Whatever else becomes of one is an escape.
 *
 * @param {number} count
 * @param {number} seed
 * @returns {Promise<Count>}
 */
async function drivePaths(count, seed) {
  /** What arrived of each call, by its number. @type {Map<string, string>} */
  const arrived = new Map()
  const server = http.createServer((request, response) => {
    const { url = '', headers } = request
    const number = headers['x-number']
    if (typeof number === 'string') arrived.set(number, url)
    response.setHeader('content-type', 'application/json')
    response.end(number === undefined ? '{"access_token":"a","token_type":"Bearer","expires_in":86400}' : '{}')
  })
  server.keepAliveTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const origin = `http://127.0.0.1:${port}`
  const credentials = { clientId: 'paths', clientSecret: 'paths-secret', tokenUrl: `${origin}/token-${seed}` }
  const routes = PREFIXES.map((prefix) => {
    const baseUrl = origin + prefix
    return { baseUrl, client: new Layer1({ ...credentials, baseUrl, shareToken: false, proxy: false }) }
  })

  /** @type {Count} */
  const result = { tried: 0, refused: 0, sent: 0, escaped: 0, escapes: [] }
  const next = pathsFrom(seed)
  const drive = async () => {
    while (result.tried < count) {
      const number = String(result.tried)
      const { client, baseUrl } = /** @type {{ client: Layer1, baseUrl: string }} */ (
        routes[result.tried % routes.length]
      )
      result.tried += 1
      const path = next()
      const outcome = await callPath(client, path, number)
      const target = arrived.get(number)
      arrived.delete(number)
      const fault = faultOf(outcome, target, baseUrl)
      if (fault !== undefined) {
        result.escaped += 1
        result.escapes.push(`${JSON.stringify(path)} → ${JSON.stringify(target)}: ${fault}`)
      } else if (target === undefined) {
        result.refused += 1
      } else {
        result.sent += 1
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, drive))
  } finally {
    await Promise.all(routes.map(({ client }) => client.close()))
    server.close()
    server.closeAllConnections()
  }
  return result
}

/**
 * @param {Layer1} client
 * @param {string} path
 * @param {string} number
 * @returns {Promise<string>} `'answered'`, or the code of the error
 */
function callPath(client, path, number) {
  return client.get(path, { headers: { 'x-number': number }, maxRetries: 0 }).then(
    () => 'answered',
    (error) => String(error.code),
  )
}

/**
 * @param {string} outcome
 * @param {string | undefined} target
 * @param {string} baseUrl
 */
function faultOf(outcome, target, baseUrl) {
  if (target === undefined) {
    return outcome === 'ERR_LAYER1_REQUEST' ? undefined : `it never came, and its call ended with ${outcome}`
  }
  return outcome === 'answered' ? escapeOf(target, baseUrl) : `it came, and its call ended with ${outcome}`
}

module.exports = { drivePaths }
