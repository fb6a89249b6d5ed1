'use strict'

const { Refusal } = require('./refusal.js')
const { requestError } = require('./request-error.js')
const { isA, isPlainObject } = require('./values.js')

/**
 * Lays headers out flat: name, value, name, value.
 *
 * @param {unknown} headers a plain object of strings or a `Headers`; members that are undefined are left out
 * @returns {string[]}
 * @throws {Refusal} with a sentence that names the header and never its value
 */
function toFlatHeaders(headers) {
  if (headers === undefined || headers === null) {
    return []
  }
  const isHeaders = isA(headers, Headers)
  if (!isHeaders && !isPlainObject(headers)) {
    throw new Refusal('headers have to be a plain object or a Headers')
  }
  const entries = isHeaders ? [...headers] : Object.entries(/** @type {Record<string, unknown>} */ (headers))
  return entries
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => {
      if (typeof value !== 'string') {
        throw new Refusal(`the header "${name.toWellFormed()}" has to be a string`)
      }
      // What is not well formed is refused with everything else that is not ASCII.
      return [name.toWellFormed(), value.toWellFormed()]
    })
}

/**
 * Lays out the headers that a watcher of `layer1:request` has added, which are checked as a caller's own.
 *
 * @param {unknown} headers
 * @param {import('./failure.js').Place} place
 */
function toHookHeaders(headers, place) {
  try {
    return toFlatHeaders(headers)
  } catch (error) {
    throw requestError(`a subscriber of layer1:request added headers: ${/** @type {Error} */ (error).message}`, place)
  }
}

module.exports = { toFlatHeaders, toHookHeaders }
