'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { Layer1ApiError } = require('layer1')
const { failure } = require('./support/failures.js')
const { deadEnd, grantToken, makeClient, neverAnswer, sendJson, startPeer } = require('./support/peer.js')

/** Answers 503 first, and never again. @type {import('./support/peer.js').Answerer} */
function failThenHang(request, response, count) {
  if (count === 1) sendJson(response, 503, { message: 'busy' }, { 'retry-after': '0' })
  else neverAnswer(request, response, count)
}

describe('the cause of an error', { timeout: 60_000 }, () => {
  it('given an attempt that failed, when the next is out of time, then the first one is the cause', async (t) => {
    const peer = await startPeer(t, { api: failThenHang })
    const error = await failure(makeClient(t, peer.options).get('/a', { timeout: 500 }), 'ERR_LAYER1_TIMEOUT')
    assert.equal(error.attempts, 2)
    assert.ok(error.cause instanceof Layer1ApiError)
    const { status, attempts, path } = /** @type {any} */ (error.cause)
    assert.deepEqual([status, attempts, path], [503, 1, '/a'])
  })

  it('given a 401, when the grant for its replay is refused, then the 401 is the cause', async (t) => {
    const peer = await startPeer(t, {
      token: (request, response, count) =>
        count === 1 ? grantToken(request, response, count) : sendJson(response, 401, { error: 'invalid_client' }),
      api: (_request, response) => sendJson(response, 401, {}),
    })
    const error = await failure(makeClient(t, peer.options).get('/a'), 'ERR_LAYER1_AUTH')
    assert.equal(/** @type {any} */ (error.cause).status, 401)
  })

  it('given attempts that fail alike, when the last is the error, then the one before it is the cause', async (t) => {
    const peer = await startPeer(t, {
      api: (_request, response, count) => sendJson(response, count === 1 ? 502 : 503, {}, { 'retry-after': '0' }),
    })
    const error = await failure(makeClient(t, peer.options).get('/a', { maxRetries: 1 }), 'ERR_LAYER1_API')
    assert.deepEqual([error.status, /** @type {any} */ (error.cause).status], [503, 502])
  })

  it('given a port that is closed, when a call fails, then the cause is what the system said', async (t) => {
    const { host, port } = await deadEnd(t)
    const { options } = await startPeer(t)
    const client = makeClient(t, { ...options, baseUrl: `http://${host}:${port}`, maxRetries: 0 })
    const error = await failure(client.get('/a'), 'ERR_LAYER1_CONNECT')
    assert.match(/** @type {any} */ (error.cause).message, /refused/i)
  })

  it('given one attempt that fails, when it is the error, then there is no cause', async (t) => {
    const peer = await startPeer(t, { api: (_request, response) => sendJson(response, 404, {}) })
    const error = await failure(makeClient(t, peer.options).get('/a'), 'ERR_LAYER1_API')
    assert.equal(Object.hasOwn(error, 'cause'), false)
  })
})
