'use strict'
// Callers that hand in anything at all. Whatever it is, a method answers with what it is for or with an error of this
// package; it throws nothing else, and the client goes on.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const fc = require('fast-check')
const { Layer1, Layer1Error, path } = require('layer1')
const { runChild } = require('./support/child.js')
const { CLIENT_SECRET, makeClient, startPeer } = require('./support/peer.js')

/** A fixed seed: what fails once fails again. */
const RUNS = { seed: 5, numRuns: 150 }

const optionNames = [
  ...['query', 'headers', 'signal', 'timeout', 'maxRetries', 'idempotent', 'responseType', 'numbers', 'body'],
  ...['forceRefresh', 'clientId', 'clientSecret', 'baseUrl', 'tokenUrl', 'scope', 'ca', 'proxy', 'userAgent'],
  ...['environment', 'clientAuth', 'connectTimeout', 'maxConnections', 'maxResponseBytes', 'shareToken', 'auth'],
]

/** Every way in which reading an object can go wrong. @type {ProxyHandler<any>} */
const thrower = new Proxy(
  {},
  {
    get: () => () => {
      throw new Error('mine')
    },
  },
)

const { proxy: revoked, revoke } = Proxy.revocable({}, {})
revoke()

/** Values that are odder than JSON's. @type {unknown[]} */
const oddities = [
  ...[undefined, null, Number.NaN, -0, Number.POSITIVE_INFINITY, 2 ** 53, 1n, Symbol('odd'), Symbol.iterator],
  ...[() => {}, class {}, async () => {}, new Date(Number.NaN), /odd/g, new Map(), new Set(), new WeakMap()],
  ...[new Error('odd'), Promise.resolve(), new Uint8Array(2), new ArrayBuffer(2), new SharedArrayBuffer(2)],
  ...[new DataView(new ArrayBuffer(3), 1), new URL('http://127.0.0.1/'), new URLSearchParams('a=b'), new Headers()],
  ...[new AbortController().signal, AbortSignal.abort('mine'), new FormData(), new Blob(['a'])],
  ...[new Proxy({}, thrower), new Proxy([], thrower), new Proxy(() => {}, thrower), revoked, globalThis],
  ...['\ud800', '\0', '/..', 'https://evil.example/', '__proto__', 'constructor', new String('/a'), []],
]

/** @typedef {() => any} Hidden a value out of sight of fast-check, which would look into it and fall over it */

/** @type {import('fast-check').Arbitrary<Hidden>} */
const odd = fc.oneof(
  fc.nat({ max: oddities.length - 1 }).map((index) => hide(() => oddities[index], `oddities[${index}]`)),
  fc
    .anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, maxDepth: 2 })
    .map((value) => hide(() => value, fc.stringify(value))),
  fc.string({ unit: 'binary' }).map((text) => hide(() => text, JSON.stringify(text))),
)

/** @param {Hidden} make @param {string} label what a failure shows */
function hide(make, label) {
  return Object.assign(make, { [fc.toStringMethod]: () => label })
}

/** Objects with members of ours that hold anything, are read by getters that throw, or are inherited. */
const options = fc
  .array(fc.tuple(fc.constantFrom(...optionNames), odd, fc.constantFrom('value', 'getter', 'inherited', 'thrower')), {
    maxLength: 4,
  })
  .map((members) => hide(() => makeOptions(members), fc.stringify(members)))

/** @param {[name: string, value: Hidden, kind: string][]} members */
function makeOptions(members) {
  const parent = {}
  const object = Object.create(members.some(([, , kind]) => kind === 'inherited') ? parent : Object.prototype)
  for (const [name, value, kind] of members) {
    const get = () => {
      if (kind === 'thrower') throw value()
      return value()
    }
    const description = kind === 'getter' || kind === 'thrower' ? { get } : { value: value() }
    const place = kind === 'inherited' ? parent : object
    Object.defineProperty(place, name, { ...description, enumerable: true, configurable: true })
  }
  return object
}

const plain = fc.constantFrom('/a', '/a/b?c=d', 'GET', 'POST').map((text) => hide(() => text, text))
const argument = fc.oneof(odd, options, plain)

