'use strict'
// The options of one call: checked before anything is sent, and never changed.

const { isSignal } = require('./abort.js')
const { Layer1RequestError } = require('./errors.js')
const { toFlatHeaders } = require('./headers.js')
const { unknownName } = require('./nearest.js')
const { encodeQuery } = require('./query.js')

/** @typedef {Record<string, unknown>} Options */
/** @typedef {import('./failure.js').Place} Place */

const callNames = ['query', 'headers', 'signal', 'timeout', 'maxRetries', 'responseType']
const tokenNames = ['forceRefresh', 'signal', 'timeout']
const responseTypes = ['json', 'text', 'buffer']

/**
 * Reads the options of an API call.
 *
 * @param {unknown} given
 * @param {Place} place
 */
function readCallOptions(given, place) {
  return guarded(place, () => {
    const options = readAll(given, callNames)
    return {
      query: options.query === undefined ? undefined : encodeQuery(options.query),
      headers: options.headers === undefined ? undefined : toFlatHeaders(options.headers),
      signal: signal(options),
      timeout: timeout(options),
      maxRetries: retries(options),
      responseType: responseType(options),
    }
  })
}

/**
 * Reads the options of a request for a token.
 *
 * @param {unknown} given
 */
function readTokenOptions(given) {
  return guarded({}, () => {
    const options = readAll(given, tokenNames)
    if (options.forceRefresh !== undefined && typeof options.forceRefresh !== 'boolean') {
      throw new TypeError('forceRefresh has to be true or false')
    }
    return { forceRefresh: options.forceRefresh === true, signal: signal(options), timeout: timeout(options) }
  })
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

/**
 * Turns whatever a check throws, or a caller's getter, into the one error for a call that is wrong.
 *
 * @template T
 * @param {Place} place
 * @param {() => T} read
 * @returns {T}
 */
function guarded(place, read) {
  try {
    return read()
  } catch (error) {
    const isOurs = error instanceof TypeError && error.message !== ''
    throw requestError(isOurs ? error.message : 'an option cannot be read', place, isOurs ? undefined : error)
  }
}

/**
 * @param {unknown} given
 * @param {string[]} names
 * @returns {Options}
 */
function readAll(given, names) {
  if (given === undefined || given === null) {
    return {}
  }
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new TypeError('the options have to be an object')
  }
  const unknown = Object.keys(given).find((name) => !names.includes(name))
  if (unknown !== undefined) {
    throw new TypeError(unknownName(unknown, names).replace(/\.$/, ''))
  }
  return Object.fromEntries(names.map((name) => [name, /** @type {Options} */ (given)[name] ?? undefined]))
}

/** @param {Options} options */
function signal(options) {
  if (options.signal === undefined || isSignal(options.signal)) {
    return options.signal
  }
  throw new TypeError('signal has to be an AbortSignal')
}

/** @param {Options} options */
function timeout(options) {
  const value = options.timeout
  if (value === undefined || (typeof value === 'number' && value > 0)) {
    return value
  }
  throw new TypeError('timeout has to be a number of milliseconds above 0; Infinity is none')
}

/** @param {Options} options */
function retries(options) {
  const value = options.maxRetries
  if (value === undefined) {
    return undefined
  }
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 100) {
    throw new TypeError('maxRetries has to be a whole number from 0 to 100')
  }
  return value
}

/** @param {Options} options */
function responseType(options) {
  const value = options.responseType ?? 'json'
  if (typeof value !== 'string' || !responseTypes.includes(value)) {
    throw new TypeError("responseType has to be 'json', 'text' or 'buffer'")
  }
  return value
}

/**
 * @param {string} message
 * @param {Place} place
 * @param {unknown} [cause]
 */
function requestError(message, place, cause) {
  const where = place.method ? `${place.method} ${place.path}: ` : ''
  return new Layer1RequestError(`${where}${message}.`, {
    code: 'ERR_LAYER1_REQUEST',
    attempts: 0,
    retryable: false,
    ...place,
    cause,
  })
}

module.exports = { readCallOptions, readTokenOptions, checkPath, placePath, requestError }
