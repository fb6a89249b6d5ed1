'use strict'
// The options of one call: checked before anything is sent, and never changed.

const { encodeBody } = require('./body.js')
const { toFlatHeaders } = require('./headers.js')
const { flag, guarded, oneOf, readAll, retries, signal, timeout } = require('./option-readers.js')
const { encodeQuery } = require('./query.js')
const { Refusal } = require('./refusal.js')
const { requestError } = require('./request-error.js')

/** @typedef {import('./failure.js').Place} Place */

const callNames = ['query', 'headers', 'signal', 'timeout', 'maxRetries', 'idempotent', 'responseType', 'numbers']
const requestNames = [...callNames, 'body']
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const bodiless = ['GET', 'HEAD']

/**
 * Reads the options of an API call.
 *
 * @param {unknown} given
 * @param {Place} place
 * @param {boolean} [withBody] whether the body is one of them
 */
function readCallOptions(given, place, withBody = false) {
  return guarded(place, 'an option', () => {
    const options = readAll(given, withBody ? requestNames : callNames, ['body'])
    const responseType = oneOf(options, 'responseType', ['json', 'text', 'buffer']) ?? 'json'
    const numbers = oneOf(options, 'numbers', ['number', 'lossless']) ?? 'number'
    if (numbers === 'lossless' && responseType !== 'json') {
      throw new Refusal("numbers: 'lossless' is for parsed JSON: leave out responseType, or numbers")
    }
    return {
      query: options.query === undefined ? undefined : encodeQuery(options.query),
      headers: options.headers === undefined ? undefined : toFlatHeaders(options.headers),
      signal: signal(options),
      timeout: timeout(options),
      maxRetries: retries(options),
      idempotent: flag(options, 'idempotent'),
      responseType,
      numbers,
      ...(withBody && { body: options.body }),
    }
  })
}

/**
 * Checks a body, and encodes it.
 *
 * @param {unknown} body
 * @param {{ method: string, path: string }} place
 */
function checkBody(body, place) {
  return guarded(place, 'the body', () => {
    if (body !== undefined && bodiless.includes(place.method)) {
      throw new Refusal(`a ${place.method} has no body: pass what it asks for as query`)
    }
    return encodeBody(body)
  })
}

/**
 * Checks a method, and gives it in capitals.
 *
 * @param {unknown} method
 * @param {unknown} path
 */
function checkMethod(method, path) {
  // Only of ASCII: some letters elsewhere become ASCII as capitals.
  const name = typeof method === 'string' && /^[A-Za-z]+$/.test(method) ? method.toUpperCase() : ''
  if (!methods.includes(name)) {
    const place = typeof path === 'string' ? { path: placePath(path) } : {}
    throw requestError(`the method has to be ${methods.slice(0, -1).join(', ')} or ${methods.at(-1)}`, place)
  }
  return name
}

/**
 * Checks what only JavaScript can see of a path, and gives it; what it may say is checked where the URL is made.
 *
 * @param {unknown} path
 * @param {string} method
 * @returns {string}
 */
function checkPath(path, method) {
  if (typeof path !== 'string') {
    throw requestError('the path has to be a string, such as "/api/v1/asset-pools"', { method, path: '(none)' })
  }
  if (!path.isWellFormed()) {
    throw requestError('the path has a lone surrogate, which no URL can carry', { method, path: placePath(path) })
  }
  return path
}

/**
 * Gives the path as errors show it: without its query, which may hold what a log should not.
 *
 * @param {string} path
 */
function placePath(path) {
  const end = path.indexOf('?')
  return (end < 0 ? path : path.slice(0, end)).toWellFormed()
}

module.exports = { readCallOptions, checkBody, checkMethod, checkPath, placePath, requestError }
