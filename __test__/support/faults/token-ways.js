'use strict'
// The ways in which a fault of the token endpoint is tried: over plain and TLS, by a client without a token and by one
// that has one, by one caller and by 100.

const assert = require('node:assert/strict')
const { Layer1 } = require('layer1')
const { rejection } = require('../failures.js')
const { startPeer } = require('../peer.js')
const { schemes, security } = require('./ground.js')
const { SECRET, TOKEN, assertError } = require('./outcome.js')
const { FaultServer, answer } = require('./server.js')

/** @typedef {import('node:test').TestContext} TestContext */

/**
 * @typedef {object} TokenVariant
 * @property {string} name
 * @property {import('./server.js').Script} script what every token request gets
 * @property {import('./outcome.js').Outcome} outcome of every caller
 * @property {number} requests how many it takes
 * @property {boolean} [isRemembered] whether it answers for the endpoint for a second
 */

const CALLERS = 100

let realms = 0

/** Makes a token answer. @param {Record<string, unknown>} [members] */
function tokenAnswer(members = {}) {
  return answer({ access_token: TOKEN, token_type: 'Bearer', expires_in: 300, ...members })
}

/**
 * Starts a token endpoint that is in good health until it is told otherwise, and an API that is.
 *
 * @param {TestContext} t
 * @param {'http' | 'https'} scheme
 * @param {import('./server.js').Script} script
 * @param {() => string} [grant]
 */
async function startEndpoint(t, scheme, script, grant = () => tokenAnswer()) {
  const { pair, trust } = security(scheme)
  const state = { isGood: true }
  const api = await startPeer(t)
  const server = await FaultServer.start(
    t,
    (wire, request) => (state.isGood ? wire.write(grant()) : script(wire, request)),
    pair,
  )
  // Clients of one process share a token by its URL.
  realms += 1
  const tokenUrl = `${server.origin}/token?realm=${realms}`
  const options = { ...api.options, ...trust, clientSecret: SECRET, tokenUrl, maxRetries: 0, timeout: 20_000 }
  return { server, api, state, options }
}

/**
 * Tries a variant in every way.
 *
 * @param {TestContext} t
 * @param {InstanceType<typeof import('./ledger.js').Ledger>} ledger
 * @param {TokenVariant} variant
 */
async function tryToken(t, ledger, variant) {
  for (const scheme of schemes) {
    for (const isReused of [false, true]) {
      for (const callers of [1, CALLERS]) {
        const way = `${scheme}, ${isReused ? 'reused' : 'fresh'}, ${callers} callers`
        await ledger.enter(`${variant.name} (${way})`, () => refuse(t, scheme, variant, isReused, callers))
      }
    }
  }
}

/**
 * Lets callers meet the fault at once, and sees that they shared it and that nothing of it stays.
 *
 * @param {TestContext} t
 * @param {'http' | 'https'} scheme
 * @param {TokenVariant} variant
 * @param {boolean} isReused
 * @param {number} callers
 */
async function refuse(t, scheme, { script, outcome, requests, isRemembered = false }, isReused, callers) {
  const { server, api, state, options } = await startEndpoint(t, scheme, script)
  const client = new Layer1(options)
  try {
    if (isReused) await client.getToken()
    const before = server.requests.length
    state.isGood = false
    const ask = () => (isReused ? client.getToken({ forceRefresh: true }) : client.get('/a'))
    const errors = await Promise.all(Array.from({ length: callers }, () => rejection(ask())))
    for (const error of errors) assertError(error, outcome)
    assert.equal(server.requests.length - before, requests, 'they did not share one grant')
    assert.equal(api.calls.length, 0, 'a call went out without a token')
    assert.equal(client.stats().inFlight, 0)
    state.isGood = true
    if (isReused) assert.equal(await client.getToken(), TOKEN, 'the valid token was lost')
    else if (!isRemembered) assert.deepEqual(await client.get('/a'), { ok: true })
    assert.deepEqual(server.misplaced, [])
  } finally {
    client.close()
  }
  await server.until(() => server.open === 0, 'no connection is open')
}

module.exports = { startEndpoint, tokenAnswer, tryToken }
