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

module.exports = { isA, isPlainObject }
