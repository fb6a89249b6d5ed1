'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { collect, digital, rows, startList, treasury } = require('./support/lists.js')

/** @typedef {import('./support/lists.js').Asked} Asked */

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
