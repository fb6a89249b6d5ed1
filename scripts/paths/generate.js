'use strict'

const { Random } = require('../random.js')

/** What paths are made of; the Rust test of the same name makes its own of it. @type {string[]} */
const pieces = require('./pieces.json')

/** Half a character each: only JavaScript has them. */
const halves = ['\ud800', '\udbff', '\udc00', '\udfff']

const MOST_PIECES = 9

/**
 * Makes paths without end, such as somebody would write who wants to lead a call elsewhere; the same for the same seed.
 *
 * @param {number} seed
 * @returns {() => string}
 */
function pathsFrom(seed) {
  const random = new Random(seed)
  /** @param {number} limit */
  const below = (limit) => random.between(0, limit - 1)
  const piece = () => {
    const kind = below(200)
    if (kind < 1) return random.pick(halves)
    // Any character of the first plane; a half among them is one more.
    if (kind < 12) return String.fromCharCode(below(0x10000))
    if (kind < 24) return `%${below(256).toString(16).padStart(2, '0')}`
    return random.pick(pieces)
  }
  return () => {
    const path = Array.from({ length: below(MOST_PIECES + 1) }, piece).join('')
    // Most begin as paths do: otherwise nearly all would be refused for their first character.
    return below(4) > 0 ? `/${random.pick(['a', 'api', '', ' '])}${path}` : path
  }
}

module.exports = { pathsFrom }
