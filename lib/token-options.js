'use strict'

const { flag, guarded, readAll, signal, timeout } = require('./option-readers.js')

/**
 * Reads the options of a request for a token.
 *
 * @param {unknown} given
 */
function readTokenOptions(given) {
  return guarded({}, 'an option', () => {
    const options = readAll(given, ['forceRefresh', 'signal', 'timeout'])
    return {
      forceRefresh: flag(options, 'forceRefresh') === true,
      signal: signal(options),
      timeout: timeout(options),
    }
  })
}

/**
 * Reads the options of a warm-up.
 *
 * @param {unknown} given
 */
function readWarmUpOptions(given) {
  return guarded({}, 'an option', () => {
    const options = readAll(given, ['signal', 'timeout'])
    return { signal: signal(options), timeout: timeout(options) }
  })
}

module.exports = { readTokenOptions, readWarmUpOptions }
