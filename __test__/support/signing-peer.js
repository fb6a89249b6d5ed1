'use strict'

const assert = require('node:assert/strict')
const { PRIVATE_KEY } = require('./keys.js')
const { makeClient, startPeer } = require('./peer.js')

/** @typedef {import('node:test').TestContext} TestContext */

/**
 * Starts a server, and makes a client whose calls are signed.
 *
 * @param {TestContext} t
 * @param {Parameters<typeof startPeer>[1]} [manners]
 * @param {import('layer1').Layer1Options} [options]
 */
async function signingPeer(t, manners, options) {
  const peer = await startPeer(t, manners)
  const { clientSecret, ...own } = peer.options
  const given = { ...own, auth: /** @type {const} */ ('signature'), privateKey: PRIVATE_KEY, ...options }
  return { peer, clientSecret, client: makeClient(t, given) }
}

/** @param {Awaited<ReturnType<typeof startPeer>>} peer */
function last(peer) {
  return peer.calls.at(-1) ?? assert.fail('nothing came')
}

module.exports = { last, signingPeer }
