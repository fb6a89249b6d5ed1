'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { setImmediate: nextTurn } = require('node:timers/promises')
const { describe, it } = require('node:test')
const { failure } = require('./support/failures.js')
const { grantToken, makeClient, neverAnswer, sendJson, sendToken, startPeer } = require('./support/peer.js')

describe('getToken()', { timeout: 60_000 }, () => {
  it('given a cold client, when 1,000 callers ask at once, then one request serves them all', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, peer.options)
    const tokens = await Promise.all(Array.from({ length: 1000 }, () => client.getToken()))
    assert.deepEqual([...new Set(tokens)], ['token-1'])
    assert.equal(peer.tokenRequests.length, 1)
  })

  it('given a cold client, when calls of every kind begin at once, then one token request serves them all', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, peer.options)
    await Promise.all([client.get('/a'), client.getToken(), client.getTokenInfo(), client.get('/b')])
    assert.equal(peer.tokenRequests.length, 1)
  })

  it('given concurrent callers, when the request fails, then they share the failure', async (t) => {
    const peer = await startPeer(t, {
      token: (_request, response) => sendJson(response, 401, { error: 'invalid_client' }),
    })
    const client = makeClient(t, peer.options)
    const errors = await Promise.all(Array.from({ length: 100 }, () => failure(client.getToken(), 'ERR_LAYER1_AUTH')))
    assert.equal(errors.length, 100)
    assert.equal(peer.tokenRequests.length, 1)
  })

  it('given callers who share a failure, when one changes its error, then the others do not see that', async (t) => {
    const peer = await startPeer(t, {
      token: (_request, response) => sendJson(response, 401, { error: 'invalid_client' }),
    })
    const client = makeClient(t, peer.options)
    const [one, other] = await Promise.all([failure(client.getToken()), failure(client.getToken())])
    one.note = 'mine'
    assert.equal(other.note, undefined)
  })

  it('given an overloaded endpoint, when it has recovered, then the next call gets a token', async (t) => {
    let isDown = true
    const peer = await startPeer(t, {
      token: (request, response, count) =>
        isDown ? sendJson(response, 503, {}) : grantToken(request, response, count),
    })
    const client = makeClient(t, { ...peer.options, maxRetries: 0 })
    await failure(client.getToken(), 'ERR_LAYER1_AUTH')
    isDown = false
    assert.match(await client.getToken(), /^token-/)
  })

  it('given callers who wait for one request, when one aborts, then the other gets the token', async (t) => {
    /** @type {(() => void)[]} */
    const held = []
    const peer = await startPeer(t, {
      token: (request, response, count) => void held.push(() => grantToken(request, response, count)),
    })
    const client = makeClient(t, peer.options)
    const controller = new AbortController()
    const aborted = client.getToken({ signal: controller.signal }).catch((reason) => reason)
    const other = client.getToken()
    await peer.asked(1)
    controller.abort('enough')
    assert.equal(await aborted, 'enough')
    held[0]?.()
    assert.equal(await other, 'token-1')
  })

  it('given callers who wait for one request, when one is out of time, then the other gets the token', async (t) => {
    /** @type {(() => void)[]} */
    const held = []
    const peer = await startPeer(t, {
      token: (request, response, count) => void held.push(() => grantToken(request, response, count)),
    })
    const client = makeClient(t, peer.options)
    const other = client.getToken()
    await peer.asked(1)
    await failure(client.getToken({ timeout: 1 }), 'ERR_LAYER1_TIMEOUT')
    held[0]?.()
    assert.equal(await other, 'token-1')
    assert.equal(peer.tokenRequests.length, 1)
  })

  it('given a caller who gave up on a cold client, when the token comes all the same, then the next caller has it', async (t) => {
    /** @type {(() => void)[]} */
    const held = []
    const peer = await startPeer(t, {
      token: (request, response, count) => void held.push(() => grantToken(request, response, count)),
    })
    const client = makeClient(t, peer.options)
    const controller = new AbortController()
    const first = client.getToken({ signal: controller.signal }).catch(() => 'aborted')
    await peer.asked(1)
    controller.abort()
    await first
    held[0]?.()
    assert.equal(await client.getToken(), 'token-1')
    assert.equal(peer.tokenRequests.length, 1)
  })

  it('given tokens of 20 ms, when the client is used on and on, then tokens are renewed, and none is used after its end', async (t) => {
    const lifetime = 20
    const peer = await startPeer(t, {
      token: (_request, response, count) =>
        sendToken(response, { access_token: `token-${count}`, expires_in: lifetime / 1000 }),
    })
    const client = makeClient(t, peer.options)
    while (peer.tokenRequests.length < 10) {
      const askedAt = performance.now()
      const token = await client.getToken()
      // The client's own count began before the request came here, so this bound is late rather than early.
      const grantedAt = peer.tokenRequests[Number(token.slice('token-'.length)) - 1]?.at ?? Number.NaN
      assert.ok(askedAt < grantedAt + lifetime, `${token} was given ${askedAt - grantedAt} ms after its grant`)
      await nextTurn()
    }
  })
})

