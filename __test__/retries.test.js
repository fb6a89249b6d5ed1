'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { failure } = require('./support/failures.js')
const { answerOk, makeClient, sendJson, startPeer } = require('./support/peer.js')

/**
 * Answers with a failure for the first so many requests, and well from then on.
 *
 * @param {number} failures
 * @param {number} status
 * @param {Record<string, string>} [headers]
 * @returns {import('./support/peer.js').Answerer}
 */
function failing(failures, status, headers = {}) {
  return (request, response, count) =>
    count <= failures ? sendJson(response, status, {}, headers) : answerOk(request, response, count)
}

describe('a failure that may pass', { timeout: 60_000 }, () => {
  for (const status of [408, 429, 500, 502, 503, 504]) {
    it(`given two answers ${status}, when a resource is got, then the third answer is the caller's`, async (t) => {
      const peer = await startPeer(t, { api: failing(2, status) })
      const client = makeClient(t, peer.options)
      assert.deepEqual(await client.get('/a'), { ok: true })
      assert.deepEqual([peer.calls.length, client.stats().retries], [3, 2])
    })
  }

  it('given failures without end, when a resource is got, then the last is the error after three attempts', async (t) => {
    const peer = await startPeer(t, { api: failing(Number.POSITIVE_INFINITY, 503) })
    const error = await failure(makeClient(t, peer.options).get('/a'), 'ERR_LAYER1_API')
    assert.deepEqual([error.attempts, error.status, error.retryable, peer.calls.length], [3, 503, true, 3])
  })

  for (const [where, options, callOptions] of /** @type {const} */ ([
    ['of the client', { maxRetries: 0 }, {}],
    ['of the call', {}, { maxRetries: 0 }],
  ])) {
    it(`given maxRetries 0 ${where}, when a resource is got, then there is one attempt`, async (t) => {
      const peer = await startPeer(t, { api: failing(1, 503) })
      await failure(makeClient(t, { ...peer.options, ...options }).get('/a', callOptions), 'ERR_LAYER1_API')
      assert.equal(peer.calls.length, 1)
    })
  }

  for (const status of [400, 403, 404, 409, 501]) {
    it(`given ${status}, when a resource is got, then it is not tried again`, async (t) => {
      const peer = await startPeer(t, { api: failing(1, status) })
      await failure(makeClient(t, peer.options).get('/a'), 'ERR_LAYER1_API')
      assert.equal(peer.calls.length, 1)
    })
  }

  it('given a connection that breaks, when a resource is got, then it is tried again', async (t) => {
    const peer = await startPeer(t, {
      api: (request, response, count) => (count === 1 ? request.socket.destroy() : answerOk(request, response, count)),
    })
    assert.deepEqual(await makeClient(t, peer.options).get('/a'), { ok: true })
    assert.equal(peer.calls.length, 2)
  })
})

describe('a kept connection that is dead', { timeout: 60_000 }, () => {
  it('given maxRetries 0, when it breaks on reuse, then one free retry answers the call', async (t) => {
    const peer = await startPeer(t, {
      api: (request, response, count) => (count === 2 ? request.socket.destroy() : answerOk(request, response, count)),
    })
    const client = makeClient(t, { ...peer.options, maxRetries: 0 })
    await client.get('/a')
    assert.deepEqual(await client.get('/b'), { ok: true })
    assert.equal(peer.calls.length, 3)
  })

  it('given maxRetries 0, when a new connection breaks, then it is the error', async (t) => {
    const peer = await startPeer(t, { api: (request) => request.socket.destroy() })
    // The token comes from another server: its connection would be a kept one.
    const { tokenUrl } = (await startPeer(t)).options
    const client = makeClient(t, { ...peer.options, tokenUrl, maxRetries: 0 })
    await failure(client.get('/a'), 'ERR_LAYER1_CONNECTION_LOST')
    assert.equal(peer.calls.length, 1)
  })
})

describe('the free retry and the budget', { timeout: 60_000 }, () => {
  it('given 300 kept connections that are dead, when no retry is allowed, then every call is answered', async (t) => {
    const used = new Set()
    const peer = await startPeer(t, {
      api: (request, response, count) => {
        if (used.has(request.socket)) request.socket.destroy()
        else answerOk(request, response, count)
        used.add(request.socket)
      },
    })
    const client = makeClient(t, { ...peer.options, maxRetries: 0 })
    // Every other call finds a connection of the one before, and loses it.
    for (let call = 0; call < 600; call++) await client.get('/a')
    assert.ok(client.stats().requests >= 890, `${client.stats().requests} requests`)
  })
})

describe('Retry-After', { timeout: 60_000 }, () => {
  it('given a wait that is past the deadline, when a resource is got, then the answer is the error at once', async (t) => {
    const peer = await startPeer(t, { api: failing(1, 503, { 'retry-after': '3600' }) })
    const error = await failure(makeClient(t, peer.options).get('/a'), 'ERR_LAYER1_API')
    assert.match(error.message, /not tried again: a wait of 3600000 ms \(Retry-After\) is past the deadline/)
    assert.equal(peer.calls.length, 1)
  })

  it('given one second, when a resource is got, then the next attempt comes no sooner', async (t) => {
    const peer = await startPeer(t, { api: failing(1, 429, { 'retry-after': '1' }) })
    await makeClient(t, peer.options).get('/a')
    const [first, second] = peer.calls
    assert.ok((second?.at ?? 0) - (first?.at ?? 0) >= 990)
  })

  for (const value of ['-1', 'soon', '999999999999']) {
    it(`given "${value}", when a resource is got, then it is ignored`, async (t) => {
      const peer = await startPeer(t, { api: failing(1, 503, { 'retry-after': value }) })
      assert.deepEqual(await makeClient(t, peer.options).get('/a'), { ok: true })
    })
  }
})

describe('the retry budget', { timeout: 60_000 }, () => {
  it('given an API that is down, when 300 calls fail, then they add little to its load', async (t) => {
    const peer = await startPeer(t, { api: failing(Number.POSITIVE_INFINITY, 503) })
    const client = makeClient(t, peer.options)
    const began = performance.now()
    await Promise.allSettled(Array.from({ length: 300 }, () => client.get('/a')))
    // A fifth of the calls, the reserve of 10, and one for each second that this machine took.
    const most = 300 + 60 + 10 + Math.ceil((performance.now() - began) / 1000)
    assert.ok(peer.calls.length <= most, `${peer.calls.length} requests, at most ${most} were due`)
    assert.ok(peer.calls.length > 300)
  })
})

describe('a token endpoint in trouble', { timeout: 60_000 }, () => {
  it('given two answers 503, when a token is asked for, then the third gives it', async (t) => {
    const peer = await startPeer(t, {
      token: (_request, response, count) =>
        count <= 2
          ? sendJson(response, 503, {})
          : sendJson(response, 200, { access_token: 'third', token_type: 'Bearer', expires_in: 300 }),
    })
    assert.equal(await makeClient(t, peer.options).getToken(), 'third')
  })

  it('given a refusal, when callers loop for less than a second, then the endpoint is asked once', async (t) => {
    const peer = await startPeer(t, {
      token: (_request, response) => sendJson(response, 401, { error: 'invalid_client' }),
    })
    const client = makeClient(t, peer.options)
    const began = performance.now()
    for (let index = 0; index < 20; index++) await failure(client.getToken(), 'ERR_LAYER1_AUTH')
    assert.ok(peer.tokenRequests.length <= 1 + Math.floor((performance.now() - began) / 1000))
  })
})
