'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const { describe, it } = require('node:test')
const { setTimeout: sleep } = require('node:timers/promises')
const { default: Keyv } = require('keyv')
const { Layer1, Layer1ConfigError } = require('layer1')
const { runChild, startWorker } = require('./support/child.js')
const { eventsOf, recordTokens } = require('./support/events.js')
const { answerOk, grantToken, makeClient, sendJson, sendToken, startPeer } = require('./support/peer.js')
const { MemoryStore, makeFleet, withoutLock } = require('./support/stores.js')

const FLEET = 20

/** @param {import('layer1').Layer1[]} fleet */
function tokensOf(fleet) {
  return Promise.all(fleet.map((member) => member.getToken()))
}

/**
 * Grants tokens after a while, so that all members of a fleet have come by then.
 *
 * @param {number} ms
 * @returns {import('./support/peer.js').Answerer}
 */
function grantAfter(ms) {
  return (request, response, count) => void setTimeout(() => grantToken(request, response, count), ms)
}

describe('the option tokenStore', () => {
  const get = () => undefined
  const set = () => undefined
  const cases = {
    'no object': [42, /tokenStore has to be an object with get\(key\) and set/],
    'a string': ['redis://user:hunter2@127.0.0.1', /tokenStore has to be an object/],
    'no get': [{ set }, /tokenStore has no get method/],
    'no set': [{ get, acquire: get }, /tokenStore has no set method/],
    'a get that is no function': [{ get: 'hunter2', set }, /tokenStore has no get method/],
    'a Proxy that cannot be read': [
      new Proxy(
        {},
        {
          get() {
            throw new Error('hunter2')
          },
        },
      ),
      /the options cannot be read/,
    ],
  }
  for (const [name, [tokenStore, sentence]] of Object.entries(cases)) {
    it(`given ${name} for a store, when a client is made, then it is refused, and the value is not shown`, () => {
      const make = () => new Layer1(/** @type {any} */ ({ clientId: 'a', clientSecret: 'b', tokenStore }))
      assert.throws(make, (error) => {
        assert.ok(error instanceof Layer1ConfigError)
        assert.equal(error.code, 'ERR_LAYER1_CONFIG')
        assert.match(error.message, /** @type {RegExp} */ (sentence))
        assert.ok(!error.message.includes('hunter2'))
        return true
      })
    })
  }

  for (const tokenStore of [undefined, null]) {
    it(`given ${tokenStore} for a store, when a client is made, then it has none`, async (t) => {
      const { options } = await startPeer(t)
      const client = makeClient(t, /** @type {any} */ ({ ...options, tokenStore }))
      await client.getToken()
      assert.ok(!('tokenStore' in client.stats()))
    })
  }
})