/** The public methods; an abort by the caller rejects with the caller's reason, which may be anything. */
const methods = /** @type {const} */ ([
  ...['getToken', 'getTokenInfo', 'get', 'post', 'put', 'patch', 'delete', 'request', 'paginate', 'warmUp'],
  ...['invalidateToken', 'setCredentials', 'stats'],
])

/**
 * Calls what may do anything, and gives what it ended with, if that is none of what may be.
 *
 * @param {() => unknown} call
 * @param {unknown[]} given
 */
async function offence(call, given) {
  try {
    const result = call()
    if (isIterable(result)) await result[Symbol.asyncIterator]().next()
    else await result
    return undefined
  } catch (error) {
    const isOurs = error instanceof Layer1Error && /** @type {any} */ (error).code !== 'ERR_LAYER1_INTERNAL'
    if (isOurs) return String(error).includes(CLIENT_SECRET) ? error : undefined
    return given.some((value) => isAbortReason(value, error)) ? undefined : (error ?? 'something undefined')
  }
}

/** @param {unknown} value @returns {value is AsyncIterable<unknown>} */
const isIterable = (value) => typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/** @param {any} value @param {unknown} error */
function isAbortReason(value, error) {
  try {
    const { signal } = value
    return signal instanceof AbortSignal && signal.aborted && Object.is(signal.reason, error)
  } catch {
    return false
  }
}

describe('callers that hand in anything', { timeout: 120_000 }, () => {
  for (const method of methods) {
    it(`given any arguments at all, when ${method}() is called, then it ends as it should and the client goes on`, async (t) => {
      const peer = await startPeer(t)
      await fc.assert(
        fc.asyncProperty(fc.array(argument, { maxLength: 4 }), async (hidden) => {
          const given = hidden.map((value) => value())
          // For each a client of its own: credentials may be swapped.
          const client = /** @type {any} */ (new Layer1({ ...peer.options, timeout: 2000, maxRetries: 0 }))
          try {
            assert.equal(await offence(() => client[method](...given), given), undefined)
            if (method !== 'setCredentials') assert.deepEqual(await client.get('/after'), { ok: true })
          } finally {
            await client.close()
          }
        }),
        RUNS,
      )
    })
  }

  it('given any options at all, when a client is made, then it is made or a config error says why not', () => {
    fc.assert(
      fc.property(argument, (given) => {
        try {
          new Layer1(given()).close()
        } catch (error) {
          assert.ok(error instanceof Layer1Error, String(/** @type {any} */ (error)?.stack))
          assert.equal(/** @type {any} */ (error).code, 'ERR_LAYER1_CONFIG')
        }
      }),
      { ...RUNS, numRuns: 2000 },
    )
  })

  it('given good options and one that is anything, when a client is made, then it is made or a config error says why not', async (t) => {
    const peer = await startPeer(t)
    fc.assert(
      fc.property(fc.constantFrom(...optionNames), odd, (name, value) => {
        try {
          new Layer1({ ...peer.options, [name]: value() }).close()
        } catch (error) {
          assert.ok(error instanceof Layer1Error, String(/** @type {any} */ (error)?.stack))
          assert.equal(/** @type {any} */ (error).code, 'ERR_LAYER1_CONFIG')
        }
      }),
      { ...RUNS, numRuns: 2000 },
    )
  })

  it('given any receiver but a client, when a method is called on it, then it is a TypeError', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    const receivers = fc.oneof(
      odd,
      fc.constantFrom(Object.create(client), Layer1.prototype, new Proxy(client, {}), Layer1),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...methods, 'close'), receivers, async (method, receiver) => {
        const detached = /** @type {any} */ (client)[method]
        await assert.rejects(async () => await detached.call(receiver(), '/a'), TypeError)
      }),
      { ...RUNS, numRuns: 500 },
    )
  })

  it('given any text as the value of a path, when a path is made, then it is that one segment or is refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          odd,
          fc.string({ unit: 'grapheme' }).map((text) => hide(() => text, text)),
        ),
        (hidden) => {
          const value = hidden()
          let made
          try {
            made = path`/a/${value}/b`
          } catch (error) {
            assert.equal(/** @type {any} */ (error)?.code, 'ERR_LAYER1_REQUEST')
            return
          }
          const { pathname } = new URL(made, 'https://api.example')
          const segments = pathname.split('/')
          assert.deepEqual([segments.length, segments[1], segments[3]], [4, 'a', 'b'])
          assert.equal(decodeURIComponent(String(segments[2])), String(value))
        },
      ),
      { ...RUNS, numRuns: 2000 },
    )
  })

  it('given any arguments at all, when path is called, then it gives a string or an error of ours', () => {
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 3 }), (given) => {
        try {
          assert.equal(typeof (/** @type {any} */ (path)(...given)), 'string')
        } catch (error) {
          assert.equal(
            /** @type {any} */ (error)?.code,
            'ERR_LAYER1_REQUEST',
            String(/** @type {any} */ (error)?.stack),
          )
        }
      }),
      { ...RUNS, numRuns: 2000 },
    )
  })
})

