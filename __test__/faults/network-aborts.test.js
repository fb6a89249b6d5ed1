'use strict'
// 10,000 calls on one signal, aborted in every phase.

require('../support/clean-env.js')
const assert = require('node:assert/strict')
const { getEventListeners } = require('node:events')
const { describe, it } = require('node:test')
const { setImmediate: nextTurn } = require('node:timers/promises')
const { eventually } = require('../support/network-checks.js')
const { answerOk, grantToken, makeClient, startPeer } = require('../support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('../support/peer.js').Answerer} Answerer */

const CALLS = 10_000

/** Answers one path, and hangs on all others. @type {Answerer} */
function answerNext(request, response, count) {
  if (request.url === '/next') answerOk(request, response, count)
}

/** @type {Answerer} */
function answerInPart(request, response, count) {
  if (request.url === '/next') answerOk(request, response, count)
  else response.write('[1,')
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

describe('10,000 calls on one signal', { timeout: 60_000 }, () => {
  /**
   * When the signal aborts: once so much has come to the server.
   *
   * @type {Record<string, { api: Answerer, calls: number, tokens: number, holdsToken?: boolean, cap?: number }>}
   */
  const phases = {
    'before they begin': { api: answerNext, calls: 0, tokens: 0 },
    'while they wait for a token': { api: answerNext, calls: 0, tokens: 1, holdsToken: true },
    'while one has the connection and the rest wait': { api: answerNext, calls: 1, tokens: 1, cap: 1 },
    'while they wait for headers or a connection': { api: answerNext, calls: 128, tokens: 1 },
    'while they wait for a body or a connection': { api: answerInPart, calls: 128, tokens: 1 },
  }
  for (const [name, { api, calls, tokens, holdsToken, cap }] of Object.entries(phases)) {
    it(`given 10,000 calls on one signal, when it aborts ${name}, then each has its reason, no listener is left, and the next call works`, async (t) => {
      const warnings = recordWarnings(t)
      /** @type {(() => void)[]} */
      const held = []
      const peer = await startPeer(t, {
        token: (request, response, count) => {
          if (holdsToken) held.push(() => grantToken(request, response, count))
          else grantToken(request, response, count)
        },
        api,
      })
      const client = makeClient(t, { ...peer.options, ...(cap && { maxConnections: cap }) })
      const controller = new AbortController()
      const { signal } = controller
      const reason = new Error('all of you')
      if (tokens === 0) controller.abort(reason)
      const ended = Promise.allSettled(Array.from({ length: CALLS }, () => client.get('/hangs', { signal })))
      await peer.asked(tokens)
      await peer.called(calls)
      controller.abort(reason)
      const outcomes = await ended
      assert.ok(outcomes.every((outcome) => outcome.status === 'rejected' && outcome.reason === reason))
      await nextTurn()
      assert.equal(getEventListeners(signal, 'abort').length, 0)
      assert.equal(client.stats().inFlight, 0)
      assert.deepEqual(warnings, [])
      assert.equal(peer.calls.length, calls)
      if (tokens === 0) assert.equal(peer.connections(), 0)
      for (const grant of held) grant()
      assert.deepEqual(await client.get('/next', { timeout: 30_000 }), { ok: true })
      // Those of the aborted calls are closed; one or two are kept.
      await eventually(() => peer.open() <= 2, `few connections are open, not ${peer.open()}`)
    })
  }

  it('given 10,000 calls on one signal, when it aborts after they were answered, then nothing happens', async (t) => {
    const warnings = recordWarnings(t)
    const peer = await startPeer(t)
    const client = makeClient(t, { ...peer.options, timeout: 60_000 })
    const controller = new AbortController()
    const calls = Array.from({ length: CALLS }, () => client.get('/a', { signal: controller.signal }))
    assert.deepEqual(
      new Set((await Promise.all(calls)).map((answer) => JSON.stringify(answer))),
      new Set(['{"ok":true}']),
    )
    await nextTurn()
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
    controller.abort()
    assert.deepEqual(await client.get('/b'), { ok: true })
    assert.deepEqual([warnings, client.stats().inFlight], [[], 0])
  })
})
