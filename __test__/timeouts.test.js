'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { Layer1TimeoutError } = require('layer1')
const { failure } = require('./support/failures.js')
const { answerOk, makeClient, neverAnswer, startPeer, startTcp } = require('./support/peer.js')

// Long enough for a busy machine to reach the phase in question, whose own end never comes.
const timeout = 400

/** @type {import('./support/peer.js').Answerer} */
function beginAndHang(_request, response) {
  response.writeHead(200, { 'content-length': '100' })
  response.write('{"a":')
}

describe('the phase in which the time was up', { timeout: 60_000 }, () => {
  it('given a token endpoint that hangs, when a call is out of time, then it waited for a token', async (t) => {
    const peer = await startPeer(t, { token: neverAnswer })
    const error = await failure(makeClient(t, { ...peer.options, timeout }).get('/a'), 'ERR_LAYER1_TIMEOUT')
    assert.ok(error instanceof Layer1TimeoutError)
    assert.deepEqual([error.phase, error.endpoint, error.method, error.path], ['token', 'token', 'GET', '/a'])
    assert.deepEqual([error.host, error.port], ['127.0.0.1', peer.port])
  })

  it('given one connection that is busy, when a call is out of time, then it waited in the queue', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const client = makeClient(t, { ...peer.options, maxConnections: 1 })
    await client.getToken()
    client.get('/hangs').catch(() => {})
    await peer.called(1)
    const error = await failure(client.get('/a', { timeout }), 'ERR_LAYER1_TIMEOUT')
    assert.deepEqual([error.phase, error.endpoint], ['queue', 'api'])
    assert.equal(peer.calls.length, 1)
  })

  it('given a call that waited in the queue, when it is out of time, then it made no attempt', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const client = makeClient(t, { ...peer.options, maxConnections: 1 })
    await client.getToken()
    client.get('/hangs').catch(() => {})
    await peer.called(1)
    const { attempts } = await failure(client.get('/a', { timeout }), 'ERR_LAYER1_TIMEOUT')
    assert.equal(attempts, 0)
  })

  it('given a TLS handshake without answer, when a call is out of time, then it waited for a connection', async (t) => {
    const port = await startTcp(t, () => {})
    const { options } = await startPeer(t)
    const client = makeClient(t, { ...options, baseUrl: `https://127.0.0.1:${port}`, timeout })
    const error = await failure(client.get('/a'), 'ERR_LAYER1_TIMEOUT')
    assert.deepEqual([error.phase, error.endpoint, error.host, error.port], ['connect', 'api', '127.0.0.1', port])
  })

  it('given connectTimeout, when a TLS handshake has no answer, then it waited for a connection', async (t) => {
    const port = await startTcp(t, () => {})
    const { options } = await startPeer(t)
    const baseUrl = `https://127.0.0.1:${port}`
    const client = makeClient(t, { ...options, baseUrl, connectTimeout: 100, timeout: 60_000, maxRetries: 0 })
    const error = await failure(client.get('/a'), 'ERR_LAYER1_TIMEOUT')
    assert.deepEqual([error.phase, error.endpoint, error.host, error.port], ['connect', 'api', '127.0.0.1', port])
    assert.match(error.message, /connectTimeout/)
  })

  it('given connectTimeout, when the token endpoint does not shake hands, then the error says which endpoint', async (t) => {
    const port = await startTcp(t, () => {})
    const { options } = await startPeer(t)
    const tokenUrl = `https://127.0.0.1:${port}/token`
    const client = makeClient(t, { ...options, tokenUrl, connectTimeout: 100, maxRetries: 0 })
    const error = await failure(client.get('/a'), 'ERR_LAYER1_TIMEOUT')
    assert.deepEqual([error.phase, error.endpoint, error.port], ['connect', 'token', port])
  })

  it('given an API that does not answer, when a call is out of time, then it waited for headers', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const error = await failure(makeClient(t, { ...peer.options, timeout }).get('/a'), 'ERR_LAYER1_TIMEOUT')
    assert.deepEqual([error.phase, error.endpoint, error.port], ['headers', 'api', peer.port])
    assert.deepEqual([error.attempts, error.retryable], [1, true])
  })

  it('given an answer that stops half-way, when a call is out of time, then it waited for the body', async (t) => {
    const peer = await startPeer(t, { api: beginAndHang })
    const error = await failure(makeClient(t, { ...peer.options, timeout }).get('/a'), 'ERR_LAYER1_TIMEOUT')
    assert.deepEqual([error.phase, error.endpoint, error.attempts], ['body', 'api', 1])
  })

  it('given a body that drips, when a call is out of time, then dripping did not prolong it', async (t) => {
    const peer = await startPeer(t, {
      api: (_request, response) => {
        response.write('[')
        const drip = setInterval(() => response.write(' '), 20)
        response.once('close', () => clearInterval(drip))
      },
    })
    const error = await failure(makeClient(t, { ...peer.options, timeout }).get('/a'), 'ERR_LAYER1_TIMEOUT')
    assert.equal(error.phase, 'body')
  })
})

