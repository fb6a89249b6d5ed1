'use strict'

const { isDate } = require('node:util').types
const { Refusal } = require('./refusal.js')
const { isA, isPlainObject } = require('./values.js')

/**
 * Encodes a query, without its question mark; spaces become `%20`.
 *
 * @param {unknown} query an object of strings, numbers, booleans, bigints, Dates and arrays of them, or a URLSearchParams
 * @returns {string | undefined} nothing where there is nothing to send
 * @throws {Refusal} with a sentence that names the key
 */
function encodeQuery(query) {
  if (isA(query, URLSearchParams)) {
    // Its own text has "+" for a blank, which not every server reads as one outside a form.
    return [...query].map(([name, value]) => encodePair(name, value)).join('&') || undefined
  }
  if (!isPlainObject(query)) {
    throw new Refusal('query has to be a plain object or a URLSearchParams')
  }
  const pairs = []
  for (const [name, value] of Object.entries(query)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      const text = toText(name, item)
      if (text !== undefined) {
        pairs.push(encodePair(name, text))
      }
    }
  }
  return pairs.join('&') || undefined
}

/**
 * @param {string} name
 * @param {unknown} value
 * @returns {string | undefined}
 */
function toText(name, value) {
  switch (typeof value) {
    case 'undefined':
      return undefined
    case 'string':
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'number':
      if (Number.isFinite(value)) {
        return String(value)
      }
      throw new Refusal(`query.${name} is a number that cannot be sent (${value})`)
    default:
      if (value === null) {
        return undefined
      }
      if (isDate(value)) {
        return dateText(name, value)
      }
      throw new Refusal(
        `query.${name} has to be a string, number, boolean, bigint, Date, or an array of them, not ${describe(value)}`,
      )
  }
}

/**
 * @param {string} name
 * @param {Date} date
 */
function dateText(name, date) {
  if (Number.isNaN(date.getTime())) {
    throw new Refusal(`query.${name} is an invalid Date`)
  }
  return date.toISOString()
}

/**
 * @param {string} name
 * @param {string} value
 */
function encodePair(name, value) {
  if (!name.isWellFormed() || !value.isWellFormed()) {
    throw new Refusal(`query.${name.toWellFormed()} has a lone surrogate, which no URL can carry`)
  }
  return `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
}

/** @param {unknown} value */
function describe(value) {
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

module.exports = { encodeQuery }
