'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { startSandbox } = require('layer1/sandbox')
const { failure } = require('./support/failures.js')
const { collect, digital, first, rows, startList, treasury } = require('./support/lists.js')
const { makeClient, startPeer } = require('./support/peer.js')

describe('the lists of the sandbox', { timeout: 60_000 }, () => {
  for (const { path, pageSize, total, requests } of [
    { path: '/digital/v1/asset-pools', pageSize: 5, total: 23, requests: 5 },
    { path: '/digital/v1/asset-pools', pageSize: 23, total: 23, requests: 1 },
    { path: '/digital/v1/asset-pools', pageSize: 1, total: 23, requests: 23 },
    { path: '/api/v1/asset-pools', pageSize: undefined, total: 23, requests: 2 },
    { path: '/treasury/v1/accounts', pageSize: 10, total: 42, requests: 5 },
    { path: '/treasury/v1/accounts', pageSize: 21, total: 42, requests: 2 },
    { path: 'treasury/v1/payments', pageSize: undefined, total: 120, requests: 6 },
  ]) {
    it(`given ${path} in pages of ${pageSize ?? 'any size'}, when it is read, then its ${total} items come with ${requests} requests`, async (t) => {
      const sandbox = await startSandbox()
      t.after(() => sandbox.close())
      const client = makeClient(t, sandbox.options)
      const items = /** @type {any[]} */ (await collect(client.paginate(path, { query: { pageSize } })))
      const calls = sandbox.requests.filter(({ endpoint }) => endpoint === 'api')
      assert.equal(calls.length, requests)
      const whole = /** @type {any} */ (await client.get(path, { query: { pageSize: 100 } })).content
      assert.deepEqual([items.length, new Set(items.map(({ id }) => id)).size], [total, total])
      assert.deepEqual(items.slice(0, 100), whole)
    })
  }

  it('given a list, when its pages are read, then they are what get() gives', async (t) => {
    const sandbox = await startSandbox()
    t.after(() => sandbox.close())
    const client = makeClient(t, sandbox.options)
    const path = '/digital/v1/asset-pools'
    const pages = await collect(client.paginate(path, { query: { pageSize: 10 } }).pages())
    const got = [0, 1, 2].map((pageNumber) => client.get(path, { query: { pageNumber, pageSize: 10 } }))
    assert.deepEqual(pages, await Promise.all(got))
  })

  it("given numbers: 'lossless', when a treasury list is read, then every digit of its amounts comes", async (t) => {
    const sandbox = await startSandbox()
    t.after(() => sandbox.close())
    const client = makeClient(t, sandbox.options)
    const items = /** @type {any[]} */ (
      await collect(client.paginate('/treasury/v1/accounts', { numbers: 'lossless' }))
    )
    assert.deepEqual([items.length, items[0].balance], [42, '1.386770212175842462'])
  })

  it('given a page size beyond what the API allows, when it is read, then its error comes as get() gives it', async (t) => {
    const sandbox = await startSandbox()
    t.after(() => sandbox.close())
    const list = makeClient(t, sandbox.options).paginate('/digital/v1/asset-pools', { query: { pageSize: 101 } })
    const error = await failure(collect(list), 'ERR_LAYER1_API')
    assert.deepEqual([error.status, error.path], [400, '/digital/v1/asset-pools'])
  })
})

