'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { failure } = require('./support/failures.js')
const { makeClient, startPeer } = require('./support/peer.js')

/**
 * Gives the request target that a call makes.
 *
 * @param {import('node:test').TestContext} t
 * @param {any} query
 * @param {string} [path]
 */
async function target(t, query, path = '/a') {
  const peer = await startPeer(t)
  await makeClient(t, peer.options).get(path, { query })
  return String(peer.calls[0]?.url)
}

describe('a query that may be sent', { timeout: 60_000 }, () => {
  for (const { name, query, sent } of [
    { name: 'a string', query: { q: 'x' }, sent: 'q=x' },
    { name: 'an empty string', query: { q: '' }, sent: 'q=' },
    { name: 'a blank', query: { 'a b': 'c d' }, sent: 'a%20b=c%20d' },
    { name: 'a plus sign', query: { q: '1+1' }, sent: 'q=1%2B1' },
    { name: 'separators', query: { 'a&b': 'c=d&e#f?g/h' }, sent: 'a%26b=c%3Dd%26e%23f%3Fg%2Fh' },
    { name: 'an escape', query: { q: '%20' }, sent: 'q=%2520' },
    { name: 'text outside ASCII', query: { é: '日😀' }, sent: '%C3%A9=%E6%97%A5%F0%9F%98%80' },
    { name: 'control characters and a backslash', query: { q: 'a\r\n\0\\' }, sent: 'q=a%0D%0A%00%5C' },
    { name: 'a Lucene query', query: { q: 'reference:REF-12a1' }, sent: 'q=reference%3AREF-12a1' },
    { name: 'numbers', query: { a: 0, b: -1.5, c: 1e21 }, sent: 'a=0&b=-1.5&c=1e%2B21' },
    { name: 'booleans', query: { a: true, b: false }, sent: 'a=true&b=false' },
    { name: 'a bigint', query: { a: 12345678901234567890n }, sent: 'a=12345678901234567890' },
    { name: 'a Date', query: { a: new Date(1735689600123) }, sent: 'a=2025-01-01T00%3A00%3A00.123Z' },
    { name: 'an array', query: { type: ['a', 2, true, 3n] }, sent: 'type=a&type=2&type=true&type=3' },
    { name: 'an array with gaps', query: { a: ['x', null, undefined, 'y'] }, sent: 'a=x&a=y' },
    { name: 'a Date in an array', query: { a: [new Date(0)] }, sent: 'a=1970-01-01T00%3A00%3A00.000Z' },
    { name: 'null and undefined', query: { a: null, b: undefined, c: 1 }, sent: 'c=1' },
    { name: 'several keys', query: { b: 1, a: 2 }, sent: 'b=1&a=2' },
    { name: 'a URLSearchParams', query: new URLSearchParams('b=1&a=c+d&b=%2B'), sent: 'b=1&a=c%20d&b=%2B' },
    { name: 'an object without prototype', query: Object.assign(Object.create(null), { a: 1 }), sent: 'a=1' },
    { name: 'a key named __proto__', query: JSON.parse('{"__proto__":"x"}'), sent: '__proto__=x' },
  ]) {
    it(`given ${name}, when it is sent, then it reads ?${sent}`, async (t) => {
      assert.equal(await target(t, query), `/a?${sent}`)
    })
  }

  for (const { name, query } of [
    { name: 'null', query: null },
    { name: 'undefined', query: undefined },
    { name: 'an empty object', query: {} },
    { name: 'only absent values', query: { a: null, b: undefined, c: [] } },
    { name: 'an empty URLSearchParams', query: new URLSearchParams() },
  ]) {
    it(`given ${name}, when it is sent, then there is no query`, async (t) => {
      assert.equal(await target(t, query), '/a')
    })
  }

  it('given every printable ASCII character, when it is sent, then the server decodes the very same', async (t) => {
    const text = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => index + 32))
    const url = new URL(await target(t, { q: text, [text]: 'v' }), 'http://x')
    assert.deepEqual([url.searchParams.get('q'), url.searchParams.get(text)], [text, 'v'])
  })

  for (const { path, query, sent } of [
    { path: '/a?x=1', query: { y: 2 }, sent: '/a?x=1&y=2' },
    { path: '/a?x=1', query: { x: 2 }, sent: '/a?x=1&x=2' },
    { path: '/a?x=1', query: {}, sent: '/a?x=1' },
    { path: '/a?x=1', query: new URLSearchParams('y=2'), sent: '/a?x=1&y=2' },
    { path: '/a?', query: { y: 2 }, sent: '/a?y=2' },
  ]) {
    it(`given the path ${path}, when a query is sent beside it, then both join to ${sent}`, async (t) => {
      assert.equal(await target(t, query, path), sent)
    })
  }

  it('given an object of the caller, when it is sent, then it is not changed', async (t) => {
    const query = Object.freeze({ a: Object.freeze([1, 2]), b: new Date(0) })
    await target(t, query)
    assert.deepEqual(query, { a: [1, 2], b: new Date(0) })
  })
})

describe('a query that is refused', { timeout: 60_000 }, () => {
  const cyclic = /** @type {any} */ ({})
  cyclic.a = cyclic
  for (const { name, query, key } of [
    { name: 'a string', query: 'a=b', key: 'query' },
    { name: 'an array', query: [['a', 'b']], key: 'query' },
    { name: 'a Map', query: new Map([['a', 'b']]), key: 'query' },
    { name: 'a number', query: 7, key: 'query' },
    { name: 'a function', query: () => ({}), key: 'query' },
    { name: 'an instance of a class', query: new (class Page {})(), key: 'query' },
    { name: 'an object as value', query: { page: { size: 1 } }, key: 'page' },
    { name: 'a cyclic object', query: cyclic, key: 'a' },
    { name: 'an array in an array', query: { page: [['x']] }, key: 'page' },
    { name: 'an object in an array', query: { page: ['x', {}] }, key: 'page' },
    { name: 'a function as value', query: { page: () => 1 }, key: 'page' },
    { name: 'a symbol as value', query: { page: Symbol('x') }, key: 'page' },
    { name: 'NaN', query: { page: Number.NaN }, key: 'page' },
    { name: 'Infinity', query: { page: Number.POSITIVE_INFINITY }, key: 'page' },
    { name: 'an invalid Date', query: { page: new Date(Number.NaN) }, key: 'page' },
    { name: 'a Buffer', query: { page: Buffer.from('x') }, key: 'page' },
    { name: 'a String object', query: { page: new String('x') }, key: 'page' },
    { name: 'a lone surrogate in a value', query: { page: '\ud800' }, key: 'page' },
    { name: 'a lone surrogate in a key', query: { '\udc00': 'x' }, key: 'query' },
  ]) {
    it(`given ${name}, when it is sent, then it is refused by name and nothing is sent`, async (t) => {
      const peer = await startPeer(t)
      const client = makeClient(t, peer.options)
      const error = await failure(client.get('/a', { query: /** @type {any} */ (query) }), 'ERR_LAYER1_REQUEST')
      assert.ok(error.message.includes(key), error.message)
      assert.ok(!error.message.includes('[object'), error.message)
      assert.equal(peer.connections(), 0)
    })
  }

  it('given a getter that throws, when it is read, then the call is refused with its cause', async (t) => {
    const cause = new Error('no such page')
    const query = {
      /** @returns {string} */
      get page() {
        throw cause
      },
    }
    const client = makeClient(t, (await startPeer(t)).options)
    const error = await failure(client.get('/a', { query }), 'ERR_LAYER1_REQUEST')
    assert.equal(error.cause, cause)
  })
})
