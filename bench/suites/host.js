'use strict'
// What the rest of a program feels: how late a timer is, beside calls at a fixed rate, and beside as many as there can be.

const { clients, principals } = require('../clients/index.js')
const { count, micros, millis, percent } = require('../report/format.js')
const { inChild, optionsFor, runRounds } = require('./runner.js')

/** Calls a second. */
const RATE = 2_000

const CONNECTIONS = 64
const CALLERS = 16
const cell = '2,000 calls a second, 240 B, plain'
const pressedCell = '48 KB, plain, 16 callers, with a timer beside them'
const NO_CLIENT = 'the timer alone'

/**
 * @param {import('../types.d.ts').Ground} ground
 * @returns {import('./runner.js').Job[]}
 */
function jobs(ground) {
  const { warmUp } = ground
  // The 99th percentile of a timer wants many ticks.
  const measure = 2 * ground.measure
  const rated = { options: optionsFor(ground, 'plain', CONNECTIONS), path: '/body/240', rate: RATE, warmUp, measure }
  const pressed = {
    options: optionsFor(ground, 'plain', CALLERS),
    path: '/body/48000',
    callers: CALLERS,
    warmUp,
    measure,
    watchesTimer: true,
  }
  return [
    ...[{ key: 'none', name: NO_CLIENT }, ...clients].map(({ key, name }) => ({
      cell,
      runner: name,
      measure: () => inChild('open-loop', { client: key, ...rated }, ground),
    })),
    ...principals.map(({ key, name }) => ({
      cell: pressedCell,
      runner: name,
      measure: () => inChild('closed-loop', { client: key, ...pressed }, ground),
    })),
  ]
}

/** @typedef {{ title: string, figure: string, show: (value: number | undefined) => string }} Column */

/** @type {Column[]} */
const lateness = [
  { title: '1 ms timer late by, p50 ms', figure: 'latenessP50', show: millis },
  { title: 'p99 ms', figure: 'latenessP99', show: millis },
  { title: 'at most, ms', figure: 'latenessMost', show: millis },
]

/** @type {Column[]} */
const calls = [
  { title: 'calls/s', figure: 'callsPerSecond', show: count },
  { title: 'p50 ms', figure: 'p50', show: millis },
  { title: 'p99 ms', figure: 'p99', show: millis },
  { title: 'JS thread busy', figure: 'utilization', show: percent },
  { title: 'process CPU µs/call', figure: 'cpuMicros', show: micros },
]

/**
 * @param {string} title
 * @param {string} note
 * @param {InstanceType<typeof import('../report/ledger.js').Ledger>} ledger
 */
function tableOf(title, note, ledger) {
  const columns = [...calls, ...lateness]
  const rows = ledger
    .runners(title)
    .map((runner) => [runner, ...columns.map(({ figure, show }) => show(ledger.median(title, runner, figure)))])
  return { title, note, columns: ['', ...columns.map(({ title }) => title)], rows }
}

/** @type {import('../types.d.ts').Suite} */
const suite = {
  name: 'host',
  cells: [cell, pressedCell],

  async run(ground, ledger) {
    await runRounds(ground.rounds, jobs(ground), ledger, ground.say)
  },

  tables(ledger) {
    const rated = 'Calls begin when they are due, whether or not earlier ones have ended; latency counts from then.'
    const pressed =
      'As many calls as there can be: the JS thread is busy with parsing, and a timer has to get its turn.'
    return [tableOf(cell, rated, ledger), tableOf(pressedCell, pressed, ledger)]
  },

  comparisons: [
    { figure: 'p99', name: 'p99', unit: 'ms', show: millis },
    { figure: 'utilization', name: 'share of the JS thread', show: percent },
    { figure: 'cpuMicros', name: 'process CPU a call', unit: 'µs', show: micros },
    { figure: 'latenessP99', name: 'p99 of how late a 1 ms timer is', unit: 'ms', show: millis },
  ],
}

module.exports = { suite, cell }
