'use strict'
// Whom the demo talks to: a sandbox of its own, or Layer1.

const { Layer1 } = require('../../index.js')
const { startSandbox } = require('../../lib/sandbox/index.js')

/**
 * @typedef {object} Host
 * @property {string} title
 * @property {[label: string, text: string][]} facts
 * @property {Layer1} layer1
 * @property {number} warmCalls how many calls are made to find out how long one takes
 * @property {string} timingNote
 * @property {Loss} loss
 * @property {Mistake[]} mistakes
 * @property {() => Promise<void>} close
 */

/**
 * @typedef {object} Loss how the token is lost, and what the client has to count on its way to a new one
 * @property {string} title
 * @property {string} sentence
 * @property {() => void} happen
 * @property {() => string[]} seen the requests that the host has seen since, where it can tell
 * @property {number} replays
 * @property {string} recovery
 */

/** @typedef {{ title: string, make: () => Promise<unknown> }} Mistake something that must fail */

/**
 * Starts a sandbox in this process. Everything is passed as an option, so that no LAYER1_ variable of the user's steers
 * the demo.
 *
 * @returns {Promise<Host>}
 */
async function localHost() {
  const sandbox = await startSandbox()
  const options = /** @type {const} */ ({
    ...sandbox.options,
    environment: 'sandbox',
    auth: 'oauth2',
    scope: [],
    proxy: false,
  })
  try {
    const layer1 = new Layer1(options)
    return {
      title: 'Start a sandbox on this machine',
      facts: [
        ['API', sandbox.baseUrl],
        ['Tokens', sandbox.tokenUrl],
      ],
      layer1,
      warmCalls: 50,
      timingNote: 'Client and sandbox shared one process, so a get has the server in it.',
      loss: revocation(sandbox),
      mistakes: [unknownId(layer1), wrongSecret(options)],
      async close() {
        await layer1.close()
        await sandbox.close()
      },
    }
  } catch (error) {
    await sandbox.close()
    throw error
  }
}

/**
 * Takes Layer1 itself, with credentials from the environment.
 *
 * @param {'sandbox' | 'production'} environment
 * @returns {Host}
 */
function realHost(environment) {
  const layer1 = new Layer1({ environment })
  const { LAYER1_BASE_URL: baseUrl, LAYER1_TOKEN_URL: tokenUrl } = process.env
  return {
    title: `Take Layer1's ${environment} environment`,
    facts: [
      ['API', baseUrl || "the environment's own"],
      ['Tokens', tokenUrl || "the environment's own"],
    ],
    layer1,
    warmCalls: 5,
    timingNote: 'Most of it is the way to Layer1 and back.',
    loss: forgetting(layer1),
    mistakes: [unknownPath(layer1)],
    close: () => layer1.close(),
  }
}

/**
 * @param {import('../../lib/sandbox/index.js').Sandbox} sandbox
 * @returns {Loss}
 */
function revocation(sandbox) {
  return {
    title: 'Revoke every token',
    sentence: 'The sandbox refuses all tokens from now on. The client does not know it, and calls:',
    happen() {
      sandbox.clearRequests()
      sandbox.revokeTokens()
    },
    seen: () => sandbox.requests.map(({ method, path, status }) => `${method} ${path}: ${status}`),
    replays: 1,
    recovery: 'A 401, one new token, one replay. The caller saw only success.',
  }
}

/**
 * @param {Layer1} layer1
 * @returns {Loss}
 */
function forgetting(layer1) {
  return {
    title: 'Lose the token',
    sentence: 'Your tokens are not revoked here: invalidateToken() makes the client forget its own instead. It calls:',
    happen: () => layer1.invalidateToken(),
    seen: () => [],
    replays: 0,
    recovery: 'One new token, asked for by the call itself. The caller saw only success.',
  }
}

/**
 * @param {Layer1} layer1
 * @returns {Mistake}
 */
function unknownId(layer1) {
  return {
    title: 'An id that is not there',
    make: () => layer1.get('/digital/v1/asset-pools/00000000-0000-4000-8000-000000000000'),
  }
}

/**
 * @param {Layer1} layer1
 * @returns {Mistake}
 */
function unknownPath(layer1) {
  return { title: 'A path that is not there', make: () => layer1.get('/digital/v1/no-such-resource') }
}

/**
 * @param {ConstructorParameters<typeof Layer1>[0]} options
 * @returns {Mistake}
 */
function wrongSecret(options) {
  return {
    title: 'A wrong secret',
    async make() {
      const stranger = new Layer1({ ...options, clientSecret: 'not-the-secret' })
      try {
        await stranger.getToken()
      } finally {
        await stranger.close()
      }
    },
  }
}

module.exports = { localHost, realHost }
