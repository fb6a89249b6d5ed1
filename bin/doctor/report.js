'use strict'
// Findings as lines for a person.

const { WriteStream } = require('node:tty')

/** @typedef {import('./finding.js').Finding} Finding */
/** @typedef {import('./finding.js').Status} Status */

/** Colours of a terminal (ECMA-48). @type {Record<Status, number>} */
const COLOURS = { ok: 32, warning: 33, failed: 31, 'not tried': 90 }
const STATUSES = /** @type {Status[]} */ (Object.keys(COLOURS))
const WIDTH_OF_STATUS = 'not tried'.length
const WIDTH_OF_CHECK = 'settings'.length

/**
 * @param {Finding} finding
 * @param {boolean} isColoured
 */
function lineOf({ status, check, target, seen, mend }, isColoured) {
  const word = status.padEnd(WIDTH_OF_STATUS)
  const shown = isColoured ? `\u001b[${COLOURS[status]}m${word}\u001b[39m` : word
  const place = target ? `${target}: ` : ''
  const told = /[.!?]$/.test(seen) ? seen : `${seen}.`
  return `${shown}  ${check.padEnd(WIDTH_OF_CHECK)}  ${place}${told}${mend ? ` Mend: ${mend}` : ''}`
}

/** @param {Finding[]} findings */
function summaryOf(findings) {
  const counts = STATUSES.map((status) => ({ status, count: findings.filter((each) => each.status === status).length }))
  return `${counts
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${count} ${status}`)
    .join(', ')}.`
}

/**
 * Tells whether colours are wanted: on a terminal that has them, unless NO_COLOR is set; anywhere, if FORCE_COLOR is.
 *
 * @param {NodeJS.WriteStream} stream
 * @param {NodeJS.ProcessEnv} environment
 */
function wantsColours(stream, environment) {
  const mayBe = stream.isTTY || environment.FORCE_COLOR !== undefined
  // Of the stream itself it needs nothing: Node knows the variables and the terminals.
  return mayBe && WriteStream.prototype.getColorDepth.call(stream, environment) > 1
}

module.exports = { lineOf, summaryOf, wantsColours }
