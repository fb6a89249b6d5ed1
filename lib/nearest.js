'use strict'

/**
 * Finds the known name that a mistyped one was probably meant to be.
 *
 * @param {string} name
 * @param {readonly string[]} known
 * @returns {string | undefined}
 */
function nearest(name, known) {
  const wanted = bare(name)
  const ranked = known
    .map((candidate) => ({ candidate, distance: distance(wanted, bare(candidate)) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= Math.max(2, Math.floor(wanted.length / 3)) ? best.candidate : undefined
}

/**
 * Says that a name is not known, and which one may have been meant.
 *
 * @param {string} name
 * @param {readonly string[]} known
 * @param {string} [kind] what is named
 */
function unknownName(name, known, kind = 'option') {
  const shown = name.length > LONGEST_WORD ? `${name.slice(0, LONGEST_WORD)}…` : name
  const near = nearest(name, known)
  return near
    ? `there is no ${kind} "${shown}": did you mean "${near}"?`
    : `there is no ${kind} "${shown}". There is: ${known.join(', ')}.`
}

/**
 * Gives a name without what people mistake first: capitals, dashes and underscores.
 *
 * @param {string} name
 */
function bare(name) {
  return name.toLowerCase().replace(/[-_]/g, '')
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

module.exports = { unknownName }
