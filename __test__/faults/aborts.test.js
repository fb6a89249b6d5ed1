'use strict'
// Calls that are aborted: before, during and after, in every phase.

require('../support/clean-env.js')
const assert = require('node:assert/strict')
const { getEventListeners } = require('node:events')
const { describe, it } = require('node:test')
const { Layer1 } = require('layer1')
const { rejection } = require('../support/failures.js')
const { schemes, security } = require('../support/faults/ground.js')
const { Ledger } = require('../support/faults/ledger.js')
const { TOKEN, SECRET } = require('../support/faults/outcome.js')
const { OK, send, withBody } = require('../support/faults/scripts.js')
const { FaultServer, answer } = require('../support/faults/server.js')
const { tokenAnswer } = require('../support/faults/token-ways.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('../support/faults/server.js').Script} Script */

/**
 * @typedef {object} Moment when a call is aborted
 * @property {Script} [token] what the token endpoint says
 * @property {Script} [api] what the API says to the call
 * @property {boolean} [isKept] whether the connection survives
 * @property {boolean} [isDeaf] whether the API does not even shake hands
 * @property {boolean} [isQueued] whether another call has the only connection
 * @property {(world: World) => unknown} reached resolves when the moment has come
 * @property {boolean} [isBefore] whether the signal is aborted before the call
 */

/** @typedef {Awaited<ReturnType<typeof startWorld>>} World */

const OTHERS = 100

/** @type {Record<string, Moment>} */
const moments = {
  before: { reached: () => {}, isBefore: true },
  'at once': { reached: () => {} },
  'while it waits for a token': {
    token: () => {},
    reached: ({ realm }) => realm.until(() => realm.requests.length > 0, 'a token request'),
  },
  'while it waits in the queue': { isQueued: true, reached: () => new Promise(setImmediate) },
  'while it connects': {
    isDeaf: true,
    reached: ({ api }) => api.until(() => api.wires.length > 0, 'a connection'),
  },
  'while it waits for headers': { api: () => {}, reached: met },
  'in the middle of the headers': { api: send(`${OK}content-type: appl`), reached: met },
  'while it waits for the body': { api: send(`${OK}content-length: 100\r\n\r\n`), reached: met },
  'in the middle of the body': { api: send(`${OK}content-length: 100\r\n\r\n{"a":`), reached: met },
  'between two attempts': { api: send(withBody('', ['retry-after: 60'], '503 Busy')), reached: met, isKept: true },
}

/** @param {World} world */
function met({ api }) {
  return api.until(() => api.requests.some(({ target }) => target === '/a'), 'the call')
}

/**
 * Starts a token endpoint and an API that follow their scripts until they are told to be good.
 *
 * @param {TestContext} t
 * @param {'http' | 'https'} scheme
 * @param {Moment} moment
 */
async function startWorld(t, scheme, { token, api: script, isDeaf = false, isKept = false }) {
  const { pair, trust } = security(scheme)
  const state = { isGood: false }
  const realm = await FaultServer.start(
    t,
    (wire, request) => (token && !state.isGood ? token(wire, request) : wire.write(tokenAnswer())),
    pair,
  )
  const api = await FaultServer.start(
    t,
    (wire, request) => {
      const holds = () => {}
      const fault = request.target === '/holds' ? holds : request.target === '/a' && !state.isGood && script
      if (!fault) return wire.write(answer({ own: request.target }))
      wire.isBroken = !isKept
      return fault(wire, request)
    },
    pair,
  )
  api.isDeaf = isDeaf
  const options = {
    clientId: 'test-client',
    clientSecret: SECRET,
    ...trust,
    baseUrl: api.origin,
    tokenUrl: `${realm.origin}/token`,
    timeout: 120_000,
  }
  return { realm, api, state, options }
}

/**
 * Aborts calls at a moment, and sees that nothing of them is left.
 *
 * @param {TestContext} t
 * @param {'http' | 'https'} scheme
 * @param {Moment} moment
 * @param {number} count
 */
async function abort(t, scheme, moment, count) {
  const world = await startWorld(t, scheme, moment)
  const { realm, api, state, options } = world
  const client = new Layer1({ ...options, maxConnections: moment.isQueued ? 1 : count + 8 })
  const [holder, controller] = [new AbortController(), new AbortController()]
  const reason = new Error('the caller has changed its mind')
  try {
    if (moment.isQueued) {
      client.get('/holds', { signal: holder.signal }).catch(() => {})
      await api.until(() => api.requests.length > 0, 'the call that holds the connection')
    }
    if (moment.isBefore) controller.abort(reason)
    const calls = Array.from({ length: count }, () => rejection(client.get('/a', { signal: controller.signal })))
    await moment.reached(world)
    controller.abort(reason)
    for (const error of await Promise.all(calls)) assert.equal(error, reason)
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0, 'a listener is left')
    holder.abort()
    if (moment.isBefore) assert.deepEqual([api.wires.length, realm.wires.length], [0, 0], 'there was I/O')
    await api.until(() => api.wires.every((wire) => wire.isClosed || !wire.isBroken), 'broken connections are closed')
    // A token request belongs to nobody: one that hangs is not for the next call to wait for.
    if (moment.token) return
    state.isGood = true
    api.isDeaf = false
    assert.deepEqual(await client.get('/a'), { own: '/a' })
    assert.deepEqual(api.misplaced, [])
    assert.equal(client.stats().inFlight, 0)
  } finally {
    client.close()
  }
  await api.until(() => api.open === 0, 'no connection is open')
}

describe('calls that are aborted', { timeout: 120_000 }, () => {
  it('given a call that is aborted before, during or after, in any phase, when it ends, then it has the reason, no listener is left, and the next call works', async (t) => {
    const ledger = new Ledger(t)
    const warnings = recordWarnings(t)
    for (const scheme of schemes) {
      await Promise.all(
        Object.entries(moments).flatMap(([name, moment]) =>
          [1, OTHERS].map((count) =>
            ledger.enter(`${name} (${scheme}, ${count} calls on one signal)`, () => abort(t, scheme, moment, count)),
          ),
        ),
      )
      await ledger.enter(`after (${scheme}, ${OTHERS} calls on one signal)`, () => abortAfter(t, scheme))
    }
    await new Promise(setImmediate)
    await ledger.check('warnings', () => assert.deepEqual(warnings, []))
    ledger.close()
  })
})

/** @param {TestContext} t @param {'http' | 'https'} scheme */
async function abortAfter(t, scheme) {
  const { api, options } = await startWorld(t, scheme, { reached: () => {} })
  const client = new Layer1(options)
  const controller = new AbortController()
  const calls = Array.from({ length: OTHERS }, () => client.get('/a', { signal: controller.signal }))
  for (const value of await Promise.all(calls)) assert.deepEqual(value, { own: '/a' })
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0, 'a listener is left')
  controller.abort()
  assert.deepEqual(await client.get('/b'), { own: '/b' })
  assert.equal(await client.getToken(), TOKEN)
  client.close()
  await api.until(() => api.open === 0, 'no connection is open')
}

/** @param {TestContext} t */
function recordWarnings(t) {
  /** @type {string[]} */
  const warnings = []
  const note = (/** @type {Error} */ { message }) => void warnings.push(message)
  process.on('warning', note)
  t.after(() => process.off('warning', note))
  return warnings
}
