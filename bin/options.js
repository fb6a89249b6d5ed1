'use strict'
// The options of the command line: how each is written, what it takes, and what it says of itself.

/**
 * @typedef {object} Option
 * @property {string} name what a command calls it
 * @property {string} [short] its one letter
 * @property {string} [takes] the name of its value; without one it is a switch
 * @property {boolean} [isDashValue] whether its value may be `-`, for stdin
 * @property {boolean} [repeats] whether it may be given more than once; a command then gets an array
 * @property {(text: string) => unknown} [read] makes the value; throws an `Error` that says what it has to be
 * @property {string} help
 */

/** Options of every command, by the way they are written. @type {Record<string, Option>} */
const globalOptions = {
  'env-file': {
    name: 'envFile',
    takes: 'FILE',
    help: 'Read NAME=value lines from FILE; variables set already win',
  },
  environment: {
    name: 'environment',
    takes: 'NAME',
    read: oneOf(['sandbox', 'production']),
    help: '"sandbox" (default) or "production"; LAYER1_ENVIRONMENT',
  },
  scope: {
    name: 'scope',
    takes: 'SCOPE',
    repeats: true,
    help: 'Ask for a scope, or for several in quotes; LAYER1_SCOPE',
  },
  timeout: { name: 'timeout', takes: 'MS', read: milliseconds, help: 'Give up after MS milliseconds (default 30000)' },
  help: { name: 'help', short: 'h', help: 'Say how to use it' },
  version: { name: 'version', short: 'v', help: 'Print the version' },
}

/**
 * Makes a reader of a value that is one of few.
 *
 * @param {string[]} values
 */
function oneOf(values) {
  return (/** @type {string} */ text) => {
    if (!values.includes(text)) {
      const quoted = values.map((value) => `"${value}"`)
      throw new Error(`has to be ${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`)
    }
    return text
  }
}

/** @param {string} text */
function milliseconds(text) {
  return amount(text, 'milliseconds')
}

/** @param {string} text */
function seconds(text) {
  return amount(text, 'seconds')
}

/**
 * @param {string} text
 * @param {string} unit
 */
function amount(text, unit) {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0
  if (value <= 0) {
    throw new Error(`has to be a number of ${unit} above 0`)
  }
  return value
}

/** @param {string} text */
function port(text) {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : -1
  if (value < 0 || value > 65_535) {
    throw new Error('has to be a port from 0 to 65535')
  }
  return value
}

/**
 * @param {string} text
 * @returns {[key: string, value: string]}
 */
function pair(text) {
  const end = text.indexOf('=')
  if (end < 1) {
    throw new Error('has to be KEY=VALUE, such as pageSize=50')
  }
  return [text.slice(0, end), text.slice(end + 1)]
}

/** @param {string} text */
function httpUrl(text) {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new Error('has to be a URL of http or https')
  }
  return text
}

module.exports = { globalOptions, httpUrl, milliseconds, oneOf, pair, port, seconds }
