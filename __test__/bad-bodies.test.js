'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { Readable, Writable } = require('node:stream')
const { describe, it } = require('node:test')
const vm = require('node:vm')
const { Layer1RequestError } = require('layer1')
const { failure } = require('./support/failures.js')
const { makeClient, startPeer } = require('./support/peer.js')

/** @typedef {{ name: string, body: any, says: RegExp }} Bad */

/** What no message may ever show. */
const PRIVATE = 'private-7c1e'

/** @returns {any} */
function cycle() {
  /** @type {any} */
  const whole = { name: PRIVATE, parts: [{ name: PRIVATE }] }
  whole.parts[0].whole = whole
  return whole
}

/** @param {number} depth */
function nest(depth) {
  /** @type {unknown[]} */
  let nested = []
  for (let index = 0; index < depth; index++) nested = [nested]
  return nested
}

function form() {
  const data = new FormData()
  data.set('name', PRIVATE)
  return data
}

function detached() {
  const view = new Uint8Array(8)
  structuredClone(view.buffer, { transfer: [view.buffer] })
  return view
}

async function* chunks() {
  yield PRIVATE
}

/** @param {() => never} run */
function throwing(run) {
  return {
    name: PRIVATE,
    /** @returns {unknown} */
    get bad() {
      return run()
    },
  }
}

/**
 * What stands for a whole body, and as a member of one, is refused in the same words.
 *
 * @type {[name: string, value: () => any, says: RegExp][]}
 */
const values = [
  ['a BigInt', () => 10n ** 30n, /a BigInt, .* string/],
  ['NaN', () => Number.NaN, /NaN/],
  ['Infinity', () => Number.POSITIVE_INFINITY, /Infinity/],
  ['-Infinity', () => Number.NEGATIVE_INFINITY, /-Infinity/],
  ['an invalid Date', () => new Date(Number.NaN), /an invalid Date/],
  ['a function', () => () => PRIVATE, /a function/],
  ['an async function', () => async () => PRIVATE, /a function/],
  ['a class', () => class Payment {}, /a function/],
  ['a symbol', () => Symbol(PRIVATE), /a symbol/],
  ['a Map', () => new Map([[PRIVATE, PRIVATE]]), /a Map/],
  ['a Set', () => new Set([PRIVATE]), /a Set/],
  ['a WeakMap', () => new WeakMap(), /a WeakMap/],
  ['a WeakSet', () => new WeakSet(), /a WeakSet/],
  ['a Map of another realm', () => vm.runInNewContext('new Map()'), /a Map/],
  ['a subclass of Map', () => new (class Mine extends Map {})(), /a Map/],
  ['a Promise', () => Promise.resolve(PRIVATE), /a Promise/],
  ['a RegExp', () => /private-7c1e/, /a RegExp/],
  ['a FormData', form, /a FormData/],
  ['a Blob', () => new Blob([PRIVATE]), /a Blob/],
  ['a File', () => new File([PRIVATE], PRIVATE), /a Blob|a File/],
  ['a URLSearchParams', () => new URLSearchParams({ name: PRIVATE }), /a URLSearchParams.*String/],
  ['a ReadableStream', () => new ReadableStream(), /a stream/],
  ['a Readable', () => Readable.from([PRIVATE]), /a stream/],
  ['a Writable', () => new Writable(), /a stream/],
  ['an async iterable', () => ({ [Symbol.asyncIterator]: chunks }), /a stream/],
  ['an async generator', () => chunks(), /a stream/],
  ['an ArrayBuffer', () => new ArrayBuffer(4), /bytes/],
  ['a toJSON that gives a BigInt', () => ({ toJSON: () => 1n }), /a BigInt/],
  ['a toJSON that gives NaN', () => ({ toJSON: () => Number.NaN }), /NaN/],
  ['a toJSON that gives a Buffer', () => ({ toJSON: () => Buffer.from(PRIVATE) }), /bytes/],
  ['a boxed BigInt', () => Object(1n), /BigInt/],
  ['a WritableStream', () => new WritableStream(), /a stream/],
  ['a TransformStream', () => new TransformStream(), /a stream/],
  ['a SharedArrayBuffer', () => new SharedArrayBuffer(4), /bytes/],
  ['a boxed NaN', () => Object(Number.NaN), /NaN/],
  ['an Error', () => new Error(PRIVATE), /Error/],
  ['a Headers', () => new Headers({ name: PRIVATE }), /Headers/],
  ['a Response', () => new Response(PRIVATE), /Response/],
  ['a generator', () => [PRIVATE].values(), /[Ii]terator|[Gg]enerator/],
]

/** @param {() => any} value */
const inObject = (value) => ({ name: PRIVATE, inner: [{ amount: value(), other: PRIVATE }] })

