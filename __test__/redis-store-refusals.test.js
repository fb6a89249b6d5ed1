'use strict'
// layer1/redis handed what is no client, no option, and no key: it says so, and what to do.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { inspect } = require('node:util')
const ioredis = require('ioredis')
const keyv = require('keyv')
const { Layer1ConfigError, Layer1RequestError } = require('layer1')
const { redisTokenStore } = require('layer1/redis')
const redis5 = require('redis-5')
const redis = require('redis')
const { thrown } = require('./support/failures.js')

// Neither is connected: that nothing is asked of them is a part of what is shown.
const client = new ioredis.Redis({ lazyConnect: true })
const other = redis.createClient()

/** @type {any} */
const storeOf = redisTokenStore

/** @param {() => unknown} make */
function refusal(make) {
  const error = thrown(make)
  assert.ok(error instanceof Layer1ConfigError, String(error?.stack ?? error))
  assert.deepEqual([error.code, error.retryable, error.attempts], ['ERR_LAYER1_CONFIG', false, 0])
  return error.message
}

const revoked = Proxy.revocable({}, {})
revoked.revoke()

/** @type {Record<string, unknown>} */
const strangers = {
  nothing: undefined,
  null: null,
  'a number': 7,
  true: true,
  'a symbol': Symbol('client'),
  'a URL': 'redis://:secret@127.0.0.1:6379',
  'a URL object': new URL('redis://127.0.0.1:6379'),
  'an empty object': {},
  'an array': [],
  'a function': () => client,
  'the class of ioredis': ioredis.Redis,
  'the module ioredis': ioredis,
  'the module redis': redis,
  'a Map': new Map(),
  'a Keyv': new keyv.Keyv(),
  'a promise of a client': Promise.resolve(client),
  'a pipeline of ioredis': client.pipeline(),
  'a transaction of redis': other.multi(),
  'the legacy client of redis 5': redis5.createClient().legacy(),
  'an object with get and set': { get: async () => null, set: async () => {} },
  'a proxy that cannot be read': revoked.proxy,
  'an object whose members throw': new Proxy(
    {},
    {
      get() {
        throw new Error('unreadable')
      },
    },
  ),
}

describe('given what is no client', () => {
  for (const [what, value] of Object.entries(strangers)) {
    it(`given ${what}, when a store is made of it, then the error says which clients are known, and what to do`, () => {
      const message = refusal(() => storeOf(value))
      assert.match(
        message,
        /^client is none that layer1\/redis knows: .*ioredis \(Redis, Cluster\).*redis \(createClient, /,
      )
      assert.match(message, /Pass the client itself, not its URL or a promise of it\./)
      assert.doesNotMatch(message, /secret|unreadable/)
    })
  }
})

describe('given a client that is not connected', () => {
  /** @type {Record<string, unknown>} */
  const unconnected = {
    'ioredis 6': client,
    'a Cluster of ioredis 6': new ioredis.Cluster([{ port: 1 }], { lazyConnect: true }),
    'redis 6': other,
    'a Cluster of redis 6': redis.createCluster({ rootNodes: [{ url: 'redis://127.0.0.1:1' }] }),
    'a Sentinel of redis 6': redis.createSentinel({ name: 'a', sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }] }),
    'a pool of redis 6': redis.createClientPool(),
  }
  for (const [what, value] of Object.entries(unconnected)) {
    it(`given ${what}, when a store is made of it, then nothing is said or sent`, () => {
      assert.deepEqual(Object.keys(storeOf(value)).sort(), ['acquire', 'delete', 'get', 'release', 'set'])
    })
  }

  it('when redis is asked before connect(), then the promises reject', async () => {
    const store = redisTokenStore(other)
    await assert.rejects(store.get('key'), /closed/)
    await assert.rejects(store.set('key', 'value', 1_000), /closed/)
    await assert.rejects(store.delete('key'), /closed/)
    await assert.rejects(store.acquire('key', 1_000), /closed/)
    // It has no lock, so there is nothing to ask.
    assert.equal(await store.release('key'), undefined)
  })
})

describe('given options that are wrong', () => {
  for (const prefix of [
    7,
    0n,
    true,
    {},
    ['layer1:'],
    Symbol('a'),
    () => 'a',
    Buffer.from('a'),
    new String('a'),
    '\ud800',
  ]) {
    it(`given prefix ${inspect(prefix)}, when a store is made, then the error names it`, () => {
      assert.equal(
        refusal(() => storeOf(client, { prefix })),
        'prefix has to be a string; it goes before every key.',
      )
    })
  }

  for (const options of ['layer1:', 7, [], () => {}, Symbol('a')]) {
    it(`given ${inspect(options)} for options, when a store is made, then the error says what they have to be`, () => {
      assert.match(
        refusal(() => storeOf(client, options)),
        /^the options have to be an object/,
      )
    })
  }

  for (const name of ['prefx', 'Prefix', 'pre_fix']) {
    it(`given ${name}, when a store is made, then the error asks whether prefix was meant`, () => {
      assert.equal(
        refusal(() => storeOf(client, { [name]: 'a' })),
        `there is no option "${name}": did you mean "prefix"?`,
      )
    })
  }

  it('given an option that is like none, when a store is made, then the error says which there are', () => {
    assert.equal(
      refusal(() => storeOf(client, { timeToLive: 1 })),
      'there is no option "timeToLive". There is: prefix.',
    )
  })

  it('given options that cannot be read, when a store is made, then the error is still one of ours', () => {
    assert.match(
      refusal(() => storeOf(client, revoked.proxy)),
      /cannot be read/,
    )
  })

  for (const options of [undefined, null, {}, { prefix: undefined }, { prefix: null }]) {
    it(`given ${inspect(options)}, when a store is made, then the default stands`, () => {
      assert.ok(storeOf(client, options))
    })
  }
})

describe('given keys, values and times that Redis would misunderstand', () => {
  const store = storeOf(client)

  for (const key of [undefined, null, 7, {}, ['key'], Buffer.from('key'), Symbol('key')]) {
    it(`given the key ${inspect(key)}, when anything is asked, then the promise rejects, and nothing is sent`, async () => {
      for (const ask of [
        () => store.get(key),
        () => store.set(key, 'value', 1),
        () => store.delete(key),
        () => store.acquire(key, 1),
        () => store.release(key),
      ]) {
        await assert.rejects(ask(), misunderstood(/key of a token store has to be a string/))
      }
    })
  }

  for (const value of [undefined, null, 7, {}, Buffer.from('value')]) {
    it(`given the value ${inspect(value)}, when it is set, then the promise rejects, and nothing is sent`, async () => {
      await assert.rejects(store.set('key', value, 1), misunderstood(/value of a token store has to be a string/))
    })
  }

  for (const ttlMs of [undefined, null, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e21, '1000', 1n]) {
    it(`given ${inspect(ttlMs)} for ttlMs, when something is to be kept, then the promise rejects: it would never end`, async () => {
      await assert.rejects(store.set('key', 'value', ttlMs), misunderstood(/number of milliseconds above 0/))
      await assert.rejects(store.acquire('key', ttlMs), misunderstood(/number of milliseconds above 0/))
    })
  }

  it('when all of them were refused, then the client has not even connected', () => {
    assert.equal(client.status, 'wait')
  })
})

/** @param {RegExp} message */
function misunderstood(message) {
  return (/** @type {unknown} */ error) => {
    assert.ok(error instanceof Layer1RequestError)
    assert.match(error.message, message)
    return true
  }
}
