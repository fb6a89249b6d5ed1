'use strict'

/** The columns fit a terminal of 80. An amount is never cut short: it would be another amount. */
const poolColumns = [
  { title: 'Name', most: 22 },
  { title: 'Reference', most: 14 },
  { title: 'First balance', most: Number.POSITIVE_INFINITY },
]

/**
 * Makes the rows of a page of asset pools. Parts that an installation leaves out are shown as a dash.
 *
 * @param {unknown} page
 * @returns {string[][]}
 */
function poolRows(page) {
  const content = Array.isArray(page) ? page : /** @type {any} */ (page)?.content
  if (!Array.isArray(content)) {
    throw new Error('the answer is no page of asset pools.')
  }
  return content.map((pool) => [text(pool?.name), text(pool?.reference), balance(pool?.balances?.[0])])
}

/** @param {any} first */
function balance(first) {
  return first ? `${text(first.available)} ${text(first.asset)}` : NONE
}

/** @param {unknown} value */
function text(value) {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : NONE
}

const NONE = '–'

module.exports = { poolColumns, poolRows }