describe('an answer that is no page', { timeout: 60_000 }, () => {
  for (const { name, body } of [
    { name: 'null', body: null },
    { name: 'an array', body: [{ id: 1 }] },
    { name: 'an object without content', body: { totalElements: 1 } },
    { name: 'content that is null', body: { content: null } },
    { name: 'content that is an object', body: { content: { length: 1 } } },
    { name: 'content that is a string', body: { content: 'abc' } },
    { name: 'a string', body: 'abc' },
    { name: 'true', body: true },
    { name: 'content of a member named __proto__', body: JSON.parse('{"__proto__":{"content":[1]}}') },
  ]) {
    it(`given ${name}, when it is read, then it is malformed, and the call is named without its query`, async (t) => {
      const { client, peer } = await startList(t, () => body)
      const list = client.paginate('/a?secret=1', { query: { pageSize: 2 } })
      for (const iterable of [list, list.pages()]) {
        const error = await failure(collect(iterable), 'ERR_LAYER1_RESPONSE_MALFORMED')
        assert.deepEqual([error.name, error.status, error.endpoint], ['Layer1ResponseError', 200, 'api'])
        assert.deepEqual([error.retryable, error.method, error.path], [false, 'GET', '/a'])
        assert.match(error.message, /^GET \/a: the answer is no page of a list, .*"content".*\.$/)
      }
      assert.equal(peer.calls.length, 2)
    })
  }

  it('given an empty body, when it is read, then it is malformed', async (t) => {
    const peer = await startPeer(t, { api: (_request, response) => void response.writeHead(204).end() })
    await failure(collect(makeClient(t, peer.options).paginate('/a')), 'ERR_LAYER1_RESPONSE_MALFORMED')
  })

  it('given such an answer in the middle, when it is read, then the items before it came', async (t) => {
    const { client } = await startList(t, ({ number }) => (number < 2 ? digital(rows(9, number), 9, number) : {}))
    const items = /** @type {unknown[]} */ ([])
    await failure(collect(client.paginate('/a'), items), 'ERR_LAYER1_RESPONSE_MALFORMED')
    assert.deepEqual(items, rows(4, 0, 4))
  })

  for (const { name, page } of [
    { name: 'digital', page: () => digital(['x', 'y'], 100, 0) },
    { name: 'treasury', page: () => treasury(['x', 'y'], 100, 0) },
  ]) {
    it(`given a ${name} server that ignores pageNumber, when it is read, then the page asked for and the one that came are named`, async (t) => {
      const { client, peer } = await startList(t, page)
      const items = /** @type {unknown[]} */ ([])
      const error = await failure(collect(client.paginate('/a'), items), 'ERR_LAYER1_RESPONSE_MALFORMED')
      assert.match(error.message, /^GET \/a: page 1 was asked for and page 0 came: .*\.$/)
      assert.deepEqual([items, peer.calls.length], [['x', 'y'], 2])
    })
  }

  it('given a server that counts pages from 1, when it is read, then the first page is malformed', async (t) => {
    const { client, peer } = await startList(t, ({ number }) => digital(['x'], 100, number + 1))
    const error = await failure(collect(client.paginate('/a')), 'ERR_LAYER1_RESPONSE_MALFORMED')
    assert.match(error.message, /page 0 was asked for and page 1 came/)
    assert.equal(peer.calls.length, 1)
  })
})

describe('an error in the middle', { timeout: 60_000 }, () => {
  it('given a page that fails, when it is read, then the items before it came and get() names the failure', async (t) => {
    const { client } = await startList(t, ({ number }) => (number < 1 ? digital(rows(9, number), 9, number) : 404))
    const items = /** @type {unknown[]} */ ([])
    const error = await failure(collect(client.paginate('/a?x=1'), items), 'ERR_LAYER1_API')
    assert.deepEqual([error.status, error.method, error.path], [404, 'GET', '/a'])
    assert.deepEqual(items, rows(2, 0))
  })

  it('given an iteration that failed, when it is asked further, then it is at its end', async (t) => {
    const { client, peer } = await startList(t, () => 404)
    const iterator = client.paginate('/a')[Symbol.asyncIterator]()
    await failure(iterator.next(), 'ERR_LAYER1_API')
    assert.deepEqual(await iterator.next(), { done: true, value: undefined })
    assert.equal(peer.calls.length, 1)
  })

  it('given a page that fails once, when it may be retried, then the list comes whole', async (t) => {
    const { client, urls } = await startList(t, ({ number, count }) =>
      count === 2 ? 503 : digital(rows(4, number), 4, number),
    )
    assert.deepEqual(await collect(client.paginate('/a', { maxRetries: 1 })), rows(4, 0, 4))
    assert.deepEqual(urls(), ['/a?pageNumber=0', '/a?pageNumber=1', '/a?pageNumber=1'])
  })

  it('given no retries, when a page fails once, then that is the end', async (t) => {
    const { client, peer } = await startList(t, ({ number, count }) =>
      count === 2 ? 503 : digital(rows(4, number), 4, number),
    )
    await failure(collect(client.paginate('/a', { maxRetries: 0 })), 'ERR_LAYER1_API')
    assert.equal(peer.calls.length, 2)
  })

  it('given a timeout that is too short for a page, when the first item is asked for, then it is over', async (t) => {
    const { client } = await startList(t, () => undefined)
    await failure(first(client.paginate('/a', { timeout: Number.MIN_VALUE })), 'ERR_LAYER1_TIMEOUT')
  })
})
