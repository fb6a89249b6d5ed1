'use strict'
// What the package has set itself, as ratios within one run.

const calls = require('../suites/calls.js')
const cold = require('../suites/cold-start.js')
const growth = require('../suites/growth.js')
const host = require('../suites/host.js')
const size = require('../suites/size.js')
const token = require('../suites/token.js')
const { ratio } = require('./format.js')

/** @typedef {import('../types.d.ts').Goal} Goal */
/** @typedef {InstanceType<typeof import('./ledger.js').Ledger>} Ledger */

const US = 'layer1'
const UNDICI = 'undici request'
const { main, alone, page, large } = calls.titles

/**
 * @param {number | undefined} value
 * @param {number | undefined} base
 */
function over(value, base) {
  return value === undefined || base === undefined ? undefined : value / base
}

/**
 * @param {Ledger} ledger
 * @returns {Goal[]}
 */
function goals(ledger) {
  return [...speedGoals(ledger), ...costGoals(ledger), ...startGoals(ledger), ...sizeGoals(ledger)]
}

/**
 * layer1's figure over another's, in the same cell.
 *
 * @param {Ledger} ledger
 * @returns {(cell: string, figure: string, runner: string) => number | undefined}
 */
function comparing(ledger) {
  return (cell, figure, runner) => ledger.ratio([cell, US], [cell, runner], figure)
}

/** @param {Ledger} ledger @returns {Goal[]} */
function speedGoals(ledger) {
  const compare = comparing(ledger)
  /** @param {string} cell @param {string} runner @param {number} atLeast */
  const speed = (cell, runner, atLeast) => ({
    name: `calls a second over ${runner}: ${cell}`,
    figure: compare(cell, 'callsPerSecond', runner),
    limit: { atLeast },
  })
  const [few, many] = [growth.titleOfCallers(64), growth.titleOfCallers(4096)]
  return [
    speed(main, UNDICI, 1.2),
    speed(main, 'axios', 12),
    speed(main, 'built-in fetch', 8),
    speed(page, UNDICI, 1.4),
    speed(large, UNDICI, 1.1),
    speed(main, 'wrk, one thread', 0.55),
    {
      name: 'calls a second with 4,096 callers over 64',
      figure: ledger.ratio([many, US], [few, US], 'callsPerSecond'),
      limit: { atLeast: 0.8 },
    },
  ]
}

/** @param {Ledger} ledger @returns {Goal[]} */
function costGoals(ledger) {
  const compare = comparing(ledger)
  /** @param {string} what @param {string} figure @param {string} runner @param {number} atMost @param {string} [cell] */
  const cost = (what, figure, runner, atMost, cell = main) => ({
    name: `${what} over ${runner}: ${cell}`,
    figure: compare(cell, figure, runner),
    limit: { atMost },
  })
  return [
    cost('JS-thread time a call', 'jsMicros', UNDICI, 0.27),
    cost('JS-thread time a call', 'jsMicros', 'axios', 0.03),
    cost('process CPU a call', 'cpuMicros', UNDICI, 1.0),
    cost('p99', 'p99', UNDICI, 1.0),
    cost('p50', 'p50', UNDICI, 1.1, alone),
    cost('RSS after the run', 'rss', UNDICI, 0.75),
    cost('p99 of how late a 1 ms timer is', 'latenessP99', UNDICI, 0.5, host.cell),
  ]
}

/** @param {Ledger} ledger @returns {Goal[]} */
function startGoals(ledger) {
  const ours = cold.aboveEmpty(ledger, 'call', US, 'ready')
  /** @param {string} runner @param {number} atMost */
  const start = (runner, atMost) => ({
    name: `cold start above an empty process, over ${runner}`,
    figure: over(ours, cold.aboveEmpty(ledger, 'call', runner, 'ready')),
    limit: { atMost },
  })
  const nanos = ['tokenNanos', 'promiseNanos'].map((figure) => ledger.median(token.cell, US, figure))
  return [
    start('axios', 0.08),
    start('built-in fetch', 0.08),
    start('node:http(s)', 0.15),
    { name: 'a cached getToken() over a resolved promise', figure: over(nanos[0], nanos[1]), limit: { atMost: 4 } },
  ]
}

/** @param {Ledger} ledger @returns {Goal[]} */
function sizeGoals(ledger) {
  /** @param {string} figure */
  const inMegabytes = (figure) => over(ledger.median(size.cell, US, figure), 1e6)
  return [
    { name: 'stripped binary', figure: inMegabytes('bytes'), limit: { atMost: 3.2 }, unit: 'MB' },
    { name: 'gzipped binary', figure: inMegabytes('gzipped'), limit: { atMost: 1.6 }, unit: 'MB' },
  ]
}

/** @param {Goal} goal */
function verdict({ figure, limit }) {
  if (figure === undefined || !Number.isFinite(figure)) return 'not measured'
  return ('atLeast' in limit ? figure >= limit.atLeast : figure <= limit.atMost) ? 'holds' : 'short'
}

/**
 * @param {Ledger} ledger
 * @param {boolean} isWhole whether goals that were not measured are told too
 * @returns {import('../types.d.ts').Table}
 */
function goalsTable(ledger, isWhole) {
  return {
    title: 'Goals',
    note: "Ratios are layer1's figure over the other's in the same round, and their median; of cold starts and the cached token, those of the medians.",
    columns: ['', 'goal', 'figure', 'verdict'],
    rows: goals(ledger).flatMap((goal) => {
      const { name, figure, limit, unit = '' } = goal
      const bound = 'atLeast' in limit ? `≥ ${limit.atLeast}` : `≤ ${limit.atMost}`
      const row = [name, `${bound} ${unit}`.trim(), `${ratio(figure)} ${unit}`.trim(), verdict(goal)]
      return isWhole || figure !== undefined ? [row] : []
    }),
  }
}

module.exports = { goalsTable }
