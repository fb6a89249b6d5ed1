'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { setImmediate: nextTurn } = require('node:timers/promises')
const { describe, it } = require('node:test')
const { paginate } = require('../lib/paginate.js')
const { failure } = require('./support/failures.js')
const { collect, deepFrozen, digital, first, rows, startList } = require('./support/lists.js')

describe('the query of a list', { timeout: 60_000 }, () => {
  for (const { name, path = '/a', query, urls } of [
    { name: 'no query', query: undefined, urls: ['/a?pageNumber=0', '/a?pageNumber=1'] },
    { name: 'null', query: null, urls: ['/a?pageNumber=0', '/a?pageNumber=1'] },
    { name: 'a first page', query: { pageNumber: 1 }, urls: ['/a?pageNumber=1'] },
    { name: 'a first page in digits', query: { pageNumber: '1' }, urls: ['/a?pageNumber=1'] },
    { name: 'a first page that is a bigint', query: { pageNumber: 1n }, urls: ['/a?pageNumber=1'] },
    { name: 'a first page of null', query: { pageNumber: null }, urls: ['/a?pageNumber=0', '/a?pageNumber=1'] },
    { name: 'a page beyond the end', query: { pageNumber: 7 }, urls: ['/a?pageNumber=7'] },
    { name: 'a size', query: { pageSize: 3 }, urls: ['/a?pageSize=3&pageNumber=0'] },
    {
      name: 'all that get() takes',
      query: { q: 'a+b c', type: ['x', 'y'], at: new Date(0), none: undefined, é: true },
      urls: [0, 1].map(
        (number) => `/a?q=a%2Bb%20c&type=x&type=y&at=1970-01-01T00%3A00%3A00.000Z&%C3%A9=true&pageNumber=${number}`,
      ),
    },
    {
      name: 'a key named __proto__',
      query: JSON.parse('{"__proto__":"x","constructor":"y"}'),
      urls: [0, 1].map((number) => `/a?__proto__=x&constructor=y&pageNumber=${number}`),
    },
    {
      name: 'an object without prototype',
      query: Object.assign(Object.create(null), { pageSize: 3 }),
      urls: ['/a?pageSize=3&pageNumber=0'],
    },
    {
      name: 'a URLSearchParams',
      query: new URLSearchParams('b=1&pageNumber=1&a=c+d&b=2'),
      urls: ['/a?b=1&a=c%20d&b=2&pageNumber=1'],
    },
    {
      name: 'a path that has a query too',
      path: '/a?x=1&page=2',
      query: { x: 2 },
      urls: ['/a?x=1&page=2&x=2&pageNumber=0', '/a?x=1&page=2&x=2&pageNumber=1'],
    },
  ]) {
    it(`given ${name}, when the list is read, then ${urls.join(' and ')} are asked for`, async (t) => {
      const list = await startList(t, ({ number, size }) => digital(rows(3, number, size), 3, number, size))
      await collect(list.client.paginate(path, { query }))
      assert.deepEqual(list.urls(), urls)
    })
  }
})

describe('the options of a list', { timeout: 60_000 }, () => {
  it('given headers, when pages are asked for, then each request has them', async (t) => {
    const { client, peer } = await startList(t, ({ number }) => digital(rows(3, number), 3, number))
    await collect(client.paginate('/a', { headers: { 'X-One': '1', 'X-None': undefined } }))
    await collect(client.paginate('/a', { headers: new Headers({ 'x-one': '1' }) }))
    assert.deepEqual(
      peer.calls.map(({ headers }) => [headers['x-one'], headers['x-none']]),
      Array.from({ length: 4 }, () => ['1', undefined]),
    )
  })

  it('given options that are frozen through and through, when the list is read, then they are as before', async (t) => {
    const { client } = await startList(t, ({ number }) => digital(rows(3, number), 3, number))
    const make = () => ({
      query: { type: ['a', 'b'], pageNumber: 0, pageSize: 2 },
      headers: { 'x-a': '1' },
      timeout: 9e3,
    })
    const options = deepFrozen(make())
    assert.deepEqual(await collect(client.paginate('/a', options)), rows(3, 0, 3))
    assert.deepEqual(options, make())
  })

  it('given a URLSearchParams and a Headers, when the list is read, then they are as before', async (t) => {
    const { client } = await startList(t, ({ number }) => digital(rows(9, number), 5, number))
    const query = new URLSearchParams('pageNumber=1&b=1')
    const headers = new Headers({ 'x-a': '1' })
    await collect(client.paginate('/a', { query, headers }))
    assert.deepEqual([String(query), [...headers]], ['pageNumber=1&b=1', [['x-a', '1']]])
  })

  it('given options that change later, when the list is read, then they are what they were', async (t) => {
    const { client, urls } = await startList(t, ({ number }) => digital(rows(3, number), 3, number))
    const options = { query: /** @type {Record<string, string>} */ ({ a: '1' }), headers: { 'x-a': '1' } }
    const list = client.paginate('/a', options)
    options.query.a = '2'
    options.query.pageNumber = '9'
    assert.deepEqual(await collect(list), rows(3, 0, 3))
    assert.deepEqual(urls(), ['/a?a=1&pageNumber=0', '/a?a=1&pageNumber=1'])
  })

  it('given options with getters, when the list is read twice, then each is read once', async (t) => {
    const { client } = await startList(t, ({ number }) => digital(rows(5, number), 5, number))
    let reads = 0
    const options = {
      get query() {
        reads += 1
        return { pageSize: 2 }
      },
    }
    const list = client.paginate('/a', options)
    await collect(list)
    await collect(list)
    assert.equal(reads, 1)
  })

  it('given a getter that throws, when the first item is asked for, then it is refused with its cause', async (t) => {
    const { client } = await startList(t, () => digital([], 0, 0))
    const cause = new Error('no such query')
    const options = {
      /** @returns {undefined} */
      get query() {
        throw cause
      },
    }
    assert.equal((await failure(first(client.paginate('/a', options)), 'ERR_LAYER1_REQUEST')).cause, cause)
  })

  it('given null as options, when the list is read, then that is none', async (t) => {
    const { client } = await startList(t, ({ number }) => digital(rows(3, number), 3, number))
    assert.equal((await collect(client.paginate('/a', null))).length, 3)
  })

  it("given 'json' as responseType, when the list is read, then it comes", async (t) => {
    const { client } = await startList(t, ({ number }) => digital(rows(3, number), 3, number))
    assert.equal((await collect(client.paginate('/a', { responseType: 'json' }))).length, 3)
  })

  it('given all that a call may be told, when pages are asked for, then each request has them for itself', async () => {
    const { signal } = new AbortController()
    /** @type {any[]} */
    const given = []
    const list = paginate(
      async (path, { query, ...options }) => {
        given.push({ path, query: String(query), ...options })
        return digital(rows(3, given.length - 1), 3, given.length - 1)
      },
      '/a?b=1',
      { timeout: 50, signal, maxRetries: 7, numbers: 'lossless' },
    )
    assert.deepEqual(await collect(list), rows(3, 0, 3))
    assert.deepEqual(
      given.map(({ path, query, timeout, maxRetries, numbers }) => [path, query, timeout, maxRetries, numbers]),
      [
        ['/a?b=1', 'pageNumber=0', 50, 7, 'lossless'],
        ['/a?b=1', 'pageNumber=1', 50, 7, 'lossless'],
      ],
    )
    assert.ok(given.every((options) => options.signal === signal))
  })
})

