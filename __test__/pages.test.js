'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { setImmediate: nextTurn } = require('node:timers/promises')
const { describe, it } = require('node:test')
const { startSandbox } = require('layer1/sandbox')
const { paginate } = require('../lib/paginate.js')
const { failure, rejection } = require('./support/failures.js')
const { makeClient, neverAnswer, sendJson, startPeer } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {{ number: number, size: number, count: number }} Asked the page, its size, and which request it is */

/**
 * Starts a peer that answers every request for a page with what `answer` gives, and a client of it.
 *
 * @param {TestContext} t
 * @param {(asked: Asked) => unknown} answer a body, or a status
 */
async function startList(t, answer) {
  const peer = await startPeer(t, {
    api: (request, response, count) => {
      const { searchParams } = new URL(request.url, 'http://localhost')
      const number = Number(searchParams.get('pageNumber') ?? Number.NaN)
      const body = answer({ number, size: Number(searchParams.get('pageSize') ?? 2), count })
      if (typeof body === 'number') sendJson(response, body, {}, { 'retry-after': '0' })
      else if (body !== undefined) sendJson(response, 200, body)
    },
  })
  return { peer, client: makeClient(t, peer.options), urls: () => peer.calls.map(({ url }) => url) }
}

/**
 * Makes a page as the digital API does.
 *
 * @param {unknown[]} content
 * @param {unknown} totalElements
 * @param {unknown} pageNumber
 * @param {unknown} [pageSize]
 */
function digital(content, totalElements, pageNumber, pageSize = 2) {
  return { totalElements, content, pageable: { pageNumber, pageSize } }
}

/**
 * Makes a page as the treasury API does.
 *
 * @param {unknown[]} content
 * @param {number} totalElements
 * @param {number} pageNumber
 * @param {number} [pageSize]
 */
function treasury(content, totalElements, pageNumber, pageSize = 2) {
  return { content, totalElements, totalPages: Math.ceil(totalElements / pageSize), pageNumber, pageSize }
}

/**
 * Gives a part of the list "0", "1", "2", … of which there are so many.
 *
 * @param {number} total
 * @param {number} number
 * @param {number} [size]
 */
function rows(total, number, size = 2) {
  return Array.from({ length: total }, (_, index) => String(index)).slice(number * size, (number + 1) * size)
}

/**
 * @template T
 * @param {AsyncIterable<T>} iterable
 * @param {T[]} [into] has what came, even if no end comes
 */
async function collect(iterable, into = []) {
  for await (const item of iterable) into.push(item)
  return into
}

/** @param {AsyncIterable<unknown>} iterable */
function first(iterable) {
  return iterable[Symbol.asyncIterator]().next()
}

/**
 * Freezes an object and all that is in it.
 *
 * @template {object} T
 * @param {T} object
 * @returns {T}
 */
function deepFrozen(object) {
  for (const value of Object.values(object)) if (typeof value === 'object' && value !== null) deepFrozen(value)
  return Object.freeze(object)
}

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

