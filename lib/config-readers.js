'use strict'
// Readers of a client's options: each checks one and, when it is wrong, names it and its variable, never its value.

const { Layer1ConfigError } = require('./errors.js')
const { unknownName } = require('./nearest.js')
const { variableNames } = require('./presets.js')
const { isA, readMember } = require('./values.js')

/** @typedef {Record<string, unknown>} Options */

/**
 * Reads every option once, so that a getter runs once and an object is never read again later.
 *
 * @param {unknown} given
 * @param {string[]} names
 * @returns {Options}
 */
function readAll(given, names) {
  if (given === undefined || given === null) {
    return Object.create(null)
  }
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw configError('the options have to be an object, such as { clientId, clientSecret }.')
  }
  const unknown = Object.keys(given).find((name) => !names.includes(name))
  if (unknown !== undefined) {
    throw configError(unknownName(unknown, names))
  }
  return Object.fromEntries(names.map((name) => [name, readMember(given, name) ?? undefined]))
}

/**
 * Reads what may throw anything, such as a value that is a Proxy, and lets only the one error for options out.
 *
 * @template T
 * @param {() => T} read
 * @returns {T}
 */
function guarded(read) {
  try {
    return read()
  } catch (error) {
    throw error instanceof Layer1ConfigError ? error : configError('the options cannot be read.', error)
  }
}

/** @param {string} name */
function label(name) {
  const variable = variableNames[name]
  return variable ? `${name} (${variable})` : name
}

/**
 * @param {Options} options
 * @param {string} name
 * @param {NodeJS.ProcessEnv} [variables]
 * @returns {string | undefined}
 */
function text(options, name, variables) {
  const value = options[name] ?? (variables && fromVariable(name, variables))
  if (value === undefined) {
    return undefined
  }
  if (isA(value, URL) && name.endsWith('Url')) {
    return value.href
  }
  if (typeof value !== 'string' || value === '' || !value.isWellFormed()) {
    throw configError(`${label(name)} has to be a string that is not empty.`)
  }
  return value
}

/**
 * @param {string} name
 * @param {NodeJS.ProcessEnv} variables
 */
function fromVariable(name, variables) {
  // An empty variable counts as unset: that is what `export LAYER1_SCOPE=` and many deployment tools mean.
  return variables[variableNames[name] ?? ''] || undefined
}

/**
 * @param {Options} options
 * @param {string} name
 * @param {NodeJS.ProcessEnv} variables
 */
function required(options, name, variables) {
  const value = text(options, name, variables)
  if (value === undefined) {
    throw configError(`${name} is missing: pass { ${name} } to new Layer1() or set ${variableNames[name]}.`)
  }
  return value
}

/**
 * @param {string | undefined} value
 * @param {string} name
 * @param {string[]} allowed
 */
function oneOf(value, name, allowed) {
  if (value !== undefined && !allowed.includes(value)) {
    throw configError(`${label(name)} has to be ${allowed.map((item) => `'${item}'`).join(' or ')}.`)
  }
  return value
}

/**
 * @param {Options} options
 * @param {string} name
 */
function milliseconds(options, name) {
  const value = options[name]
  if (value === undefined || (typeof value === 'number' && value > 0)) {
    return value
  }
  throw configError(`${name} has to be a number of milliseconds above 0; Infinity is none.`)
}

/**
 * @param {Options} options
 * @param {string} name
 * @param {number} least
 * @param {number} most
 */
function whole(options, name, least, most) {
  const value = options[name]
  if (value === undefined) {
    return undefined
  }
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw configError(`${name} has to be a whole number from ${least} to ${most}.`)
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
    throw configError(`${name} has to be true or false.`)
  }
  return value
}

/**
 * @param {string} message
 * @param {unknown} [cause]
 */
function configError(message, cause) {
  return new Layer1ConfigError(message, { code: 'ERR_LAYER1_CONFIG', retryable: false, attempts: 0, cause })
}

module.exports = {
  guarded,
  readAll,
  label,
  text,
  fromVariable,
  required,
  oneOf,
  milliseconds,
  whole,
  flag,
  configError,
}