describe('a list that is refused', { timeout: 60_000 }, () => {
  const query = (/** @type {unknown} */ pageNumber) => ({ query: { pageNumber } })
  for (const {
    name,
    path = '/a',
    options,
    says,
  } of /** @type {{ name: string, path?: any, options?: any, says: RegExp }[]} */ ([
    { name: 'text as responseType', options: { responseType: 'text' }, says: /JSON: leave responseType out/ },
    { name: 'a buffer as responseType', options: { responseType: 'buffer' }, says: /JSON: leave responseType out/ },
    { name: 'an unknown responseType', options: { responseType: 'xml' }, says: /responseType/ },
    { name: 'a page number below zero', options: query(-1), says: /query\.pageNumber has to be one whole number/ },
    { name: 'a fraction as page number', options: query(1.5), says: /query\.pageNumber has to be/ },
    { name: 'NaN as page number', options: query(Number.NaN), says: /query\.pageNumber/ },
    { name: 'a word as page number', options: query('first'), says: /query\.pageNumber has to be/ },
    { name: 'an empty page number', options: query(''), says: /query\.pageNumber has to be/ },
    { name: 'a page number with a blank', options: query(' 1'), says: /query\.pageNumber has to be/ },
    { name: 'a page number in hexadecimal', options: query('0x1'), says: /query\.pageNumber has to be/ },
    { name: 'a page number beyond counting', options: query(2n ** 53n), says: /query\.pageNumber has to be/ },
    { name: 'true as page number', options: query(true), says: /query\.pageNumber has to be/ },
    { name: 'two page numbers', options: query([1, 2]), says: /query\.pageNumber has to be one/ },
    { name: 'an object as page number', options: query({}), says: /query\.pageNumber/ },
    {
      name: 'two page numbers in a URLSearchParams',
      options: { query: new URLSearchParams('pageNumber=1&pageNumber=1') },
      says: /query\.pageNumber has to be one/,
    },
    { name: 'a page number in the path', path: '/a?pageNumber=1', says: /pageNumber is in the path/ },
    { name: 'an escaped page number in the path', path: '/a?x&page%4Eumber=1', says: /pageNumber is in the path/ },
    { name: 'a page size in the path', path: '/a?x=1&pageSize=5', says: /pageSize is in the path/ },
    { name: 'a query that is a string', options: { query: 'a=b' }, says: /query has to be/ },
    { name: 'an unknown option', options: { pageSize: 5 }, says: /no option "pageSize"/ },
    { name: 'an own option named __proto__', options: JSON.parse('{"__proto__":{}}'), says: /no option "__proto__"/ },
    { name: 'options that are a string', options: 'json', says: /options have to be an object/ },
    { name: 'a timeout of 0', options: { timeout: 0 }, says: /timeout/ },
    { name: 'a signal that is none', options: { signal: {} }, says: /signal/ },
    { name: 'headers that are a list', options: { headers: [] }, says: /headers/ },
    { name: 'a header of the client', options: { headers: { host: 'x' } }, says: /host/ },
    { name: 'a path that is a number', path: 7, says: /the path has to be a string/ },
    { name: 'a path with a lone surrogate', path: '/\ud800', says: /lone surrogate/ },
    { name: 'a path that leads upwards', path: '/a/../b', says: /segment/ },
    { name: 'an absolute URL as path', path: 'https://example.com/a', says: /absolute URL/ },
  ])) {
    it(`given ${name}, when the first item is asked for, then it is refused, not before, and nothing is sent`, async (t) => {
      const { client, peer } = await startList(t, () => digital([], 0, 0))
      const list = client.paginate(path, options)
      await nextTurn()
      for (const iterable of [list, list.pages()]) {
        const error = await failure(first(iterable))
        assert.deepEqual([error.name, error.code], ['Layer1RequestError', 'ERR_LAYER1_REQUEST'])
        assert.match(error.message, says)
        assert.match(error.message, /^GET .*[^.]\.$/)
      }
      assert.equal(peer.connections(), 0)
    })
  }
})
