'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { makeClient, startPeer } = require('./support/peer.js')
const { MemoryStore, makeFleet } = require('./support/stores.js')

/** What the contract allows all operations of one use together, in ms. */
const BUDGET = 250
/** What a busy machine may add, in ms. */
const SLACK = 1_000

const never = () => new Promise(() => {})
const nothing = async () => undefined
const fail = async () => {
  throw new Error('the store is down')
}
const explode = () => {
  throw new Error('the store is down')
}
const unreadable = () =>
  new Proxy(() => {}, {
    get: explode,
    has: explode,
    getPrototypeOf: explode,
    ownKeys: explode,
    apply: explode,
  })
/** A thenable that takes the whole event loop for a while, says everything twice, and throws. */
const badThenable = () => ({
  // biome-ignore lint/suspicious/noThenProperty: it is what is tried
  then(/** @type {(value: unknown) => void} */ resolve, /** @type {(reason: unknown) => void} */ reject) {
    resolve(never())
    reject(new Error('too late'))
    throw new Error('much too late')
  },
})

/** @type {Record<string, any>} */
const stores = {
  'throws at once': { get: explode, set: explode, acquire: explode, release: explode, delete: explode },
  'throws what is no error': {
    get() {
      throw null
    },
    set() {
      throw undefined
    },
  },
  rejects: { get: fail, set: fail, acquire: fail, release: fail, delete: fail },
  'never answers': { get: never, set: never, acquire: never, release: never, delete: never },
  'never answers a get': { get: never, set: nothing },
  'never answers a set': { get: nothing, set: never },
  'never answers an acquire': { get: nothing, set: nothing, acquire: never, release: never },
  'never answers a release': { get: nothing, set: nothing, acquire: async () => true, release: never },
  'fails to acquire': { get: nothing, set: nothing, acquire: fail, release: fail },
  'answers an acquire with text': { get: nothing, set: nothing, acquire: async () => 'OK', release: nothing },
  'fails to set': { get: nothing, set: fail, acquire: async () => true, release: nothing },
  'answers false to a set': { get: nothing, set: async () => false },
  'is not asynchronous': { get: () => undefined, set: () => 'OK' },
  'gives unreadable things': { get: unreadable, set: unreadable, acquire: unreadable, release: unreadable },
  'gives bad thenables': { get: badThenable, set: badThenable, acquire: badThenable, release: badThenable },
  'gives itself': {
    get() {
      return this
    },
    set() {
      return this
    },
  },
  'has getters that work once': (() => {
    let reads = 0
    return {
      get get() {
        reads += 1
        if (reads > 1) throw new Error('read twice')
        return nothing
      },
      set: nothing,
    }
  })(),
  'is frozen': Object.freeze({ get: nothing, set: nothing }),
  'has no prototype': Object.assign(Object.create(null), { get: nothing, set: nothing }),
  'is a function': Object.assign(() => {}, { get: nothing, set: nothing }),
}

/** Values of all kinds in place of sealed ones. @type {Record<string, any>} */
const values = {
  'an empty string': '',
  'another text': 'eyJhbGciOiJSUzI1NiJ9.e30.AAAA',
  base64: Buffer.from('something that is no seal of ours, though long enough').toString('base64'),
  'a megabyte': 'A'.repeat(1024 * 1024),
  'more than a megabyte': 'A'.repeat(1024 * 1024 + 1),
  'text beyond ASCII': '\u00e9\u{1F600}\ud800',
  'a number': 42,
  'a BigInt': 42n,
  true: true,
  false: false,
  null: null,
  'a symbol': Symbol('value'),
  'an object': { value: 'x' },
  'an array': ['x'],
  'a function': () => 'x',
  bytes: Buffer.alloc(100),
  'a Date': new Date(),
  'an error': new Error('a value'),
}

describe('a store that is not what it should be', { timeout: 60_000 }, () => {
  for (const [name, tokenStore] of Object.entries(stores)) {
    it(`given a store that ${name}, when a token is asked for again and again, then it comes, and in time`, async (t) => {
      const { options, tokenRequests } = await startPeer(t)
      const rejections = watchRejections(t)
      const client = makeClient(t, { ...options, shareToken: false, tokenStore })
      for (let round = 1; round <= 3; round++) {
        const began = performance.now()
        assert.equal(await client.getToken({ forceRefresh: round === 3 }), `token-${round}`)
        const held = performance.now() - began
        assert.ok(held < BUDGET + SLACK, `round ${round}: ${held} ms`)
        client.invalidateToken()
      }
      assert.equal(tokenRequests.length, 3)
      assert.deepEqual(rejections, [])
    })
  }

  for (const [name, value] of Object.entries(values)) {
    it(`given ${name} in the store, when a token is asked for, then that is ignored and overwritten`, async (t) => {
      const { options, tokenRequests } = await startPeer(t)
      const store = new MemoryStore()
      const [first, second, third] = makeFleet(t, options, store, 3)
      await first?.getToken()
      store.replace(() => value)
      assert.equal(await second?.getToken(), 'token-2')
      assert.equal(await third?.getToken(), 'token-2')
      assert.equal(tokenRequests.length, 2)
    })
  }

  it('given a store that never answers, when calls are made one after the other, then only the first waits for it', async (t) => {
    const { options } = await startPeer(t)
    let asked = 0
    const get = () => {
      asked += 1
      return never()
    }
    const [client] = makeFleet(t, options, { get, set: never }, 1)
    const times = []
    for (let call = 0; call < 20; call++) {
      const began = performance.now()
      await client?.getToken()
      times.push(performance.now() - began)
      client?.invalidateToken()
    }
    const { errors, skips, isUp } = client?.stats().tokenStore ?? {}
    assert.ok(Number(times[0]) >= BUDGET - 5, `${times[0]} ms`)
    // It is asked once more when a second has gone by, should this machine be so busy.
    assert.ok(asked <= 1 + Math.floor(times.reduce((sum, time) => sum + time, 0) / 500), `${asked} times asked`)
    assert.ok(Number(errors) === asked && Number(skips) === 20 - asked && isUp === false)
  })

  it('given a store that is slow, when it takes 100 ms for each operation, then all of one use take at most 250 ms', async (t) => {
    const { options } = await startPeer(t)
    const store = new MemoryStore()
    const slow =
      (/** @type {'get' | 'set' | 'acquire' | 'release'} */ name) =>
      async (/** @type {any[]} */ ...args) => {
        await new Promise((resolve) => setTimeout(resolve, 100))
        return /** @type {any} */ (store)[name](...args)
      }
    const tokenStore = { get: slow('get'), set: slow('set'), acquire: slow('acquire'), release: slow('release') }
    const [client] = makeFleet(t, options, tokenStore, 1)
    const began = performance.now()
    await client?.getToken()
    const held = performance.now() - began
    assert.ok(held >= 200 && held < BUDGET + SLACK, `${held} ms`)
  })
})

/**
 * Collects what nobody has caught.
 *
 * @param {import('node:test').TestContext} t
 */
function watchRejections(t) {
  /** @type {unknown[]} */
  const seen = []
  const note = (/** @type {unknown} */ reason) => void seen.push(reason)
  process.on('unhandledRejection', note)
  t.after(() => process.off('unhandledRejection', note))
  return seen
}