describe('the deadline of a call', { timeout: 60_000 }, () => {
  it('given a timeout of the call, when the client has another, then the one of the call counts', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const client = makeClient(t, { ...peer.options, timeout: Number.POSITIVE_INFINITY })
    const error = await failure(client.get('/a', { timeout: 123 }), 'ERR_LAYER1_TIMEOUT')
    assert.match(error.message, /123 ms/)
  })

  it('given a call that is out of time, when the server looks, then its connection was closed', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const failed = failure(makeClient(t, { ...peer.options, timeout }).get('/a'), 'ERR_LAYER1_TIMEOUT')
    const { socket } = await peer.called(1)
    await new Promise((resolve) => socket.once('close', resolve))
    await failed
  })

  it('given one connection, when its call is out of time, then the next call has it', async (t) => {
    const peer = await startPeer(t, {
      api: (request, response, count) => (count === 1 ? undefined : answerOk(request, response, count)),
    })
    const client = makeClient(t, { ...peer.options, maxConnections: 1 })
    await failure(client.get('/a', { timeout }), 'ERR_LAYER1_TIMEOUT')
    assert.deepEqual(await client.get('/a'), { ok: true })
  })

  it('given a replay after a 401, when it hangs, then one deadline counts for both attempts', async (t) => {
    const peer = await startPeer(t, {
      api: (_request, response, count) => (count === 1 ? void response.writeHead(401).end() : undefined),
    })
    const error = await failure(makeClient(t, { ...peer.options, timeout }).get('/a'), 'ERR_LAYER1_TIMEOUT')
    assert.deepEqual([error.phase, error.attempts], ['headers', 2])
  })

  it('given a token at hand and no time at all, when it is asked for, then the caller is not left waiting', async (t) => {
    const peer = await startPeer(t, { token: neverAnswer })
    await failure(makeClient(t, peer.options).getToken({ timeout: Number.MIN_VALUE }), 'ERR_LAYER1_TIMEOUT')
  })

  const large = [2 ** 31, 2 ** 32 + 1, 2 ** 53, 1e15, 1e300, Number.MAX_VALUE, Number.POSITIVE_INFINITY]
  for (const limit of large) {
    it(`given limits of ${limit} ms, when a call is made, then none wraps around`, async (t) => {
      const peer = await startPeer(t)
      const client = makeClient(t, { ...peer.options, timeout: limit, connectTimeout: limit })
      assert.deepEqual(await client.get('/a'), { ok: true })
      assert.deepEqual(await client.get('/a', { timeout: limit }), { ok: true })
      assert.equal(await client.getToken({ timeout: limit, forceRefresh: true }), 'token-2')
    })
  }

  for (const bad of [0, -1, Number.NaN, Number.NEGATIVE_INFINITY, '1000', 1000n, {}, [], true, Symbol('1')]) {
    it(`given ${typeof bad} ${String(bad)} as timeout, when a call is made, then it is refused`, async (t) => {
      const peer = await startPeer(t)
      const client = makeClient(t, peer.options)
      for (const promise of [
        client.get('/a', { timeout: /** @type {any} */ (bad) }),
        client.getToken({ timeout: /** @type {any} */ (bad) }),
        client.getTokenInfo({ timeout: /** @type {any} */ (bad) }),
      ]) {
        assert.match((await failure(promise, 'ERR_LAYER1_REQUEST')).message, /timeout/)
      }
      assert.equal(peer.connections(), 0)
    })
  }
})
