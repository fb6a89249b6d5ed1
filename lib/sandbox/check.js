'use strict'

const { validateHeaderName, validateHeaderValue } = require('node:http')

/**
 * @typedef {object} Rule what a value must be, and how to say so
 * @property {(value: any) => boolean} test
 * @property {string} sentence
 * @property {boolean} [unlisted] leave the key out of the list of what there is
 */

/** The longest delay a Node timer keeps, in ms. */
const MAX_DELAY = 2 ** 31 - 1

/** @type {Rule} */
const flag = { test: (value) => typeof value === 'boolean', sentence: 'must be true or false' }
/** @type {Rule} */
const text = {
  test: (value) => typeof value === 'string' && value !== '',
  sentence: 'must be a string that is not empty',
}
/** @type {Rule} */
const milliseconds = {
  test: (value) => typeof value === 'number' && value >= 0 && value <= MAX_DELAY,
  sentence: `must be a number of milliseconds from 0 to ${MAX_DELAY}`,
}
/** @type {Rule} */
const seconds = {
  test: (value) => typeof value === 'number' && value > 0 && Number.isFinite(value),
  sentence: 'must be a number of seconds above 0',
}
/** @type {Rule} */
const scopes = {
  test: (value) =>
    Array.isArray(value) && value.every((scope) => typeof scope === 'string' && /^[!#-[\]-~]+$/.test(scope)),
  sentence: 'must be an array of scopes: strings without spaces',
}

/** @type {Rule} */
const httpHeaders = { test: areHeaders, sentence: 'must be an object of header names and their strings' }

/**
 * Check that an object has known keys with usable values; `undefined` counts as absent.
 * Throws a `TypeError` that names the key and never shows the value, which may be a secret.
 *
 * @param {string} owner what the message calls the object, such as `the options of startSandbox`
 * @param {unknown} object
 * @param {Record<string, Rule>} rules
 */
function checkObject(owner, object, rules) {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    throw new TypeError(`Expected an object as ${owner}.`)
  }
  for (const [key, value] of Object.entries(object)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
    if (!rule) throw new TypeError(`Unknown "${key}" in ${owner}. Known: ${listed(rules)}.`)
    if (value !== undefined && !rule.test(value)) throw new TypeError(`"${key}" in ${owner} ${rule.sentence}.`)
  }
}

/** @param {unknown} value */
function areHeaders(value) {
  if (typeof value !== 'object' || value === null) return false
  try {
    for (const [name, content] of Object.entries(value)) {
      validateHeaderName(name)
      for (const line of [content].flat()) {
        if (typeof line !== 'string') return false
        validateHeaderValue(name, line)
      }
    }
    return true
  } catch {
    return false
  }
}

/** @param {Record<string, Rule>} rules */
function listed(rules) {
  const keys = Object.keys(rules).filter((key) => !rules[key]?.unlisted)
  return keys.join(', ')
}

module.exports = { checkObject, flag, httpHeaders, milliseconds, scopes, seconds, text }
