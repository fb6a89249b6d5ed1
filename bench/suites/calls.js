'use strict'
// Calls as fast as they go, by size, scheme and number of callers.

const { clients, principals } = require('../clients/index.js')
const { count, megabytes, micros, millis, size, spread } = require('../report/format.js')
const { runReqwest, runWrk } = require('./limits.js')
const { inChild, measureFor, optionsFor, runRounds } = require('./runner.js')

/** @typedef {{ bytes: number, scheme: 'plain' | 'tls', callers: number, isForAll?: boolean }} Cell */

/** @type {Cell[]} */
const cells = [
  { bytes: 240, scheme: 'plain', callers: 64, isForAll: true },
  { bytes: 240, scheme: 'plain', callers: 1 },
  { bytes: 240, scheme: 'plain', callers: 16 },
  { bytes: 240, scheme: 'plain', callers: 512 },
  { bytes: 240, scheme: 'tls', callers: 64 },
  { bytes: 48_000, scheme: 'plain', callers: 16 },
  { bytes: 48_000, scheme: 'tls', callers: 16, isForAll: true },
  { bytes: 5_000_000, scheme: 'tls', callers: 4 },
]

/** @param {Cell} cell */
function titleOf({ bytes, scheme, callers }) {
  return `${size(bytes)}, ${scheme === 'tls' ? 'TLS' : 'plain'}, ${callers} caller${callers === 1 ? '' : 's'}`
}

/** The cells that goals are set for. */
const titles = /** @type {const} */ ({
  main: '240 B, plain, 64 callers',
  alone: '240 B, plain, 1 caller',
  page: '48 KB, TLS, 16 callers',
  large: '5 MB, TLS, 4 callers',
})

/**
 * @param {Cell} cell
 * @param {import('../types.d.ts').Ground} ground
 * @returns {import('./runner.js').Job[]}
 */
function jobsOf({ bytes, scheme, callers, isForAll }, ground) {
  const cell = titleOf({ bytes, scheme, callers })
  const path = `/body/${bytes}`
  const { warmUp, wrk } = ground
  const measure = measureFor(ground, bytes)
  const target = { url: `${ground.server[scheme]}${path}`, callers, measure }
  const jobs = (isForAll ? clients : principals).map(({ key, name }) => {
    const load = { client: key, options: optionsFor(ground, scheme, callers), path, callers, warmUp, measure }
    return { cell, runner: name, measure: () => inChild('closed-loop', load, ground) }
  })
  jobs.push({ cell, runner: 'reqwest, no Node', measure: () => runReqwest(target, ground) })
  if (wrk) {
    jobs.push({ cell, runner: 'wrk, one thread', measure: () => runWrk(wrk, target) })
  }
  return jobs
}

/** @type {import('../types.d.ts').Suite} */
const suite = {
  name: 'calls',
  cells: cells.map(titleOf),

  async run(ground, ledger) {
    const jobs = cells.flatMap((cell) => jobsOf(cell, ground))
    await runRounds(ground.rounds, jobs, ledger, ground.say)
  },

  tables(ledger) {
    return cells.map(titleOf).map((cell) => ({
      title: cell,
      columns: ['', 'calls/s', 'spread', 'JS thread µs/call', 'process CPU µs/call', 'p50 ms', 'p99 ms', 'RSS MB'],
      rows: ledger.runners(cell).map((runner) => {
        /** @param {string} figure */
        const median = (figure) => ledger.median(cell, runner, figure)
        return [
          runner,
          count(median('callsPerSecond')),
          spread(ledger.spread(cell, runner, 'callsPerSecond')),
          micros(median('jsMicros')),
          micros(median('cpuMicros')),
          millis(median('p50')),
          millis(median('p99')),
          megabytes(median('rss')),
        ]
      }),
    }))
  },

  comparisons: [
    { figure: 'callsPerSecond', name: 'calls a second', isMoreBetter: true, show: count },
    { figure: 'jsMicros', name: 'JS-thread time a call', unit: 'µs', show: micros },
    { figure: 'cpuMicros', name: 'process CPU a call', unit: 'µs', show: micros },
    { figure: 'p50', name: 'p50', unit: 'ms', show: millis },
    { figure: 'p99', name: 'p99', unit: 'ms', show: millis },
    { figure: 'rss', name: 'RSS', unit: 'MB', show: megabytes },
  ],
}

module.exports = { suite, titles }