/** @type {Bad[]} */
const bad = [
  ...values.map(([name, value, says]) => ({ name, body: value(), says })),
  ...values.map(([name, value, says]) => ({
    name: `${name} in it`,
    body: inObject(value),
    says: new RegExp(`"amount" in the body is .*${says.source}`),
  })),
  { name: 'a member with an empty name', body: { '': 1n }, says: /"" in the body/ },
  { name: 'a Buffer in it', body: { inner: { data: Buffer.from(PRIVATE) } }, says: /"data" in the body is bytes/ },
  { name: 'a Uint8Array in an array', body: [new Uint8Array(1)], says: /"0" in the body is bytes/ },
  { name: 'an invalid Date in an array', body: [0, new Date(Number.NaN)], says: /"1" in the body is an invalid Date/ },
  { name: 'undefined in an array', body: { ids: ['a', undefined] }, says: /"1" in the body is undefined in an array/ },
  {
    name: 'an array with a hole',
    body: Array.from({ length: 1 }).concat(new Array(1)),
    says: /"0" in the body is undef/,
  },
  {
    name: 'a function as method of an object',
    body: { name: PRIVATE, pay() {} },
    says: /"pay" in the body is a function/,
  },
  { name: 'a toJSON that gives undefined', body: { toJSON: () => undefined }, says: /JSON/ },
  { name: 'an object that holds itself', body: cycle(), says: /refers to itself/ },
  { name: 'a nesting beyond the stack', body: nest(100_000), says: /./ },
  { name: 'a lone surrogate', body: `${PRIVATE}\ud800`, says: /lone surrogate/ },
  { name: 'a view whose memory was given away', body: detached(), says: /./ },
  { name: 'a key of a kilobyte', body: { ['k'.repeat(1024)]: 1n }, says: /"k{1,100}.{0,3}" in the body is a BigInt/ },
  { name: 'a key with a line break', body: { 'a\nb': 1n }, says: /"a\\u000ab" in the body/ },
  { name: 'a key with a lone surrogate', body: { '\ud800': 1n }, says: /"\ufffd" in the body/ },
]

const methods = /** @type {const} */ (['post', 'put', 'patch', 'request'])

/**
 * Sends a body that is refused, asserts that nothing went out and nothing of it is told, and gives the error.
 *
 * @param {import('node:test').TestContext} t
 * @param {any} body
 * @param {typeof methods[number]} [method]
 */
async function refused(t, body, method = 'post') {
  const peer = await startPeer(t)
  const client = makeClient(t, peer.options)
  const sent = method === 'request' ? client.request('DELETE', '/a?b', { body }) : client[method]('/a?b', body)
  const error = await failure(sent, 'ERR_LAYER1_REQUEST')
  assert.ok(error instanceof Layer1RequestError)
  const verb = method === 'request' ? 'DELETE' : method.toUpperCase()
  assert.deepEqual([error.method, error.path, error.attempts, error.retryable], [verb, '/a', 0, false])
  assert.ok(!error.message.includes(PRIVATE), error.message)
  assert.ok(!String(error.stack).includes(PRIVATE), error.stack)
  // A client that may do nothing cannot have asked for a token either.
  assert.deepEqual([peer.connections(), peer.tokenRequests.length, peer.calls.length], [0, 0, 0])
  return error
}

describe('a body that cannot be sent as it is', { timeout: 60_000 }, () => {
  for (const { name, body, says } of bad) {
    it(`given ${name}, when it is posted, then it is refused, the message says what is wrong, and nothing is sent`, async (t) => {
      const { message } = await refused(t, body)
      assert.match(message, says)
      assert.ok(message.length < 300, `${message.length} characters`)
    })
  }

  for (const method of methods) {
    it(`given NaN in it, when it goes out by ${method}(), then it is refused and nothing is sent`, async (t) => {
      assert.match((await refused(t, { amount: Number.NaN }, method)).message, /"amount" in the body is NaN/)
    })
  }

  it('given a client that works, when a body is refused, then the next call works, and only that was sent', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, peer.options)
    await failure(client.post('/a', { amount: 1n }), 'ERR_LAYER1_REQUEST')
    assert.deepEqual(await client.post('/b', { amount: '1' }), { ok: true })
    assert.deepEqual([peer.calls.length, client.stats().requests], [1, 1])
  })
})

describe('code of the caller that throws while its body is read', { timeout: 60_000 }, () => {
  for (const [what, make] of /** @type {[string, (run: () => never) => any][]} */ ([
    ['a getter', (run) => throwing(run)],
    ['a getter far within', (run) => ({ inner: [throwing(run)] })],
    ['a toJSON', (run) => ({ name: PRIVATE, toJSON: run })],
    ['a proxy', (run) => new Proxy({ name: PRIVATE }, { get: run })],
  ])) {
    for (const Kind of [Error, RangeError, TypeError]) {
      it(`given ${what} with ${Kind.name}, when it is posted, then it is refused, with that as cause`, async (t) => {
        const cause = new Kind(PRIVATE)
        const error = await refused(
          t,
          make(() => {
            throw cause
          }),
        )
        assert.equal(error.cause, cause)
      })
    }
  }

  it('given a getter that throws undefined, when it is posted, then it is refused', async (t) => {
    await refused(
      t,
      throwing(() => {
        throw undefined
      }),
    )
  })

  it('given a getter that closes the client, when it is posted, then it rejects as closed and nothing is sent', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, peer.options)
    const body = {
      get amount() {
        client.close()
        return 1
      },
    }
    await failure(client.post('/a', body), 'ERR_LAYER1_CLOSED')
    assert.equal(peer.connections(), 0)
  })
})
