'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { setImmediate: nextTurn } = require('node:timers/promises')
const { describe, it } = require('node:test')
const { failure, rejection } = require('./support/failures.js')
const { collect, digital, first, rows, startList } = require('./support/lists.js')
const { makeClient, neverAnswer, startPeer } = require('./support/peer.js')

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
