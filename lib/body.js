'use strict'

const { types } = require('node:util')
const { Refusal } = require('./refusal.js')
const { isA, isPlainObject } = require('./values.js')

const { isAnyArrayBuffer, isArrayBufferView, isBoxedPrimitive, isDate, isNativeError } = types

/** @typedef {{ content: string | Buffer | undefined, isJson: boolean }} Body */

const nothing = { content: undefined, isJson: false }

/**
 * Encodes a call's body: nothing for `undefined`, text and bytes as they are, everything else as JSON.
 *
 * JSON must say what the caller has: what `JSON.stringify` would drop or turn into `null` or `{}` is refused.
 *
 * @param {unknown} value
 * @returns {Body}
 * @throws {Refusal} with a sentence that says what cannot be sent, and where it stands
 */
function encodeBody(value) {
  if (value === undefined) {
    return nothing
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) {
      throw new Refusal('the body has a lone surrogate, which UTF-8 cannot carry')
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
    const text = JSON.stringify(value, lossRefuser())
    if (text === undefined) {
      throw new Refusal('the body is nothing that JSON can carry')
    }
    return text
  } catch (error) {
    // V8's own sentence for a cycle is a drawing of several lines.
    const isCycle = error instanceof TypeError && error.message.startsWith('Converting circular structure')
    throw isCycle ? new Refusal('the body refers to itself, which JSON cannot carry') : error
  }
}

/** Makes a replacer that passes each value on as it is, unless JSON would lose it. */
function lossRefuser() {
  let isWhole = true
  /**
   * @this {Record<string, unknown>}
   * @param {string} key
   * @param {unknown} value
   */
  return function refuseLosses(key, value) {
    const where = isWhole ? 'the body' : `"${key.toWellFormed().slice(0, LONGEST_KEY)}" in the body`
    isWhole = false
    // A Buffer has become an object of numbers by now, and an invalid Date null.
    const given = this[key]
    const isChanged = isArrayBufferView(given) || isInvalidDate(given)
    const loss = lossOf(isChanged ? given : value, Array.isArray(this))
    if (loss !== undefined) {
      throw new Refusal(`${where} is ${loss}`)
    }
    return value
  }
}

/**
 * Says what a value is, if JSON cannot carry it.
 *
 * @param {unknown} value
 * @param {boolean} isItem in an array, where `undefined` would become `null`
 * @returns {string | undefined}
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
      return value === null ? undefined : lossOfObject(value)
    default:
      return undefined
  }
}

/**
 * Says what an object is, if it holds what JSON does not see.
 *
 * @param {object} value
 */
function lossOfObject(value) {
  if (isBoxedPrimitive(value)) {
    return lossOf(value.valueOf(), false)
  }
  if (isA(value, URLSearchParams)) {
    return 'a URLSearchParams: send String(it), with the content-type of a form'
  }
  if (isArrayBufferView(value) || isAnyArrayBuffer(value)) {
    return 'bytes: send them alone, as a Buffer or Uint8Array'
  }
  if (isInvalidDate(value)) {
    return 'an invalid Date'
  }
  if (isStream(value)) {
    return 'a stream, which cannot be sent again if it has to: read it first'
  }
  const isPlain = Array.isArray(value) || isPlainObject(value)
  return isPlain || holdsData(value) ? undefined : `a ${typeName(value)}, of which JSON would send nothing`
}

/** @param {object} value */
function isStream(value) {
  const members = /** @type {Record<string | symbol, unknown>} */ (value)
  const marks = ['pipe', 'getReader', 'getWriter', Symbol.asyncIterator]
  return marks.some((mark) => typeof members[mark] === 'function') || 'writable' in value
}

/**
 * Tells whether an object of some class has anything that JSON sees; what an Error says, it does not.
 *
 * @param {object} value
 */
function holdsData(value) {
  return Object.keys(value).length > 0 && !isNativeError(value)
}

/** @param {object} value */
function typeName(value) {
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}

/** @param {unknown} value */
function isInvalidDate(value) {
  return isDate(value) && Number.isNaN(value.getTime())
}

/** How much of a key a message shows, in characters. */
const LONGEST_KEY = 64

module.exports = { encodeBody }
