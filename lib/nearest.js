'use strict'

/**
 * Finds the known name that a mistyped one was probably meant to be.
 *
 * @param {string} name
 * @param {readonly string[]} known
 * @returns {string | undefined}
 */
function nearest(name, known) {
  const wanted = name.toLowerCase().replace(/[-_]/g, '')
  const ranked = known
    .map((candidate) => ({ candidate, distance: distance(wanted, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= Math.max(2, Math.floor(wanted.length / 3)) ? best.candidate : undefined
}

/**
 * Says that a name is not known, and which one may have been meant.
 *
 * @param {string} name
 * @param {readonly string[]} known
 */
function unknownOption(name, known) {
  const shown = name.length > 64 ? `${name.slice(0, 64)}…` : name
  const near = nearest(name, known)
  return near
    ? `there is no option "${shown}": did you mean "${near}"?`
    : `there is no option "${shown}". The options are: ${known.join(', ')}.`
}

/**
 * Counts the edits between two words (Levenshtein).
 *
 * @param {string} a
 * @param {string} b
 */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= Math.min(a.length, LONGEST_WORD); i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = /** @type {number} */ (row[j - 1]) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next[j] = Math.min(replaced, /** @type {number} */ (row[j]) + 1, /** @type {number} */ (next[j - 1]) + 1)
    }
    row = next
  }
  return /** @type {number} */ (row[b.length])
}

/** No option is longer, and a caller's typing error should not cost the square of a megabyte. */
const LONGEST_WORD = 64

module.exports = { unknownOption }
