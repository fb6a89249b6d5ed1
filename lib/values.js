'use strict'

/**
 * Tells whether a value is of a class, or of the same one in another realm: test runners hand such values in.
 *
 * @template T
 * @param {unknown} value
 * @param {abstract new (...args: never[]) => T} type
 * @returns {value is T}
 */
function isA(value, type) {
  return value instanceof type || Object.prototype.toString.call(value) === `[object ${type.name}]`
}

/**
 * Tells whether a value is an object written in braces, or made to be one.
 *
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isPlainObject(value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return false
  }
  const prototype = Object.getPrototypeOf(value)
  // Object.prototype of any realm, or none.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/**
 * Reads a member, unless it comes from an `Object.prototype` that somebody has added to: then nobody has given it.
 *
 * @param {object} options
 * @param {string} name
 * @returns {unknown}
 */
function readMember(options, name) {
  const isPolluted = name in Object.prototype && !Object.hasOwn(options, name)
  return isPolluted ? undefined : /** @type {Record<string, unknown>} */ (options)[name]
}

module.exports = { isA, isPlainObject, readMember }
