'use strict'
// Where another client is better than layer1, in words.

const { clients } = require('../clients/index.js')

/** @typedef {InstanceType<typeof import('./ledger.js').Ledger>} Ledger */

const US = 'layer1'

/** Nearer than this, the figures are called equal: one run does not tell them apart. */
const TOLERANCE = 0.02

/**
 * @param {import('../types.d.ts').Suite[]} suites
 * @param {Ledger} ledger
 * @returns {string[]} a sentence for each cell and figure that layer1 loses
 */
function losses(suites, ledger) {
  return suites.flatMap(({ cells, comparisons }) =>
    cells.flatMap((cell) => comparisons.flatMap((comparison) => lossesBy(comparison, cell, ledger))),
  )
}

/**
 * @param {import('../types.d.ts').Comparison} comparison
 * @param {string} cell
 * @param {Ledger} ledger
 */
function lossesBy({ figure, name, unit = '', isMoreBetter = false, show }, cell, ledger) {
  const ours = ledger.median(cell, US, figure)
  if (ours === undefined) {
    return []
  }
  /** @param {number} number */
  const value = (number) => `${show(number)} ${unit}`.trim()
  const better = clients.flatMap((client) => {
    const theirs = ledger.median(cell, client.name, figure)
    const lead = theirs === undefined ? 0 : isMoreBetter ? theirs / ours - 1 : 1 - theirs / ours
    return theirs !== undefined && lead > TOLERANCE ? [`${value(theirs)} with ${client.name}`] : []
  })
  return better.length === 0 ? [] : [`${cell}, ${name}: ${better.join(', ')}; ${value(ours)} with layer1.`]
}

module.exports = { losses }
