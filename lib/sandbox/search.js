'use strict'

/** @typedef {{ field: string, value: string, prefix: boolean }} Term */

/** `field:value`, the value plain or in quotes, with a `*` at its end for any ending. */
const TERM = /^(\w+):(?:"([^"]*)"|([^\s"*]+))(\*?)$/

/**
 * Read the `q` of a list: terms such as `reference:REF-12a1`, all of which must hold, with spaces or `AND` between.
 * `undefined` if it is something else: of Lucene's language the sandbox knows only this.
 *
 * @param {string} q
 * @returns {Term[] | undefined}
 */
function parseSearch(q) {
  /** @type {Term[]} */
  const terms = []
  for (const part of q.trim().match(/(?:[^\s"]|"[^"]*")+/g) ?? []) {
    if (part === 'AND') continue
    const match = TERM.exec(part)
    if (!match) return undefined
    terms.push({ field: match[1] ?? '', value: match[2] ?? match[3] ?? '', prefix: match[4] === '*' })
  }
  return terms.length > 0 ? terms : undefined
}

/**
 * Tell whether a row has what all terms ask for.
 *
 * @param {Record<string, unknown>} row
 * @param {Term[]} terms
 */
function matchesSearch(row, terms) {
  return terms.every(({ field, value, prefix }) => {
    const found = Object.hasOwn(row, field) ? String(row[field]) : undefined
    return prefix ? found?.startsWith(value) : found === value
  })
}

module.exports = { matchesSearch, parseSearch }