describe('getToken({ forceRefresh })', { timeout: 60_000 }, () => {
  it('given a valid token, when a refresh is forced, then a new one is granted, and kept', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    assert.equal(await client.getToken(), 'token-1')
    assert.equal(await client.getToken({ forceRefresh: true }), 'token-2')
    assert.equal(await client.getToken(), 'token-2')
  })

  it('given a request under way, when refreshes are forced, then they join it', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, peer.options)
    const wishes = [client.getToken(), ...Array.from({ length: 9 }, () => client.getToken({ forceRefresh: true }))]
    assert.deepEqual(new Set(await Promise.all(wishes)), new Set(['token-1']))
    assert.equal(peer.tokenRequests.length, 1)
  })

  it('given a forced refresh that fails, when others ask, then they have the valid token', async (t) => {
    const peer = await startPeer(t, {
      token: (request, response, count) =>
        count === 1 ? grantToken(request, response, count) : sendJson(response, 400, { error: 'invalid_client' }),
    })
    const client = makeClient(t, peer.options)
    await client.getToken()
    await failure(client.getToken({ forceRefresh: true }), 'ERR_LAYER1_AUTH')
    assert.equal(await client.getToken(), 'token-1')
  })

  it('given a forced refresh under way, when others ask, then they have the valid token at once', async (t) => {
    const peer = await startPeer(t, {
      token: (request, response, count) => (count === 1 ? grantToken(request, response, count) : undefined),
    })
    const client = makeClient(t, peer.options)
    await client.getToken()
    client.getToken({ forceRefresh: true }).catch(() => {})
    await peer.asked(2)
    assert.equal(await client.getToken(), 'token-1')
  })

  for (const wish of [false, null, undefined]) {
    it(`given a valid token, when forceRefresh is ${wish}, then it is given again`, async (t) => {
      const client = makeClient(t, (await startPeer(t)).options)
      await client.getToken()
      assert.equal(await client.getToken({ forceRefresh: wish }), 'token-1')
    })
  }
})

describe('invalidateToken()', { timeout: 60_000 }, () => {
  it('given a valid token, when it is invalidated, then the next use has a new one', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, peer.options)
    await client.get('/a')
    client.invalidateToken()
    await client.get('/b')
    assert.equal(peer.calls[1]?.headers.authorization, 'Bearer token-2')
  })

  it('given a client that never had a token, when it is invalidated twice, then nothing is sent', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, peer.options)
    client.invalidateToken()
    client.invalidateToken()
    assert.equal(peer.connections(), 0)
    assert.equal(await client.getToken(), 'token-1')
  })

  it('given a request under way, when the token is invalidated meanwhile, then later callers get a newer one', async (t) => {
    /** @type {(() => void)[]} */
    const held = []
    const peer = await startPeer(t, {
      token: (request, response, count) => {
        if (count === 1) held.push(() => grantToken(request, response, count))
        else grantToken(request, response, count)
      },
    })
    const client = makeClient(t, peer.options)
    const early = client.getToken()
    await peer.asked(1)
    client.invalidateToken()
    const late = client.getToken()
    held[0]?.()
    await early
    assert.equal(await late, 'token-2')
    assert.equal(await client.getToken(), 'token-2')
  })
})

describe('getTokenInfo()', { timeout: 60_000 }, () => {
  it('given a grant, when its info is asked for, then it says token, type, end and scope', async (t) => {
    const peer = await startPeer(t, {
      token: (_request, response) =>
        sendToken(response, { token_type: 'bearer', scope: 'networks:view tenants:view', expires_in: 300 }),
    })
    const before = Date.now()
    const info = await makeClient(t, peer.options).getTokenInfo()
    const after = Date.now()
    assert.deepEqual(Object.keys(info).sort(), ['accessToken', 'expiresAt', 'scope', 'tokenType'])
    assert.equal(info.accessToken, 'token-x')
    assert.equal(info.tokenType, 'bearer')
    assert.deepEqual(info.scope, ['networks:view', 'tenants:view'])
    assert.ok(info.expiresAt instanceof Date)
    const began = info.expiresAt.getTime() - 300_000
    assert.ok(began >= before - 1 && began <= after + 1, `counted from ${began}, not within ${before}–${after}`)
  })

  it('given a slow endpoint, when the end is computed, then it counts from the moment the request was sent', async (t) => {
    let arrivedAt = 0
    const peer = await startPeer(t, {
      token: (_request, response) => {
        arrivedAt = Date.now()
        setTimeout(() => sendToken(response, { expires_in: 300 }), 50)
      },
    })
    const { expiresAt } = await makeClient(t, peer.options).getTokenInfo()
    assert.ok(expiresAt.getTime() - 300_000 <= arrivedAt + 1)
  })

  it('given a token at hand, when its info is asked for, then it is of that token, and nothing is sent', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, peer.options)
    const token = await client.getToken()
    assert.equal((await client.getTokenInfo()).accessToken, token)
    assert.equal(peer.tokenRequests.length, 1)
  })

  it('given an answer without scope, when info is asked for, then it is the scope that was asked for', async (t) => {
    const client = makeClient(t, { ...(await startPeer(t)).options, scope: 'b a' })
    assert.deepEqual((await client.getTokenInfo()).scope, ['a', 'b'])
  })

  it('given infos of one token, when one is changed, then the next is as it was', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    const info = await client.getTokenInfo()
    info.expiresAt.setTime(0)
    info.scope.push('everything')
    const next = await client.getTokenInfo()
    assert.ok(next.expiresAt.getTime() > 0 && next.scope.length === 0)
  })

  it('given a valid token, when a refresh is forced, then the info is of the new one', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    await client.getToken()
    assert.equal((await client.getTokenInfo({ forceRefresh: true })).accessToken, 'token-2')
  })

  it('given an endpoint that hangs, when the time of the wait is up, then it says which phase', async (t) => {
    const peer = await startPeer(t, { token: neverAnswer })
    const error = await failure(makeClient(t, peer.options).getTokenInfo({ timeout: 300 }), 'ERR_LAYER1_TIMEOUT')
    assert.equal(error.phase, 'token')
  })
})
