'use strict'

const { checkPath, placePath, readCallOptions, requestError } = require('./call-options.js')
const { Layer1ResponseError } = require('./errors.js')

/** @typedef {import('../index.d.ts').CallOptions} CallOptions */
/** @typedef {import('./failure.js').Place} Place */

/**
 * Gives a list's items, and with `pages()` its pages as they came; each page is fetched when it is asked for.
 *
 * The options are read here, once; what is wrong with them is thrown by the first `next()`. Every iteration begins at
 * the first page. `timeout` limits the request for one page, not the whole; `signal` ends it all.
 *
 * @param {(path: string, options: CallOptions) => Promise<any>} getPage
 * @param {unknown} path
 * @param {unknown} options
 */
function paginate(getPage, path, options) {
  const reading = readWish(path, options)
  reading.catch(() => {})

  async function* pages() {
    const { path, place, query, first, ...call } = await reading
    let seen = 0
    for (let number = first, isLast = false; !isLast; number += 1) {
      const numbered = new URLSearchParams([...query, ['pageNumber', String(number)]])
      const page = await getPage(path, { ...call, query: numbered })
      checkPage(page, number, place)
      seen += page.content.length
      // Judged before the page is given away: then it is its new owner's to change.
      isLast = endsList(page, number, seen)
      yield page
    }
  }

  async function* items() {
    const { signal } = await reading
    for await (const { content } of pages()) {
      for (const item of content) {
        if (signal?.aborted) {
          throw signal.reason
        }
        yield item
      }
    }
  }

  return { [Symbol.asyncIterator]: items, pages: () => ({ [Symbol.asyncIterator]: pages }) }
}

/**
 * Reads what the caller wants at once, and rejects where that is wrong.
 *
 * @param {unknown} givenPath
 * @param {unknown} givenOptions
 */
async function readWish(givenPath, givenOptions) {
  const path = checkPath(givenPath, 'GET')
  const place = { method: 'GET', path: placePath(path) }
  const { query, headers = [], responseType, ...call } = readCallOptions(givenOptions, place)
  if (responseType !== 'json') {
    throw requestError("pages are read as JSON: leave responseType out, or make it 'json'", place)
  }
  const inPath = new URLSearchParams(path.slice(place.path.length))
  const misplaced = ['pageNumber', 'pageSize'].find((name) => inPath.has(name))
  if (misplaced) {
    throw requestError(`${misplaced} is in the path, so it may be sent twice: give it in the option query`, place)
  }
  const pairs = [...new URLSearchParams(query)]
  const first = firstPage(pairs, place)
  return {
    ...call,
    path,
    place,
    headers: toObject(headers),
    query: pairs.filter(([name]) => name !== 'pageNumber'),
    first,
  }
}

/**
 * @param {[name: string, value: string][]} query
 * @param {Place} place
 */
function firstPage(query, place) {
  const [text = '0', ...more] = query.filter(([name]) => name === 'pageNumber').map(([, value]) => value)
  const number = /^\d+$/.test(text) && more.length === 0 ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(number)) {
    throw requestError('query.pageNumber has to be one whole number, 0 or above: the page to begin with', place)
  }
  return number
}

/**
 * @param {string[]} flat names and values
 * @returns {Record<string, string>}
 */
function toObject(flat) {
  return Object.fromEntries(flat.flatMap((value, index) => (index % 2 === 1 ? [[flat[index - 1], value]] : [])))
}

/**
 * @param {any} page
 * @param {number} asked
 * @param {Place} place
 */
function checkPage(page, asked, place) {
  if (!Array.isArray(page?.content)) {
    throw malformed('the answer is no page of a list, it has no array named "content": read it with get()', place)
  }
  const came = stated(page, 'pageNumber') ?? asked
  if (came !== asked && page.content.length > 0) {
    throw malformed(`page ${asked} was asked for and page ${came} came: this list cannot be read page by page`, place)
  }
}

/**
 * Tells whether a page is the last: an empty one is; otherwise what this newest answer says of the list decides.
 *
 * @param {any} page
 * @param {number} number
 * @param {number} seen
 */
function endsList(page, number, seen) {
  // A size that was only asked for proves nothing: the server may have capped it.
  const size = stated(page, 'pageSize')
  const reached = size ? (number + 1) * size : seen
  const isReached = reached >= (stated(page, 'totalElements') ?? Infinity)
  return page.content.length === 0 || isReached || number + 1 >= (stated(page, 'totalPages') ?? Infinity)
}

/**
 * Gives a number that a page states; the digital API nests those of the page itself.
 *
 * @param {any} page
 * @param {string} name
 * @returns {number | undefined}
 */
function stated(page, name) {
  return [page.pageable?.[name], page[name]].find((value) => Number.isSafeInteger(value) && value >= 0)
}

/**
 * @param {string} message
 * @param {Place} place
 */
function malformed(message, place) {
  const answer = { code: /** @type {const} */ ('ERR_LAYER1_RESPONSE_MALFORMED'), endpoint: 'api', status: 200 }
  return new Layer1ResponseError(`${place.method} ${place.path}: ${message}.`, {
    ...answer,
    retryable: false,
    ...place,
  })
}

module.exports = { paginate }
