'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { startSandbox } = require('layer1/sandbox')
const { failure } = require('./support/failures.js')
const { answerOk, grantToken, makeClient, sendJson, sendToken, startPeer } = require('./support/peer.js')

/** @typedef {import('./support/peer.js').Answerer} Answerer */

/**
 * Answers 401 to some tokens, and well to the others.
 *
 * @param {(token: string) => boolean} isRejected
 * @returns {Answerer}
 */
function rejecting(isRejected) {
  return (request, response, count) => {
    const token = String(request.headers.authorization).replace('Bearer ', '')
    if (isRejected(token)) sendJson(response, 401, { code: 'layer1:gateway:401', status: 'UNAUTHORIZED' })
    else answerOk(request, response, count)
  }
}

describe('a 401', { timeout: 60_000 }, () => {
  it('given a token that was revoked, when a call is made, then it is replayed with a new one', async (t) => {
    const peer = await startPeer(t, { api: rejecting((token) => token === 'token-1') })
    const client = makeClient(t, peer.options)
    assert.deepEqual(await client.get('/a?b=c'), { ok: true })
    assert.deepEqual(
      peer.calls.map(({ url, headers }) => [url, headers.authorization]),
      [
        ['/a?b=c', 'Bearer token-1'],
        ['/a?b=c', 'Bearer token-2'],
      ],
    )
    assert.equal(client.stats().replays401, 1)
  })

  it('given maxRetries 0, when a token was revoked, then the call is replayed all the same', async (t) => {
    const peer = await startPeer(t, { api: rejecting((token) => token === 'token-1') })
    const client = makeClient(t, { ...peer.options, maxRetries: 0 })
    assert.deepEqual(await client.get('/a', { maxRetries: 0 }), { ok: true })
  })

  it('given an API that refuses every token, when a call is made, then the second 401 is the error', async (t) => {
    const peer = await startPeer(t, { api: rejecting(() => true) })
    const error = await failure(makeClient(t, peer.options).get('/a'), 'ERR_LAYER1_API')
    assert.deepEqual([error.status, error.attempts, error.apiStatus], [401, 2, 'UNAUTHORIZED'])
    assert.deepEqual([peer.calls.length, peer.tokenRequests.length], [2, 2])
  })

  it('given a replay that cannot have a token, when the grant is refused, then that is the error', async (t) => {
    const peer = await startPeer(t, {
      token: (request, response, count) =>
        count === 1 ? grantToken(request, response, count) : sendJson(response, 401, { error: 'unauthorized_client' }),
      api: rejecting(() => true),
    })
    const error = await failure(makeClient(t, peer.options).get('/a'), 'ERR_LAYER1_AUTH')
    assert.equal(error.oauthError, 'unauthorized_client')
  })

  it('given an API that refuses every token, when callers insist, then they drive at most one grant a second', async (t) => {
    const peer = await startPeer(t, { api: rejecting(() => true) })
    const client = makeClient(t, peer.options)
    const began = performance.now()
    for (let index = 0; index < 30; index++) await failure(client.get('/a'), 'ERR_LAYER1_API')
    // The first token is asked for by nobody's 401.
    const most = 2 + Math.floor((performance.now() - began) / 1000)
    assert.ok(peer.tokenRequests.length <= most, `${peer.tokenRequests.length} grants, at most ${most} were due`)
  })

  it('given 500 calls at once, when all tokens were revoked, then one grant serves them and all are answered', async (t) => {
    const sandbox = await startSandbox()
    t.after(() => sandbox.close())
    const client = makeClient(t, sandbox.options)
    await client.get('/api/v1/asset-pools')
    sandbox.revokeTokens()
    sandbox.clearRequests()
    const pages = await Promise.all(
      Array.from({ length: 500 }, () => client.get('/api/v1/asset-pools', { query: { pageSize: 1 } })),
    )
    assert.equal(pages.filter((page) => /** @type {any} */ (page).content.length === 1).length, 500)
    assert.equal(sandbox.requests.filter(({ endpoint }) => endpoint === 'token').length, 1)
  })

  it('given a 401 that comes late for an old token, when a newer one is there, then that one stays', async (t) => {
    /** @type {(() => void)[]} */
    const held = []
    const peer = await startPeer(t, {
      api: (request, response, count) => {
        if (request.url === '/slow' && held.length === 0) {
          held.push(() => sendJson(response, 401, {}))
        } else {
          answerOk(request, response, count)
        }
      },
    })
    const client = makeClient(t, peer.options)
    const slow = client.get('/slow')
    await peer.called(1)
    assert.equal(await client.getToken({ forceRefresh: true }), 'token-2')
    held[0]?.()
    assert.deepEqual(await slow, { ok: true })
    assert.equal(await client.getToken(), 'token-2')
    assert.equal(peer.tokenRequests.length, 2)
  })

  it('given an endpoint that grants the rejected token again, when the 401 was a passing one, then calls go on', async (t) => {
    const peer = await startPeer(t, {
      token: (_request, response) => sendToken(response, { access_token: 'the-same' }),
      api: (request, response, count) =>
        count === 1 ? sendJson(response, 401, {}) : answerOk(request, response, count),
    })
    const client = makeClient(t, peer.options)
    for (let index = 0; index < 5; index++) assert.deepEqual(await client.get('/a'), { ok: true })
  })

  it('given an endpoint that grants the rejected token again, when calls follow, then not each asks for a token', async (t) => {
    const peer = await startPeer(t, {
      token: (_request, response) => sendToken(response, { access_token: 'the-same' }),
      api: (request, response, count) =>
        count === 1 ? sendJson(response, 401, {}) : answerOk(request, response, count),
    })
    const client = makeClient(t, peer.options)
    const began = performance.now()
    for (let index = 0; index < 20; index++) await client.get('/a')
    const most = 2 + Math.floor((performance.now() - began) / 1000)
    assert.ok(peer.tokenRequests.length <= most, `${peer.tokenRequests.length} grants, at most ${most} were due`)
  })
})

describe('a 403', { timeout: 60_000 }, () => {
  it('given a 403, when a call is made, then it is the error, and the token stays', async (t) => {
    const peer = await startPeer(t, { api: (_request, response) => sendJson(response, 403, {}) })
    const client = makeClient(t, peer.options)
    const error = await failure(client.get('/a'), 'ERR_LAYER1_API')
    assert.deepEqual([error.status, error.attempts], [403, 1])
    assert.equal(await client.getToken(), 'token-1')
  })

  it('given a 401 for insufficient_scope, when a call is made, then no new token is asked for', async (t) => {
    const peer = await startPeer(t, {
      api: (_request, response) =>
        sendJson(response, 401, {}, { 'www-authenticate': 'Bearer realm="bvnk", error="insufficient_scope"' }),
    })
    const error = await failure(makeClient(t, peer.options).get('/a'), 'ERR_LAYER1_API')
    assert.equal(error.status, 401)
    assert.deepEqual([peer.calls.length, peer.tokenRequests.length], [1, 1])
  })
})
