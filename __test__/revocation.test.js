'use strict'
// Tokens that the API refuses before their time. One call and one 401 are in replay.test.js; here are crowds of them.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { setTimeout: pause } = require('node:timers/promises')
const { failure } = require('./support/failures.js')
const { answerOk, grantToken, makeClient, sendJson, sendToken, startPeer } = require('./support/peer.js')

/** @typedef {import('./support/peer.js').Answerer} Answerer */
/** @typedef {import('./support/peer.js').Seen} Seen */

const UNAUTHORIZED = { code: 'layer1:gateway:401', status: 'UNAUTHORIZED' }

/** @param {Seen} request */
function tokenOf(request) {
  return String(request.headers.authorization).replace('Bearer ', '')
}

/**
 * Holds back the answers to so many requests with a token until all of them are there, and then refuses them together.
 *
 * @param {number} count
 * @param {string} refused
 * @returns {Answerer}
 */
function refusingTogether(count, refused) {
  /** @type {(() => void)[]} */
  const held = []
  return (request, response, number) => {
    if (tokenOf(request) !== refused || request.url === '/before') return answerOk(request, response, number)
    held.push(() => sendJson(response, 401, UNAUTHORIZED))
    if (held.length === count) for (const refuse of held) refuse()
  }
}

describe('a token that was revoked', { timeout: 60_000 }, () => {
  it('given 500 calls that all have it, when all are refused at once, then one grant serves 500 replays', async (t) => {
    const peer = await startPeer(t, { api: refusingTogether(500, 'token-1') })
    const client = makeClient(t, { ...peer.options, maxConnections: 500 })
    await client.get('/before')
    const began = performance.now()
    const answers = await Promise.all(Array.from({ length: 500 }, (_, index) => client.get(`/a/${index}`)))
    t.diagnostic(`500 calls, refused and replayed, took ${(performance.now() - began).toFixed(0)} ms`)
    assert.deepEqual(answers, Array(500).fill({ ok: true }))
    assert.equal(peer.tokenRequests.length, 2)
    const { replays401, retries, requests } = client.stats()
    assert.deepEqual({ replays401, retries, requests }, { replays401: 500, retries: 0, requests: 1001 })
    const replays = peer.calls.filter((call) => tokenOf(call) === 'token-2')
    assert.equal(new Set(replays.map(({ url }) => url)).size, 500)
    assert.equal(client.stats().inFlight, 0)
  })

  it('given 500 calls over 16 connections, when their token is refused, then one grant serves all of them', async (t) => {
    const peer = await startPeer(t, {
      api: (request, response, count) =>
        tokenOf(request) === 'token-1' && request.url !== '/before'
          ? sendJson(response, 401, UNAUTHORIZED)
          : answerOk(request, response, count),
    })
    const client = makeClient(t, { ...peer.options, maxConnections: 16 })
    await client.get('/before')
    const answers = await Promise.all(Array.from({ length: 500 }, () => client.get('/a')))
    assert.deepEqual(answers, Array(500).fill({ ok: true }))
    assert.equal(peer.tokenRequests.length, 2)
    // Whoever came after the first 401 has the new token at once.
    const refused = peer.calls.filter((call) => tokenOf(call) === 'token-1').length - 1
    assert.equal(client.stats().replays401, refused)
    assert.equal(peer.calls.length, 1 + 500 + refused)
    t.diagnostic(`${refused} of 500 calls met the 401`)
  })

  it('given posts that have it, when they are refused, then each is replayed once with its own body', async (t) => {
    const peer = await startPeer(t, { api: refusingTogether(50, 'token-1') })
    const client = makeClient(t, { ...peer.options, maxRetries: 0 })
    await client.get('/before')
    await Promise.all(Array.from({ length: 50 }, (_, index) => client.post(`/a/${index}`, { reference: `R-${index}` })))
    assert.equal(peer.tokenRequests.length, 2)
    const sent = peer.calls.filter(({ url }) => url !== '/before')
    assert.equal(sent.length, 100)
    for (const { url, body } of sent) assert.equal(body, JSON.stringify({ reference: url.replace('/a/', 'R-') }))
  })

  it('given clients that share it, when calls of both are refused, then one grant serves both', async (t) => {
    const peer = await startPeer(t, { api: refusingTogether(40, 'token-1') })
    const clients = [makeClient(t, peer.options), makeClient(t, peer.options)]
    await clients[0]?.get('/before')
    await Promise.all(clients.flatMap((client) => Array.from({ length: 20 }, () => client.get('/a'))))
    assert.equal(peer.tokenRequests.length, 2)
    assert.deepEqual(
      clients.map((client) => client.stats().replays401),
      [20, 20],
    )
  })

  it('given a renewal under way, when its predecessor is refused, then calls join it', async (t) => {
    /** @type {(() => void)[]} */
    const grants = []
    const peer = await startPeer(t, {
      token: (request, response, count) => {
        if (count === 1) grantToken(request, response, count)
        else grants.push(() => grantToken(request, response, count))
      },
      api: (request, response, count) =>
        tokenOf(request) === 'token-1' ? sendJson(response, 401, UNAUTHORIZED) : answerOk(request, response, count),
    })
    const client = makeClient(t, peer.options)
    await client.getToken()
    const forced = client.getToken({ forceRefresh: true })
    await peer.asked(2)
    const calls = Array.from({ length: 20 }, () => client.get('/a'))
    await peer.called(20)
    await pause(50)
    grants[0]?.()
    assert.deepEqual(await Promise.all(calls), Array(20).fill({ ok: true }))
    assert.equal(await forced, 'token-2')
    assert.equal(peer.tokenRequests.length, 2)
  })

  it('given 50 calls with an old token, when their 401s come late and one by one, then none asks for another', async (t) => {
    /** @type {(() => void)[]} */
    const held = []
    const peer = await startPeer(t, {
      api: (request, response, count) => {
        if (tokenOf(request) === 'token-1') held.push(() => sendJson(response, 401, UNAUTHORIZED))
        else answerOk(request, response, count)
      },
    })
    const client = makeClient(t, peer.options)
    const calls = Array.from({ length: 50 }, () => client.get('/a'))
    await peer.called(50)
    held.shift()?.()
    await Promise.any(calls)
    assert.equal(peer.tokenRequests.length, 2)
    // Past the second in which no 401 drives a grant: only being late can keep these from it.
    await pause(1_100)
    for (const refuse of held) {
      refuse()
      await pause(5)
    }
    assert.deepEqual(await Promise.all(calls), Array(50).fill({ ok: true }))
    assert.equal(client.stats().replays401, 50)
    assert.equal(peer.tokenRequests.length, 2)
    assert.equal(await client.getToken(), 'token-2')
  })

  it('given a replay for which there is no token, when the grant fails, then all calls have its error, by one grant', async (t) => {
    const peer = await startPeer(t, {
      token: (request, response, count) =>
        count === 1 ? grantToken(request, response, count) : sendJson(response, 400, { error: 'unauthorized_client' }),
      api: refusingTogether(30, 'token-1'),
    })
    const client = makeClient(t, peer.options)
    await client.get('/before')
    const began = performance.now()
    const errors = await Promise.all(Array.from({ length: 30 }, () => failure(client.get('/a'), 'ERR_LAYER1_AUTH')))
    assert.ok(errors.every(({ cause }) => cause?.status === 401))
    // One that asks within the same second hears the same again.
    const most = 2 + Math.floor((performance.now() - began) / 1000)
    assert.ok(peer.tokenRequests.length <= most, `${peer.tokenRequests.length} grants, at most ${most} were due`)
  })
})