describe('a fleet', { timeout: 60_000 }, () => {
  it('given a cold fleet, when all members want a token at once, then one asks, and all have the same', async (t) => {
    const store = new MemoryStore()
    const { tokenRequests, options } = await startPeer(t, { token: grantAfter(100) })
    const fleet = makeFleet(t, options, store, FLEET)
    assert.deepEqual(new Set(await tokensOf(fleet)), new Set(['token-1']))
    assert.equal(tokenRequests.length, 1)
    assert.equal(store.locks.size, 0, 'the lock is released')
    const acquired = store.seen.find(({ name }) => name === 'acquire')
    assert.equal(acquired?.args[1], 2_000)
    const [late] = makeFleet(t, options, store, 1)
    assert.equal(await late?.getToken(), 'token-1')
    assert.equal(tokenRequests.length, 1)
  })

  it('given a member with a token, when another describes it, then it ends in the same moment and is for the same', async (t) => {
    const store = new MemoryStore()
    const { options } = await startPeer(t, {
      token: (_request, response) => sendToken(response, { scope: 'a b', token_type: 'bearer' }),
    })
    const [first, second] = makeFleet(t, options, store, 2)
    const granted = await first?.getTokenInfo()
    await sleep(20)
    const stored = await second?.getTokenInfo()
    assert.ok(granted && stored)
    assert.ok(Math.abs(granted.expiresAt.getTime() - stored.expiresAt.getTime()) <= 1)
    assert.deepEqual({ ...stored, expiresAt: 0 }, { ...granted, expiresAt: 0 })
    const [, , ttl] = store.seen.find(({ name }) => name === 'set')?.args ?? []
    assert.ok(typeof ttl === 'number' && Number.isInteger(ttl) && ttl <= 300_000 && ttl > 250_000, `${ttl} ms`)
  })

  it('given a forced refresh, when it is made, then the store is not read, and has the new token', async (t) => {
    const store = new MemoryStore()
    const { options } = await startPeer(t)
    const [first, second] = makeFleet(t, options, store, 2)
    await first?.getToken()
    store.seen = []
    assert.equal(await first?.getToken({ forceRefresh: true }), 'token-2')
    assert.deepEqual(store.names(), ['set'])
    assert.equal(await second?.getToken(), 'token-2')
  })

  it('given a token that the API refuses, when all members meet that, then it is replaced once for all', async (t) => {
    const store = new MemoryStore()
    const { tokenRequests, options } = await startPeer(t, {
      token: grantAfter(50),
      api: ({ headers }, response) =>
        headers.authorization === 'Bearer token-1' ? sendJson(response, 401, {}) : sendJson(response, 200, 'well'),
    })
    const fleet = makeFleet(t, options, store, FLEET)
    await tokensOf(fleet)
    const answers = await Promise.all(fleet.map((member) => member.get('/a')))
    assert.deepEqual(new Set(answers), new Set(['well']))
    assert.equal(tokenRequests.length, 2)
    const [late] = makeFleet(t, options, store, 1)
    assert.equal(await late?.getToken(), 'token-2')
  })

  it('given a refused token that is put back into the store, when a member wants one, then it is ignored and overwritten', async (t) => {
    const store = new MemoryStore()
    let refused = 'Bearer token-1'
    const { tokenRequests, options } = await startPeer(t, {
      api: ({ headers }, response) => sendJson(response, headers.authorization === refused ? 401 : 200, {}),
    })
    const [member] = makeFleet(t, options, store, 1)
    await member?.getToken()
    const old = [...store.values.values()][0]?.value ?? ''
    await member?.get('/a')
    store.replace(() => old)
    refused = 'Bearer token-2'
    // 401s drive one new grant a second, for each member.
    await sleep(1_100)
    await member?.get('/a')
    assert.equal(await member?.getToken(), 'token-3')
    assert.equal(tokenRequests.length, 3)
    const [late] = makeFleet(t, options, store, 1)
    assert.equal(await late?.getToken(), 'token-3')
  })

  it('given an invalidation, when the member next wants a token, then it is a new one, and the others find that', async (t) => {
    const store = new MemoryStore()
    const { tokenRequests, options } = await startPeer(t)
    const [first, second] = makeFleet(t, options, store, 2)
    await first?.getToken()
    first?.invalidateToken()
    assert.equal(await first?.getToken(), 'token-2')
    assert.equal(await second?.getToken(), 'token-2')
    assert.equal(tokenRequests.length, 2)
  })

  it('given a store without a lock, when a cold fleet wants a token at once, then few members ask', async (t) => {
    const { tokenRequests, options } = await startPeer(t)
    const fleet = makeFleet(t, options, withoutLock(new MemoryStore()), 40)
    const tokens = await tokensOf(fleet)
    assert.equal(tokens.length, 40)
    assert.ok(tokenRequests.length <= 20, `${tokenRequests.length} of 40 members asked`)
  })

  it('given Keyv as it is, when members come one after the other, then they share one token', async (t) => {
    const keyv = new Keyv()
    const { tokenRequests, options } = await startPeer(t)
    for (const member of makeFleet(t, options, keyv, 5)) {
      assert.equal(await member.getToken(), 'token-1')
    }
    assert.equal(tokenRequests.length, 1)
  })

  it('given another secret, when it is swapped in, then the token is that of those who have it', async (t) => {
    const store = new MemoryStore()
    const { tokenRequests, options } = await startPeer(t)
    const [first, second] = makeFleet(t, options, store, 2)
    await first?.getToken()
    first?.setCredentials({ clientSecret: 'another' })
    assert.equal(await first?.getToken(), 'token-2')
    assert.equal(await second?.getToken(), 'token-1')
    second?.setCredentials({ clientSecret: 'another' })
    assert.equal(await second?.getToken(), 'token-2')
    assert.equal(tokenRequests.length, 2)
    assert.equal(store.values.size, 2)
  })

  it('given a watcher, when tokens come from the provider and from the store, then events and counters say which', async (t) => {
    const store = new MemoryStore()
    const { options } = await startPeer(t)
    const seen = recordTokens(t, { options: /** @type {any} */ (options) })
    const [first, second] = makeFleet(t, options, store, 2)
    await first?.getToken()
    await second?.getToken()
    const [miss, hit] = eventsOf(seen)
    assert.deepEqual([miss?.store?.outcome, hit?.store?.outcome], ['miss', 'hit'])
    assert.ok(hit?.expiresAt instanceof Date && Array.isArray(hit.scope))
    assert.ok(Number(hit.store?.time) >= 0 && hit.store?.waited === 0)
    const none = { hits: 0, misses: 0, ignored: 0, writes: 0, waits: 0, errors: 0, skips: 0, isUp: true }
    assert.deepEqual(first?.stats().tokenStore, { ...none, misses: 2, writes: 1 })
    assert.deepEqual(second?.stats().tokenStore, { ...none, hits: 1 })
    assert.equal(second?.stats().tokenRequests, 0)
  })
})

