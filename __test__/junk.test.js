'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { inspect } = require('node:util')
const { Layer1Error } = require('layer1')
const { failure, rejection } = require('./support/failures.js')
const { makeClient, startPeer } = require('./support/peer.js')

/** @type {any[]} */
const junk = [
  7,
  -0,
  1n,
  '',
  'options',
  true,
  false,
  Symbol('junk'),
  () => {},
  [],
  [{}],
  new Map(),
  new Date(Number.NaN),
  Buffer.from('x'),
  Promise.resolve(),
  new Proxy(
    {},
    {
      ownKeys() {
        throw new Error('no keys')
      },
    },
  ),
  {
    get timeout() {
      throw new Error('no timeout')
    },
  },
  {
    get signal() {
      throw undefined
    },
  },
]

/** @param {unknown} value */
const show = (value) => inspect(value, { depth: 0 }).replaceAll('\n', ' ')

// Only what counts as "no options" may pass; everything else has to be refused, and nothing may crash.
describe('junk where options belong', { timeout: 60_000 }, () => {
  for (const value of junk) {
    const isEmpty = typeof value === 'object' && !Array.isArray(value) && isWithoutKeys(value)
    for (const method of /** @type {const} */ (['get', 'getToken', 'getTokenInfo'])) {
      it(`given ${show(value)} as options, when ${method}() is called, then it is ${isEmpty ? 'no crash' : 'refused'}`, async (t) => {
        const peer = await startPeer(t)
        const client = makeClient(t, peer.options)
        const promise = method === 'get' ? client.get('/a', value) : client[method](value)
        if (isEmpty) return void (await Promise.allSettled([promise]))
        await failure(promise, 'ERR_LAYER1_REQUEST')
        assert.equal(peer.connections(), 0)
      })
    }
  }

  for (const options of [undefined, null, {}, Object.create(null), Object.freeze({})]) {
    it(`given ${show(options)} as options, when a call is made, then it goes through`, async (t) => {
      const client = makeClient(t, (await startPeer(t)).options)
      assert.deepEqual(await client.get('/a', options), { ok: true })
      assert.ok(await client.getToken(options))
      assert.ok(await client.getTokenInfo(options))
    })
  }
})

describe('options of a call that do not exist', { timeout: 60_000 }, () => {
  for (const [given, near] of Object.entries({
    timeOut: 'timeout',
    querry: 'query',
    header: 'headers',
    Signal: 'signal',
  })) {
    it(`given ${given}, when a call is made, then the error asks for ${near}`, async (t) => {
      const peer = await startPeer(t)
      const promise = makeClient(t, peer.options).get('/a', /** @type {any} */ ({ [given]: 1 }))
      const { message } = await failure(promise, 'ERR_LAYER1_REQUEST')
      assert.ok(message.includes(`"${given}"`) && message.includes(`"${near}"`), message)
      assert.equal(peer.connections(), 0)
    })
  }

  it('given forceRefresh, when a resource is got, then it is refused: it is for tokens', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    await failure(client.get('/a', /** @type {any} */ ({ forceRefresh: true })), 'ERR_LAYER1_REQUEST')
  })

  it('given query, when a token is asked for, then it is refused: it is for calls', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    await failure(client.getToken(/** @type {any} */ ({ query: {} })), 'ERR_LAYER1_REQUEST')
  })

  for (const value of ['yes', 1, {}, []]) {
    it(`given forceRefresh ${show(value)}, when a token is asked for, then it is refused`, async (t) => {
      const client = makeClient(t, (await startPeer(t)).options)
      await failure(client.getToken({ forceRefresh: /** @type {any} */ (value) }), 'ERR_LAYER1_REQUEST')
    })
  }

  for (const value of ['JSON', 'stream', '', 7, true, {}, ['json'], Symbol('json')]) {
    it(`given responseType ${show(value)}, when a call is made, then it is refused`, async (t) => {
      const client = makeClient(t, (await startPeer(t)).options)
      const promise = client.get('/a', { responseType: /** @type {any} */ (value) })
      assert.match((await failure(promise, 'ERR_LAYER1_REQUEST')).message, /responseType/)
    })
  }

  for (const value of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2', 2n, {}, true]) {
    it(`given maxRetries ${show(value)}, when a call is made, then it is refused`, async (t) => {
      const client = makeClient(t, (await startPeer(t)).options)
      const promise = client.get('/a', /** @type {any} */ ({ maxRetries: value }))
      assert.match((await failure(promise, 'ERR_LAYER1_REQUEST')).message, /maxRetries/)
    })
  }
})

describe('options of the caller', { timeout: 60_000 }, () => {
  it('given options that are frozen all the way down, when a call is made, then it works', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, Object.freeze({ ...peer.options, headers: Object.freeze({ 'x-a': 'b' }) }))
    const options = Object.freeze({
      query: Object.freeze({ type: Object.freeze(['a', 'b']) }),
      headers: Object.freeze({ 'x-trace': 'a' }),
      signal: null,
      timeout: null,
      responseType: null,
    })
    assert.deepEqual(await client.get('/a', options), { ok: true })
    assert.equal(peer.calls[0]?.url, '/a?type=a&type=b')
  })

  it('given one options object, when it is used for many calls, then each is the same', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, peer.options)
    const options = { query: { a: 1 }, headers: { 'x-trace': 'a' } }
    await Promise.all([client.get('/a', options), client.get('/a', options)])
    assert.deepEqual(options, { query: { a: 1 }, headers: { 'x-trace': 'a' } })
    assert.deepEqual(
      peer.calls.map(({ url }) => url),
      ['/a?a=1', '/a?a=1'],
    )
  })

  it('given a getter, when a call is made, then it is read once', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    let reads = 0
    await client.get('/a', {
      get timeout() {
        reads += 1
        return 5000
      },
    })
    assert.equal(reads, 1)
  })

  it('given a getter that throws, when a call is made, then it rejects with an error of ours', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    const error = await rejection(
      client.get('/a', {
        /** @returns {number} */
        get timeout() {
          throw new RangeError('mine')
        },
      }),
    )
    assert.ok(error instanceof Layer1Error)
  })
})

/** @param {object} value */
function isWithoutKeys(value) {
  try {
    return Object.keys(value).length === 0
  } catch {
    return false
  }
}
