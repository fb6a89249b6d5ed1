'use strict'
// New processes: what loading a client takes, and what the first call does, with the token that it needs.

const path = require('node:path')
const { clients } = require('../clients/index.js')
const { capture } = require('../ground/processes.js')
const { count, megabytes, millis } = require('../report/format.js')
const { environmentFor, optionsFor, runRounds } = require('./runner.js')

const cells = /** @type {const} */ ({
  empty: 'an empty process',
  load: 'loading the client',
  call: 'a new process, a token and the first GET, over TLS',
})
const EMPTY = 'nothing'
const script = path.join(__dirname, '..', 'measure', 'cold-start.js')

/**
 * @param {import('../types.d.ts').Ground} ground
 * @returns {import('./runner.js').Job[]}
 */
function jobs(ground) {
  const options = JSON.stringify({ ...optionsFor(ground, 'tls', 1), path: '/body/240' })
  /** @param {string[]} args @param {string} [client] */
  const measure = async (args, client) => {
    const start = () => capture(process.execPath, [script, ...args], { env: environmentFor(client, ground) })
    // The first brings its files into memory, where they may not be any more since its last turn.
    await start()
    const { output, wall } = await start()
    return { ...JSON.parse(output), wall }
  }
  return [
    { cell: cells.empty, runner: EMPTY, measure: () => measure(['empty']) },
    ...clients.flatMap(({ key, name }) => [
      { cell: cells.load, runner: name, measure: () => measure(['load', key], key) },
      { cell: cells.call, runner: name, measure: () => measure(['call', key, options], key) },
    ]),
  ]
}

/**
 * @param {InstanceType<typeof import('../report/ledger.js').Ledger>} ledger
 * @param {'load' | 'call'} step
 * @param {string} runner
 * @param {'ready' | 'wall' | 'rss'} figure
 */
function aboveEmpty(ledger, step, runner, figure) {
  const median = ledger.median(cells[step], runner, figure)
  const empty = ledger.median(cells.empty, EMPTY, figure)
  return median === undefined || empty === undefined ? undefined : median - empty
}

/** @type {import('../types.d.ts').Suite} */
const suite = {
  name: 'cold',
  cells: Object.values(cells),

  async run(ground, ledger) {
    await runRounds(ground.coldRounds, jobs(ground), ledger, ground.say)
  },

  tables(ledger) {
    const emptyThreads = count(ledger.median(cells.empty, EMPTY, 'threads'))
    const rows = ledger
      .runners(cells.call)
      .map((runner) => [
        runner,
        millis(aboveEmpty(ledger, 'load', runner, 'ready')),
        millis(aboveEmpty(ledger, 'call', runner, 'ready')),
        millis(aboveEmpty(ledger, 'call', runner, 'wall')),
        count(ledger.median(cells.load, runner, 'threads')),
        count(ledger.median(cells.call, runner, 'threads')),
        megabytes(aboveEmpty(ledger, 'call', runner, 'rss')),
      ])
    const empty = millis(ledger.median(cells.empty, EMPTY, 'ready'))
    return [
      {
        title: 'Cold start: a new process, a token and the first GET, over TLS',
        note: `Above an empty process, which is ready after ${empty} ms and has ${emptyThreads} threads.`,
        columns: [
          '',
          'loaded, ms',
          'first answer, ms',
          'process ended, ms',
          'threads when loaded',
          'threads after the answer',
          'RSS MB',
        ],
        rows,
      },
    ]
  },

  comparisons: [
    { figure: 'ready', name: 'time since the process began', unit: 'ms', show: millis },
    { figure: 'threads', name: 'threads', show: count },
    { figure: 'rss', name: 'RSS', unit: 'MB', show: megabytes },
  ],
}

module.exports = { suite, aboveEmpty }