describe('clients of one process and a store', { timeout: 60_000 }, () => {
  it('given clients that share their token, when one of them has a store, then it serves all', async (t) => {
    const store = new MemoryStore()
    const { tokenRequests, options } = await startPeer(t)
    const [other] = makeFleet(t, options, store, 1)
    await other?.getToken()
    const plain = makeClient(t, options)
    makeClient(t, { ...options, tokenStore: store })
    assert.equal(await plain.getToken(), 'token-1')
    assert.equal(tokenRequests.length, 1)
  })

  it('given clients that share their token, when the one with the store is closed, then the other goes on without', async (t) => {
    const store = new MemoryStore()
    const { tokenRequests, options } = await startPeer(t)
    const plain = makeClient(t, options)
    const storing = new Layer1({ ...options, tokenStore: store })
    await storing.getToken()
    await storing.close()
    store.seen = []
    plain.invalidateToken()
    assert.equal(await plain.getToken(), 'token-2')
    assert.deepEqual(store.seen, [])
    assert.equal(tokenRequests.length, 2)
  })

  it('given a store that is asked, when its client is closed, then nothing more is asked of it', async (t) => {
    const { options } = await startPeer(t)
    const store = new MemoryStore()
    /** @type {((value: undefined) => void)[]} */
    const asked = []
    store.get = () => new Promise((resolve) => void asked.push(resolve))
    const [client] = makeFleet(t, options, store, 1)
    const call = client?.getToken()
    while (asked.length === 0) await sleep(1)
    await client?.close()
    await assert.rejects(call ?? Promise.resolve(), { code: 'ERR_LAYER1_CLOSED' })
    asked[0]?.(undefined)
    await sleep(300)
    assert.deepEqual(store.seen, [])
  })

  it('given a worker whose store hangs, when it is terminated, then calls of its equals here are answered', async (t) => {
    const { options } = await startPeer(t)
    const client = makeClient(t, options)
    const worker = startWorker(
      t,
      (/** @type {any} */ options) => {
        const { parentPort } = require('node:worker_threads')
        const get = () => {
          parentPort?.postMessage('asked')
          return new Promise(() => {})
        }
        const client = new (require('layer1').Layer1)({ ...options, tokenStore: { get, set: get } })
        client.getToken()
      },
      options,
    )
    await once(worker, 'message')
    const call = client.getToken()
    await worker.terminate()
    assert.equal(await call, 'token-1')
    client.invalidateToken()
    assert.equal(await client.getToken(), 'token-2')
  })

  it('given a worker that is busy, when its store is the newest, then a call here waits a second at most', async (t) => {
    const { options } = await startPeer(t)
    const client = makeClient(t, options)
    const worker = startWorker(
      t,
      (/** @type {any} */ options) => {
        const { parentPort } = require('node:worker_threads')
        const nothing = async () => undefined
        const client = new (require('layer1').Layer1)({ ...options, tokenStore: { get: nothing, set: nothing } })
        client.getToken().then(() => {
          client.invalidateToken()
          parentPort?.postMessage('busy')
          for (;;);
        })
      },
      options,
    )
    await once(worker, 'message')
    const began = performance.now()
    assert.equal(await client.getToken(), 'token-2')
    const held = performance.now() - began
    assert.ok(held >= 900 && held < 1_000 + 1_000, `${held} ms`)
    await worker.terminate()
  })

  it('given a process whose store never answers, when its calls are done, then it ends by itself', async (t) => {
    const { options } = await startPeer(t)
    const ended = await runChild(
      t,
      async (/** @type {any} */ options) => {
        const never = () => new Promise(() => {})
        const client = new (require('layer1').Layer1)({ ...options, tokenStore: { get: never, set: never } })
        console.log(await client.getToken())
      },
      options,
    )
    assert.deepEqual([ended.code, ended.stdout, ended.stderr], [0, 'token-1\n', ''])
  })

  it('given a client that is forgotten and not closed, when its memory is reclaimed, then its store is too', async (t) => {
    const { options } = await startPeer(t, { api: answerOk })
    const ended = await runChild(
      t,
      async (/** @type {any} */ options) => {
        const { setTimeout: sleep } = require('node:timers/promises')
        require('node:v8').setFlagsFromString('--expose-gc')
        const gc = require('node:vm').runInNewContext('gc')
        let reclaimed = 0
        const registry = new FinalizationRegistry(() => {
          reclaimed += 1
        })
        for (let index = 0; index < 20; index++) {
          const store = { get: async () => undefined, set: async () => {} }
          registry.register(store, index)
          await new (require('layer1').Layer1)({ ...options, tokenStore: store }).getToken()
        }
        for (let round = 0; round < 200 && reclaimed < 18; round++) {
          gc()
          await sleep(10)
        }
        console.log(reclaimed >= 18 ? 'reclaimed' : `only ${reclaimed}`)
      },
      options,
    )
    assert.deepEqual([ended.code, ended.stdout], [0, 'reclaimed\n'])
  })
})
