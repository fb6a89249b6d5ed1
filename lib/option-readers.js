'use strict'
// Readers of a call's options: each checks one and names it when it is wrong.

const { isSignal } = require('./abort.js')
const { unknownName } = require('./nearest.js')
const { Refusal, isRefusal } = require('./refusal.js')
const { requestError } = require('./request-error.js')
const { readMember } = require('./values.js')

/** @typedef {Record<string, unknown>} Options */

/**
 * Turns whatever a check throws, or a caller's getter, into the one error for a call that is wrong.
 *
 * @template T
 * @param {import('./failure.js').Place} place
 * @param {string} what names what is read
 * @param {() => T} read
 * @returns {T}
 */
function guarded(place, what, read) {
  try {
    return read()
  } catch (error) {
    throw isRefusal(error) ? requestError(error.message, place) : requestError(`${what} cannot be read`, place, error)
  }
}

/**
 * Reads every option once, and takes `null` for none, except where it is a value.
 *
 * @param {unknown} given
 * @param {string[]} names
 * @param {string[]} [nullable]
 * @returns {Options}
 */
function readAll(given, names, nullable = []) {
  if (given === undefined || given === null) {
    return Object.create(null)
  }
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new Refusal('the options have to be an object')
  }
  const unknown = Object.keys(given).find((name) => !names.includes(name))
  if (unknown !== undefined) {
    throw new Refusal(unknownName(unknown, names).replace(/\.$/, ''))
  }
  return Object.fromEntries(
    names.map((name) => {
      const value = readMember(given, name)
      return [name, value === null && !nullable.includes(name) ? undefined : value]
    }),
  )
}

/** @param {Options} options */
function signal(options) {
  if (options.signal === undefined || isSignal(options.signal)) {
    return options.signal
  }
  throw new Refusal('signal has to be an AbortSignal')
}

/** @param {Options} options */
function timeout(options) {
  const value = options.timeout
  if (value === undefined || (typeof value === 'number' && value > 0)) {
    return value
  }
  throw new Refusal('timeout has to be a number of milliseconds above 0; Infinity is none')
}

/** @param {Options} options */
function retries(options) {
  const value = options.maxRetries
  if (value === undefined) {
    return undefined
  }
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 100) {
    throw new Refusal('maxRetries has to be a whole number from 0 to 100')
  }
  return value
}

/**
 * @param {Options} options
 * @param {string} name
 */
function flag(options, name) {
  const value = options[name]
  if (value !== undefined && typeof value !== 'boolean') {
    throw new Refusal(`${name} has to be true or false`)
  }
  return value
}

/**
 * @template {string} Word
 * @param {Options} options
 * @param {string} name
 * @param {readonly Word[]} allowed
 * @returns {Word | undefined}
 */
function oneOf(options, name, allowed) {
  const value = options[name]
  if (value === undefined) {
    return undefined
  }
  const known = allowed.find((word) => word === value)
  if (known === undefined) {
    const quoted = allowed.map((word) => `'${word}'`)
    throw new Refusal(`${name} has to be ${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`)
  }
  return known
}

module.exports = { guarded, readAll, signal, timeout, retries, flag, oneOf }