describe('an API that refuses every token', { concurrency: true, timeout: 60_000 }, () => {
  for (const [what, token] of /** @type {[string, Answerer][]} */ ([
    ['another token each time', grantToken],
    ['the same token each time', (_request, response) => sendToken(response, { access_token: 'the-same' })],
  ])) {
    it(`given ${what}, when eight loops insist for 3 s, then at most one grant a second is made`, async (t) => {
      const peer = await startPeer(t, { token, api: (_request, response) => sendJson(response, 401, UNAUTHORIZED) })
      const client = makeClient(t, peer.options)
      const began = performance.now()
      const insist = async () => {
        while (performance.now() - began < 3_000) {
          const error = await failure(client.get('/a'), 'ERR_LAYER1_API')
          assert.equal(error.status, 401)
          assert.ok(error.attempts === 1 || error.attempts === 2, `${error.attempts} attempts`)
          await pause(5)
        }
      }
      await Promise.all(Array.from({ length: 8 }, insist))
      // The first token is asked for by nobody's 401.
      const most = 2 + Math.floor((performance.now() - began) / 1000)
      const { tokenRequests, calls } = peer
      t.diagnostic(`${tokenRequests.length} grants for ${calls.length} refused requests`)
      assert.ok(tokenRequests.length <= most, `${tokenRequests.length} grants, at most ${most} were due`)
      // It does not give up either: a token of the next second may be better.
      assert.ok(tokenRequests.length >= 3, `${tokenRequests.length} grants`)
      assert.equal(calls.length, client.stats().requests)
    })
  }
})

describe('a refusal that no token would change', { timeout: 60_000 }, () => {
  for (const [what, status, challenge] of /** @type {const} */ ([
    ['401 with insufficient_scope', 401, 'Bearer realm="bvnk", error="insufficient_scope", scope="networks:view"'],
    ['401 with insufficient_scope, unquoted', 401, 'Bearer error=insufficient_scope'],
    [
      '401 with insufficient_scope in a second challenge',
      401,
      ['Basic realm="x"', 'Bearer error="insufficient_scope"'],
    ],
    ['403', 403, undefined],
    ['403 with insufficient_scope', 403, 'Bearer error="insufficient_scope"'],
    ['403 with invalid_token', 403, 'Bearer error="invalid_token"'],
  ])) {
    it(`given ${what}, when 100 calls meet it, then each is its caller's error, and no token is asked for`, async (t) => {
      const peer = await startPeer(t, {
        api: (_request, response) =>
          sendJson(response, status, {}, challenge === undefined ? {} : { 'www-authenticate': [challenge].flat() }),
      })
      const client = makeClient(t, peer.options)
      const errors = await Promise.all(Array.from({ length: 100 }, () => failure(client.get('/a'), 'ERR_LAYER1_API')))
      assert.ok(errors.every((error) => error.status === status && error.attempts === 1))
      assert.deepEqual([peer.calls.length, peer.tokenRequests.length, client.stats().replays401], [100, 1, 0])
      assert.equal(await client.getToken(), 'token-1')
    })
  }

  it('given 401 with invalid_token, when a call meets it, then it is replayed with a new token', async (t) => {
    const peer = await startPeer(t, {
      api: (request, response, count) =>
        count === 1
          ? sendJson(response, 401, {}, { 'www-authenticate': 'Bearer realm="bvnk", error="invalid_token"' })
          : answerOk(request, response, count),
    })
    assert.deepEqual(await makeClient(t, peer.options).get('/a'), { ok: true })
    assert.equal(peer.tokenRequests.length, 2)
  })
})
