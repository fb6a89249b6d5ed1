'use strict'

const { unknownName } = require('../lib/nearest.js')

/**
 * Says that there is no such option or command, and which one may have been meant.
 *
 * @param {'option' | 'command'} kind
 * @param {string} name without its dashes
 * @param {string[]} known without their dashes
 */
function unknown(kind, name, known) {
  /** @param {string} word */
  const asTyped = (word) => (kind === 'command' ? word : `${word.length > 1 ? '--' : '-'}${word}`)
  return unknownName(asTyped(name), known.map(asTyped), kind)
}

module.exports = { unknown }
