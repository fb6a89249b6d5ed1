'use strict'

// Not a literal: V8 reads what a literal names of Unicode as soon as the file is loaded, and this one line took a fifteenth of all
// that loading takes.
const UNSEEN = '[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]'

/** @type {RegExp | undefined} */
let pattern

/**
 * Writes what is not seen, or moves what is, as escapes: control and format characters, line and paragraph separators.
 * A path or a server's words must not forge lines in somebody's log.
 *
 * @param {string} text
 */
function escapeUnseen(text) {
  pattern ??= new RegExp(UNSEEN, 'gu')
  return text.replace(pattern, (unseen) =>
    Array.from({ length: unseen.length }, (_, index) => escapeUnit(unseen.charCodeAt(index))).join(''),
  )
}

/** @param {number} unit of UTF-16 */
function escapeUnit(unit) {
  return `\\u${unit.toString(16).padStart(4, '0')}`
}

module.exports = { escapeUnseen }
