'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { setImmediate: nextTurn } = require('node:timers/promises')
const { Layer1AuthError } = require('layer1')
const {
  eventsOf,
  FAILURE,
  holding,
  inTurn,
  recordRequests,
  recordTokens,
  stagesOf,
  startBoth,
  subscribe,
  SUCCESS,
  theOne,
  withStatus,
} = require('./support/events.js')
const { failure, rejection } = require('./support/failures.js')
const { CLIENT_ID, deadEnd, grantToken, makeClient, sendJson, sendToken } = require('./support/peer.js')

/** @typedef {import('layer1').Layer1} Client */
/** @typedef {import('layer1').Layer1RequestEvent} RequestEvent */
/**
 * @template Event
 * @typedef {import('./support/events.js').Sighting<Event>} Sighting
 */

describe('layer1:token', { timeout: 60_000 }, () => {
  it('given a cold client, when a token is asked for, then one event object tells who asked whom, and then what came', async (t) => {
    const { realm, options } = await startBoth(t, {
      token: (_request, response) => sendToken(response, { scope: 'networks:view tenants:view' }),
    })
    const seen = recordTokens(t, realm)
    /** @type {unknown[]} */
    const copies = []
    subscribe(t, 'layer1:token', { start: (event) => copies.push(structuredClone(event)) })
    const client = makeClient(t, options)
    await client.getToken()
    const event = theOne(seen, SUCCESS)
    const place = { clientId: CLIENT_ID, tokenUrl: options.tokenUrl }
    const { expiresAt, scope } = await client.getTokenInfo()
    assert.deepEqual(copies, [place])
    assert.deepEqual(event, { ...place, expiresAt, scope })
    assert.deepEqual(scope, ['networks:view', 'tenants:view'])
  })

  it('given an endpoint that refuses, when a token is asked for, then the event has the error', async (t) => {
    const { realm, options } = await startBoth(t, {
      token: (_request, response) => sendJson(response, 401, { error: 'invalid_client' }),
    })
    const seen = recordTokens(t, realm)
    const error = await failure(makeClient(t, options).getToken(), 'ERR_LAYER1_AUTH')
    const event = theOne(seen, FAILURE)
    assert.ok(event.error instanceof Layer1AuthError)
    assert.deepEqual([event.error.message, event.error.oauthError], [error.message, 'invalid_client'])
    assert.deepEqual([event.expiresAt, event.scope], [undefined, undefined])
  })

  it('given an endpoint that is down, when a token is asked for, then the event has the error', async (t) => {
    const { options } = await startBoth(t)
    const { host, port } = await deadEnd(t)
    const tokenUrl = `http://${host}:${port}/token`
    const seen = recordTokens(t, { options: { tokenUrl } })
    await failure(makeClient(t, { ...options, tokenUrl }).getToken(), 'ERR_LAYER1_CONNECT')
    assert.equal(/** @type {any} */ (theOne(seen, FAILURE)).error.code, 'ERR_LAYER1_CONNECT')
  })

  /** @type {Record<string, (client: Client) => Promise<unknown>>} */
  const causes = {
    'get()': (client) => client.get('/a'),
    'post()': (client) => client.post('/a', {}),
    'getToken()': (client) => client.getToken(),
    'getTokenInfo()': (client) => client.getTokenInfo(),
    'warmUp()': (client) => client.warmUp(),
    'many calls at once': (client) =>
      Promise.all([client.get('/a'), client.getToken(), client.getTokenInfo(), client.warmUp(), client.get('/b')]),
  }
  for (const [what, cause] of Object.entries(causes)) {
    it(`given a cold client, when ${what} needs a token, then there is one event, and none for what has it from the cache`, async (t) => {
      const { realm, options } = await startBoth(t)
      const client = makeClient(t, options)
      const seen = recordTokens(t, realm)
      await cause(client)
      theOne(seen, SUCCESS)
      await cause(client)
      await client.getToken()
      await client.getTokenInfo()
      assert.equal(seen.length, SUCCESS.length)
      assert.equal(realm.tokenRequests.length, 1)
    })
  }

  it('given equal clients, when both are cold, then the request that they share is one event', async (t) => {
    const { realm, options } = await startBoth(t)
    const seen = recordTokens(t, realm)
    await Promise.all([makeClient(t, options).getToken(), makeClient(t, options).get('/a')])
    theOne(seen, SUCCESS)
  })

  it('given clients that share nothing, when both ask, then each request is an event', async (t) => {
    const { realm, options } = await startBoth(t)
    const seen = recordTokens(t, realm)
    await Promise.all([1, 2].map(() => makeClient(t, { ...options, shareToken: false }).getToken()))
    assert.deepEqual(
      [new Set(eventsOf(seen, 'start')).size, new Set(eventsOf(seen)).size, realm.tokenRequests.length],
      [2, 2, 2],
    )
  })

  it('given a forced refresh, an invalidation and a 401, when each leads to a request, then each is an event', async (t) => {
    const { realm, options } = await startBoth(t, { api: inTurn(withStatus(401)) })
    const client = makeClient(t, options)
    await client.getToken()
    const seen = recordTokens(t, realm)
    await client.getToken({ forceRefresh: true })
    client.invalidateToken()
    await client.getToken()
    await client.get('/a')
    assert.deepEqual(stagesOf(seen), [...SUCCESS, ...SUCCESS, ...SUCCESS])
    assert.equal(realm.tokenRequests.length, 4)
  })

  it('given credentials that were swapped, when a token is asked for, then the event names the new client', async (t) => {
    const { realm, options } = await startBoth(t)
    const client = makeClient(t, options)
    await client.getToken()
    const seen = recordTokens(t, realm)
    client.setCredentials({ clientId: 'another', clientSecret: 'another' })
    await client.get('/a')
    assert.equal(theOne(seen, SUCCESS).clientId, 'another')
  })

  it('given a call that is traced, when it needs a token, then the events of the token are within those of the call', async (t) => {
    const { realm, options } = await startBoth(t)
    /** @type {string[]} */
    const order = []
    for (const name of ['layer1:request', 'layer1:token']) {
      const note = (/** @type {string} */ stage) => () => void order.push(`${name.slice(7)} ${stage}`)
      subscribe(t, name, Object.fromEntries(['start', 'asyncEnd'].map((stage) => [stage, note(stage)])))
    }
    await makeClient(t, options).get('/a')
    assert.deepEqual(order, ['request start', 'token start', 'token asyncEnd', 'request asyncEnd'])
    assert.equal(realm.tokenRequests.length, 1)
  })

  it('given a caller who gives up at once, when the token is asked for all the same, then the request is one event', async (t) => {
    const { realm, options } = await startBoth(t)
    const client = makeClient(t, options)
    const seen = recordTokens(t, realm)
    const controller = new AbortController()
    const rejected = rejection(client.get('/a', { signal: controller.signal }))
    controller.abort('enough')
    assert.equal(await rejected, 'enough')
    // It joins that request, or makes the only one.
    await client.getToken()
    theOne(seen, SUCCESS)
    assert.equal(realm.tokenRequests.length, 1)
  })

  it('given a caller who gives up, when the token comes all the same, then its event ends', async (t) => {
    const { answer, release } = holding(grantToken)
    const { realm, options } = await startBoth(t, { token: answer })
    const client = makeClient(t, options)
    const seen = recordTokens(t, realm)
    const controller = new AbortController()
    const rejected = rejection(client.get('/a', { signal: controller.signal }))
    await realm.asked(1)
    controller.abort('enough')
    assert.equal(await rejected, 'enough')
    release()
    await client.getToken()
    assert.deepEqual(stagesOf(seen), SUCCESS)
  })

  /** @type {Record<string, (client: Client, seen: Sighting<RequestEvent>[]) => Promise<boolean>>} */
  const uses = {
    'get()': async (client, seen) => {
      seen.length = 0
      await client.get('/a')
      return eventsOf(seen)[0]?.tokenSource === 'cache'
    },
    'getToken()': async (client) => (await client.getToken()) === 'token-1',
  }
  for (const [what, use] of Object.entries(uses)) {
    it(`given a token near its end, when ${what} has it renewed in the background, then that request is an event too`, async (t) => {
      // Within a second of one request nobody begins the next, so its life has to be longer than that.
      let grants = 0
      const { realm, options } = await startBoth(t, {
        token: (_request, response) => sendToken(response, { access_token: `token-${++grants}`, expires_in: 1.5 }),
      })
      const [seen, tokens] = [recordRequests(t), recordTokens(t, realm)]
      for (;;) {
        // Should the machine be late, the token was waited for; then it is the turn of the next.
        const client = makeClient(t, { ...options, shareToken: false })
        grants = 0
        tokens.length = 0
        await client.getToken()
        let hadOldOne = true
        while (stagesOf(tokens).filter((stage) => stage === 'start').length < 2) {
          hadOldOne = await use(client, seen)
          await nextTurn(undefined, t)
        }
        if (hadOldOne) break
      }
      while (tokens.length < 2 * SUCCESS.length) await nextTurn(undefined, t)
      assert.deepEqual(stagesOf(tokens), [...SUCCESS, ...SUCCESS])
      const [first, second] = eventsOf(tokens)
      assert.ok(Number(second?.expiresAt) > Number(first?.expiresAt))
    })
  }
})
