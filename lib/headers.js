'use strict'

const { NativeClient } = require('./binding.js')
const { Refusal, isRefusal } = require('./refusal.js')
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
  return entriesOf(headers)
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
 * @param {unknown} headers
 * @returns {[string, unknown][]}
 */
function entriesOf(headers) {
  if (isPlainObject(headers)) {
    return Object.entries(headers)
  }
  // Asked for only now: in Node the global loads all of fetch, for longer than a cold call takes.
  if (isA(headers, Headers)) {
    return [...headers]
  }
  throw new Refusal('headers have to be a plain object or a Headers')
}

/**
 * Lays out the headers that a watcher of `layer1:request` has added, which are checked as a caller's own.
 *
 * @param {unknown} headers
 * @param {import('./failure.js').Place} place
 */
function toHookHeaders(headers, place) {
  /** @param {string} fault @param {unknown} [cause] */
  const refuse = (fault, cause) =>
    requestError(`a subscriber of layer1:request added headers that cannot be sent: ${fault}`, place, cause)
  let flat
  try {
    flat = toFlatHeaders(headers)
  } catch (error) {
    throw isRefusal(error) ? refuse(error.message) : refuse('they cannot be read', error)
  }
  const fault = flat.length > 0 ? NativeClient.faultOfHeaders(flat) : null
  if (fault !== null) {
    throw refuse(fault)
  }
  return flat
}

/**
 * Puts headers over others: those of the same name are replaced.
 *
 * @param {string[]} headers names and values, laid out flat
 * @param {string[]} over likewise
 */
function override(headers, over) {
  const names = new Set(over.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()))
  const kept = headers.filter((_, index) => !names.has(String(headers[index - (index % 2)]).toLowerCase()))
  return [...kept, ...over]
}

module.exports = { toFlatHeaders, toHookHeaders, override }
