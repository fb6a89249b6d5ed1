'use strict'

const { isArrayBufferView, isDate } = require('node:util').types
const { isA } = require('./values.js')

/** @typedef {{ content: string | Buffer | undefined, isJson: boolean }} Body */

const nothing = { content: undefined, isJson: false }

/**
 * Encodes a call's body: nothing for `undefined`, text and bytes as they are, everything else as JSON.
 *
 * JSON must say what the caller has: what `JSON.stringify` would drop or turn into `null` or `{}` is refused.
 *
 * @param {unknown} value
 * @returns {Body}
 * @throws {TypeError} with a sentence that says what cannot be sent, and where it stands
 */
function encodeBody(value) {
  if (value === undefined) {
    return nothing
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) {
      throw new TypeError('the body has a lone surrogate, which UTF-8 cannot carry')
    }
    return { content: value, isJson: false }
  }
  if (isArrayBufferView(value)) {
    return { content: Buffer.from(value.buffer, value.byteOffset, value.byteLength), isJson: false }
  }
  return { content: toJson(value), isJson: true }
}

/** @param {unknown} value */
function toJson(value) {
  try {
    const text = JSON.stringify(value, refuseLosses)
    if (text === undefined) {
      throw new TypeError('the body is nothing that JSON can carry')
    }
    return text
  } catch (error) {
    // V8's own sentence for a cycle is a drawing of several lines.
    const isCycle = error instanceof TypeError && error.message.startsWith('Converting circular structure')
    throw isCycle ? new TypeError('the body refers to itself, which JSON cannot carry') : error
  }
}

/**
 * Passes each value on as it is, unless JSON would lose it.
 *
 * @this {Record<string, unknown>}
 * @param {string} key
 * @param {unknown} value
 */
function refuseLosses(key, value) {
  // A Buffer has become an object of numbers by now, and an invalid Date null.
  const given = this[key]
  const isChanged = isArrayBufferView(given) || isInvalidDate(given)
  const loss = lossOf(isChanged ? given : value, Array.isArray(this))
  if (loss !== undefined) {
    throw new TypeError(
      `${key === '' ? 'the body' : `"${key.toWellFormed().slice(0, LONGEST_KEY)}" in the body`} is ${loss}`,
    )
  }
  return value
}

/**
 * Says what a value is, if JSON cannot carry it.
 *
 * @param {unknown} value
 * @param {boolean} isItem in an array, where `undefined` would become `null`
 */
function lossOf(value, isItem) {
  switch (typeof value) {
    case 'bigint':
      return 'a BigInt, which JSON cannot carry: send its digits as a string'
    case 'function':
    case 'symbol':
      return `a ${typeof value}, which cannot be sent`
    case 'number':
      return Number.isFinite(value) ? undefined : `${value}, which JSON cannot carry`
    case 'undefined':
      return isItem ? 'undefined in an array, which JSON would send as null' : undefined
    case 'object':
      return value === null ? undefined : exoticName(value)
    default:
      return undefined
  }
}

/**
 * Names an object that holds what JSON does not see.
 *
 * @param {object} value
 */
function exoticName(value) {
  if (isA(value, URLSearchParams)) {
    return 'a URLSearchParams: send String(it), with the content-type of a form'
  }
  if (isArrayBufferView(value) || isA(value, ArrayBuffer)) {
    return 'bytes: send them alone, as a Buffer or Uint8Array'
  }
  if (isInvalidDate(value)) {
    return 'an invalid Date'
  }
  const type = exotics.find((type) => isA(value, type))
  if (type !== undefined) {
    return `a ${type.name}, which cannot be sent`
  }
  const methods = /** @type {Record<string | symbol, unknown>} */ (value)
  const isStream =
    typeof methods.pipe === 'function' ||
    typeof methods.getReader === 'function' ||
    typeof methods[Symbol.asyncIterator] === 'function'
  return isStream ? 'a stream, which cannot be sent again if it has to: read it first' : undefined
}

/** @type {(abstract new (...args: never[]) => unknown)[]} */
const exotics = [FormData, Blob, Map, Set, WeakMap, WeakSet, Promise, RegExp]

/** @param {unknown} value */
function isInvalidDate(value) {
  return isDate(value) && Number.isNaN(value.getTime())
}

/** How much of a key a message shows, in characters. */
const LONGEST_KEY = 64

module.exports = { encodeBody }