describe('prototypes that were polluted before the package was loaded', { timeout: 60_000 }, () => {
  const pollutions = {
    'options of ours on Object.prototype': `
      for (const [name, value] of Object.entries({ timeout: 1, maxRetries: 'x', query: { a: 'b' }, headers: { 'x-evil': '1' },
        responseType: 'evil', numbers: 'evil', idempotent: 'x', body: 'evil', proxy: 'http://evil.example',
        forceRefresh: 'x', scope: 'evil', clientAuth: 'evil', ca: 'evil', userAgent: 'evil', shareToken: 'x', environment: 'evil', connectTimeout: 'x', maxConnections: 'x', maxResponseBytes: 1 })) Object.prototype[name] = value`,
    'what crosses to the native side on Object.prototype': `
      for (const [name, value] of Object.entries({ share: 'x', caFile: '/x', proxyUrl: 'http://evil.example', noProxy: 'x',
        note: 'n', reason: 'r', earlier: [{}], status: 7, attempts: 9, cause: 'c', code: 'E', phase: 'p', host: 'h',
        oauthError: 'e', endpoint: 'token', apiCode: 'a' })) Object.prototype[name] = value`,
    'a setter on Object.prototype': `
      Object.defineProperty(Object.prototype, 'clientSecret', { set(value) { console.log('stolen', value) }, get() {} })
      Object.defineProperty(Object.prototype, 'accessToken', { set(value) { console.log('stolen', value) }, get() {} })`,
    'names of headers on Object.prototype': `
      for (const name of ['authorization', 'host', 'x-evil', 'content-type']) Object.prototype[name] = 'evil'`,
    'a number on Array.prototype': `Array.prototype[7] = 'evil'`,
    'toJSON on Object.prototype': `Object.prototype.toJSON = function () { return 'evil' }`,
    'then on Object.prototype': `Object.defineProperty(Object.prototype, 'then', { value: 7, writable: true, configurable: true })`,
  }

  for (const [name, pollution] of Object.entries(pollutions)) {
    it(`given ${name}, when calls are made, then they are what their caller wrote`, async (t) => {
      const peer = await startPeer(t)
      const ended = await runChild(
        t,
        async (/** @type {any} */ { options, pollution }) => {
          // biome-ignore lint/security/noGlobalEval: what pollutes travels as text
          eval(pollution)
          const { Layer1, path } = require('layer1')
          const client = new Layer1(options)
          /** @type {any[]} */
          const seen = [await client.get(path`/a/${'b'}`), await client.get('/a'), typeof (await client.getToken())]
          const { status } = await client.request('PUT', '/a', { body: 'text' })
          /** @type {any} */
          const error = await client.get('/a/../b').catch((error) => error)
          await client.close()
          console.log([...seen.map((value) => value.ok ?? value), status, error.code, error.method].join(' '))
        },
        { options: peer.options, pollution },
      )
      assert.deepEqual([ended.code, ended.signal, ended.stderr], [0, null, ''])
      assert.equal(ended.stdout, 'true true string 200 ERR_LAYER1_REQUEST GET\n', ended.stderr)
      const calls = peer.calls.map(({ method, url, body }) => [method, url, body])
      assert.deepEqual(calls, [
        ['GET', '/a/b', ''],
        ['GET', '/a', ''],
        ['PUT', '/a', 'text'],
      ])
      for (const { headers } of peer.calls) {
        assert.deepEqual([headers.authorization, headers['x-evil']], ['Bearer token-1', undefined])
      }
    })
  }
})
