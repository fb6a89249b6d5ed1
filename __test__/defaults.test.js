'use strict'
// Limits that hold when nobody sets them.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { inspect } = require('node:util')
const { failure } = require('./support/failures.js')
const { answerOk, makeClient, neverAnswer, startPeer, startTcp } = require('./support/peer.js')

/** Timers and clocks of two processes are not exact, in ms. */
const SLACK = 50

describe('the defaults', { concurrency: true, timeout: 60_000 }, () => {
  it('given no timeout and no maxRetries, when a client is looked at, then they are 30,000 ms and 2', async (t) => {
    const { options } = await startPeer(t)
    const shown = inspect(makeClient(t, options))
    assert.match(shown, /timeout: 30000\b/)
    assert.match(shown, /maxRetries: 2\b/)
  })

  it('given no connectTimeout, when a server does not shake hands, then it is given up after 5,000 ms', async (t) => {
    const port = await startTcp(t, () => {})
    const { options } = await startPeer(t)
    const client = makeClient(t, { ...options, baseUrl: `https://127.0.0.1:${port}`, maxRetries: 0 })
    await client.getToken()
    const began = performance.now()
    const error = await failure(client.get('/a'), 'ERR_LAYER1_TIMEOUT')
    assert.ok(performance.now() - began >= 5_000 - SLACK)
    assert.match(error.message, /no connection within 5000 ms/)
  })

  it('given no maxConnections, when 200 calls are made at once, then 128 go out, and the others as soon as they can', async (t) => {
    /** @type {(() => void)[]} */
    const held = []
    const { tokenUrl } = (await startPeer(t)).options
    const peer = await startPeer(t, {
      api: (...args) => {
        held.push(() => answerOk(...args))
        // The rest can only come when these have gone: by then all who may be here are here.
        if (held.length === 128) setImmediate(() => held.splice(0).forEach((answer) => void answer()))
        if (peer.calls.length === 200) setImmediate(() => held.splice(0).forEach((answer) => void answer()))
      },
    })
    const client = makeClient(t, { ...peer.options, tokenUrl })
    await Promise.all(Array.from({ length: 200 }, () => client.get('/a')))
    assert.equal(peer.mostOpen(), 128)
  })

  it('given a token endpoint that hangs, when a token is asked for, then each request is given up after 10,000 ms', async (t) => {
    const peer = await startPeer(t, { token: neverAnswer })
    const client = makeClient(t, peer.options)
    const controller = new AbortController()
    // Not from the first request's arrival: a busy machine may notice that late.
    const began = performance.now()
    const asked = client.getToken({ timeout: Number.POSITIVE_INFINITY, signal: controller.signal })
    await peer.asked(2)
    const passed = performance.now() - began
    controller.abort('seen enough')
    await assert.rejects(asked, (reason) => reason === 'seen enough')
    assert.ok(passed >= 10_000 - SLACK, `the second came after ${passed} ms`)
  })
})