describe('the end of a list', { timeout: 60_000 }, () => {
  /** @type {{ name: string, answer: (asked: Asked) => unknown, items: number, requests: number }[]} */
  const endings = [
    {
      name: 'a digital list with a last page that is short',
      answer: ({ number }) => digital(rows(5, number), 5, number),
      items: 5,
      requests: 3,
    },
    {
      name: 'a treasury list with a last page that is short',
      answer: ({ number }) => treasury(rows(5, number), 5, number),
      items: 5,
      requests: 3,
    },
    {
      name: 'a digital list that ends at the end of a page',
      answer: ({ number }) => digital(rows(4, number), 4, number),
      items: 4,
      requests: 2,
    },
    {
      name: 'a treasury list that ends at the end of a page',
      answer: ({ number }) => treasury(rows(4, number), 4, number),
      items: 4,
      requests: 2,
    },
    { name: 'an empty digital list', answer: ({ number }) => digital([], 0, number), items: 0, requests: 1 },
    { name: 'an empty treasury list', answer: ({ number }) => treasury([], 0, number), items: 0, requests: 1 },
    {
      name: 'short pages in the middle',
      answer: ({ number }) => digital(rows(6, number).slice(0, number === 1 ? 1 : 2), 6, number),
      items: 5,
      requests: 3,
    },
    {
      name: 'a total that was too high and an empty page',
      answer: ({ number }) => digital(rows(3, number), 100, number),
      items: 3,
      requests: 3,
    },
    { name: 'no totals', answer: ({ number }) => ({ content: rows(5, number) }), items: 5, requests: 4 },
    {
      name: 'no totals and a page number and size',
      answer: ({ number }) => digital(rows(3, number), undefined, number),
      items: 3,
      requests: 3,
    },
    {
      name: 'only the total of pages',
      answer: ({ number }) => ({ content: rows(5, number), totalPages: 3 }),
      items: 5,
      requests: 3,
    },
    {
      name: 'only the total of items',
      answer: ({ number }) => ({ content: rows(5, number), totalElements: 5 }),
      items: 5,
      requests: 3,
    },
    {
      name: 'only the total of items and short pages',
      answer: ({ number }) => ({ content: rows(6, number).slice(0, 1), totalElements: 6 }),
      items: 3,
      requests: 4,
    },
    {
      name: 'a page size of 0 and no page to turn',
      answer: ({ number }) => digital(rows(3, number), 3, number, 0),
      items: 3,
      requests: 2,
    },
    {
      name: 'null for all it might state',
      answer: ({ number }) => ({ content: rows(3, number), totalElements: null, totalPages: null, pageable: null }),
      items: 3,
      requests: 3,
    },
    {
      name: 'totals as strings of digits',
      answer: ({ number }) => ({ content: rows(3, number), totalElements: '1', totalPages: '1', pageNumber: '9' }),
      items: 3,
      requests: 3,
    },
    {
      name: 'totals below zero and of fractions',
      answer: ({ number }) => ({ content: rows(3, number), totalElements: -1, totalPages: 0.5 }),
      items: 3,
      requests: 3,
    },
    {
      name: 'an empty page beyond the end that states another number',
      answer: ({ number }) => ({ content: rows(2, number), pageNumber: 0 }),
      items: 2,
      requests: 2,
    },
  ]
  for (const { name, answer, items, requests } of endings) {
    it(`given ${name}, when it is read, then ${items} items come with ${requests} requests`, async (t) => {
      const { client, urls } = await startList(t, answer)
      const list = client.paginate('/a')
      assert.equal((await collect(list)).length, items)
      assert.deepEqual(
        urls(),
        Array.from({ length: requests }, (_, number) => `/a?pageNumber=${number}`),
      )
    })
  }

  it('given a server that caps the page size and says so, when it is read, then no item is missed and no page too many asked', async (t) => {
    const { client, urls } = await startList(t, ({ number }) => digital(rows(6, number), 6, number, 2))
    assert.deepEqual(await collect(client.paginate('/a', { query: { pageSize: 1000 } })), rows(6, 0, 6))
    assert.equal(urls().length, 3)
  })

  it('given a server that caps the page size and does not say so, when it is read, then no item is missed', async (t) => {
    const answer = (/** @type {Asked} */ { number }) => ({ content: rows(5, number), totalElements: 5 })
    const { client } = await startList(t, answer)
    assert.deepEqual(await collect(client.paginate('/a', { query: { pageSize: 1000 } })), rows(5, 0, 5))
  })

  it('given a list that grows while it is read, when its end comes, then it is that of the newest answer', async (t) => {
    const { client, urls } = await startList(t, ({ number, count }) => {
      const total = Math.min(1 + 2 * count, 7)
      return digital(rows(total, number), total, number)
    })
    assert.deepEqual(await collect(client.paginate('/a')), rows(7, 0, 7))
    assert.equal(urls().length, 4)
  })

  for (const { name, left, items, requests } of [
    { name: 'up to the page that is read', left: 3, items: 3, requests: 2 },
    { name: 'below the page that is read', left: 1, items: 2, requests: 2 },
    { name: 'to nothing', left: 0, items: 2, requests: 2 },
  ]) {
    it(`given a list that shrinks ${name}, when it is read, then ${items} items come with ${requests} requests`, async (t) => {
      const { client, urls } = await startList(t, ({ number, count }) => {
        const total = count === 1 ? 8 : left
        return treasury(rows(total, number), total, number)
      })
      assert.equal((await collect(client.paginate('/a'))).length, items)
      assert.equal(urls().length, requests)
    })
  }

  it('given an owner who empties each page, when the pages are read, then all of them come', async (t) => {
    const { client, urls } = await startList(t, ({ number }) => digital(rows(5, number), 5, number))
    const taken = []
    for await (const page of client.paginate('/a').pages()) {
      const { content } = /** @type {any} */ (page)
      taken.push(...content.splice(0))
    }
    assert.deepEqual(taken, rows(5, 0, 5))
    assert.equal(urls().length, 3)
  })

  it('given an empty list, when its pages are read, then the one empty page comes', async (t) => {
    const { client } = await startList(t, () => digital([], 0, 0))
    assert.deepEqual(await collect(client.paginate('/a').pages()), [digital([], 0, 0)])
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

describe('an end that the reader makes', { timeout: 60_000 }, () => {
  it('given a break, when it comes within a page, then no further page is asked for', async (t) => {
    const { client, peer } = await startList(t, ({ number }) => digital(rows(9, number), 9, number))
    const items = []
    for await (const item of client.paginate('/a')) {
      items.push(item)
      if (items.length === 3) break
    }
    await client.get('/end')
    assert.deepEqual(
      peer.calls.map(({ url }) => url),
      ['/a?pageNumber=0', '/a?pageNumber=1', '/end'],
    )
  })

  it('given a break, when it comes after a page, then no further page is asked for', async (t) => {
    const { client, urls } = await startList(t, ({ number }) => digital(rows(9, number), 9, number))
    for await (const _page of client.paginate('/a').pages()) break
    await client.get('/end')
    assert.deepEqual(urls(), ['/a?pageNumber=0', '/end'])
  })

  it('given the last item of a page, when it was read, then the next page is asked for with the next item and not before', async (t) => {
    const { client, urls } = await startList(t, ({ number }) => digital(rows(9, number), 9, number))
    const iterator = client.paginate('/a')[Symbol.asyncIterator]()
    await iterator.next()
    await iterator.next()
    await client.get('/between')
    await iterator.next()
    assert.deepEqual(urls(), ['/a?pageNumber=0', '/between', '/a?pageNumber=1'])
  })

  it('given an abort between two pages, when the next page is asked for, then its reason comes and no request', async (t) => {
    const { client, peer } = await startList(t, ({ number }) => digital(rows(9, number), 9, number))
    const controller = new AbortController()
    const pages = client.paginate('/a', { signal: controller.signal }).pages()[Symbol.asyncIterator]()
    await pages.next()
    const reason = new Error('enough')
    controller.abort(reason)
    assert.equal(await rejection(pages.next()), reason)
    assert.equal(peer.calls.length, 1)
  })

  it('given an abort between two items of a page, when the next is asked for, then its reason comes', async (t) => {
    const { client, peer } = await startList(t, ({ number }) => digital(rows(9, number), 9, number))
    const controller = new AbortController()
    const items = client.paginate('/a', { signal: controller.signal })[Symbol.asyncIterator]()
    assert.deepEqual(await items.next(), { done: false, value: '0' })
    controller.abort('enough')
    assert.equal(await rejection(items.next()), 'enough')
    assert.deepEqual(await items.next(), { done: true, value: undefined })
    assert.equal(peer.calls.length, 1)
  })

  it('given an abort while a page is fetched, when it comes, then its reason comes and the request ends', async (t) => {
    const { client, peer } = await startList(t, ({ number }) => (number < 1 ? digital(rows(9, 0), 9, 0) : undefined))
    const controller = new AbortController()
    const items = /** @type {unknown[]} */ ([])
    const rejected = rejection(collect(client.paginate('/a', { signal: controller.signal }), items))
    const { socket } = await peer.called(2)
    const ended = new Promise((resolve) => socket.once('close', resolve))
    controller.abort('enough')
    assert.equal(await rejected, 'enough')
    assert.deepEqual(items, rows(2, 0))
    await ended
  })

  it('given a signal that is aborted already, when the first item is asked for, then its reason comes and nothing is sent', async (t) => {
    const { client, peer } = await startList(t, () => digital([], 0, 0))
    const list = client.paginate('/a', { signal: AbortSignal.abort('no') })
    assert.equal(await rejection(first(list)), 'no')
    assert.equal(peer.connections(), 0)
  })

  it('given an abort after the last item, when the end is asked for, then it is the end', async (t) => {
    const { client } = await startList(t, () => digital(['x'], 1, 0))
    const controller = new AbortController()
    const items = client.paginate('/a', { signal: controller.signal })[Symbol.asyncIterator]()
    await items.next()
    controller.abort('late')
    assert.deepEqual(await items.next(), { done: true, value: undefined })
  })

  it('given a client that is closed, when the first item is asked for, then it says so, and not before', async (t) => {
    const { client, peer } = await startList(t, () => digital([], 0, 0))
    await client.close()
    const list = client.paginate('/a')
    await failure(first(list), 'ERR_LAYER1_CLOSED')
    await failure(first(list.pages()), 'ERR_LAYER1_CLOSED')
    assert.equal(peer.connections(), 0)
  })

  it('given a client that is closed while a page is fetched, when it waits, then it says so', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const client = makeClient(t, peer.options)
    const rejected = failure(collect(client.paginate('/a')), 'ERR_LAYER1_CLOSED')
    await peer.called(1)
    await client.close()
    await rejected
  })
})

describe('iterations', { timeout: 60_000 }, () => {
  it('given a list, when nobody asks for an item, then nothing is sent', async (t) => {
    const { client, peer } = await startList(t, () => digital([], 0, 0))
    const list = client.paginate('/a')
    list[Symbol.asyncIterator]()
    list.pages()[Symbol.asyncIterator]()
    await nextTurn()
    assert.equal(peer.connections(), 0)
  })

  it('given one list, when it is read twice, then both begin at the first page', async (t) => {
    const { client, urls } = await startList(t, ({ number }) => digital(rows(3, number), 3, number))
    const list = client.paginate('/a')
    assert.deepEqual([await collect(list), await collect(list)], [rows(3, 0, 3), rows(3, 0, 3)])
    assert.deepEqual(urls(), ['/a?pageNumber=0', '/a?pageNumber=1', '/a?pageNumber=0', '/a?pageNumber=1'])
  })

  it('given the pages of one list, when they are read twice, then both begin at the first page', async (t) => {
    const { client, peer } = await startList(t, ({ number }) => digital(rows(3, number), 3, number))
    const pages = client.paginate('/a').pages()
    assert.deepEqual(await collect(pages), await collect(pages))
    assert.equal(peer.calls.length, 4)
  })

  it('given one list, when it is read by two at once, then neither takes from the other', async (t) => {
    const { client } = await startList(t, ({ number }) => digital(rows(7, number), 7, number))
    const list = client.paginate('/a')
    assert.deepEqual(await Promise.all([collect(list), collect(list)]), [rows(7, 0, 7), rows(7, 0, 7)])
  })

  it('given one iteration, when several items are asked for at once, then they come in order', async (t) => {
    const { client } = await startList(t, ({ number }) => digital(rows(3, number), 3, number))
    const iterator = client.paginate('/a')[Symbol.asyncIterator]()
    const results = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()])
    assert.deepEqual(
      results.map(({ value }) => value),
      ['0', '1', '2', undefined],
    )
  })

  it('given items that are null or lists, when they are read, then they come as they are', async (t) => {
    const content = [null, [1, 2], '', { content: [] }, JSON.parse('{"__proto__":{"a":1},"then":"x"}')]
    const { client } = await startList(t, () => ({ content, totalElements: content.length }))
    assert.deepEqual(await collect(client.paginate('/a')), content)
  })
})

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
