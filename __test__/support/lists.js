'use strict'
// Lists that are read page by page: a server for them, pages in both of Layer1's shapes, and readers.

const { makeClient, sendJson, startPeer } = require('./peer.js')

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

module.exports = { startList, digital, treasury, rows, collect, first, deepFrozen }
