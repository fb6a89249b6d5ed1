'use strict'
// What a token costs that is there already.

const { count, ratio } = require('../report/format.js')
const { inChild, optionsFor, runRounds } = require('./runner.js')

const cell = 'a cached token'
const RUNNER = 'layer1'
const TIMES = 100_000

/** @type {import('../types.d.ts').Suite} */
const suite = {
  name: 'token',
  cells: [cell],

  async run(ground, ledger) {
    const load = { options: optionsFor(ground, 'plain', 1), callers: ground.isQuick ? TIMES / 5 : TIMES }
    const measure = () => inChild('cached-token', load, ground)
    await runRounds(ground.rounds, [{ cell, runner: RUNNER, measure }], ledger, ground.say)
  },

  tables(ledger) {
    const token = ledger.median(cell, RUNNER, 'tokenNanos')
    const promise = ledger.median(cell, RUNNER, 'promiseNanos')
    const times = token === undefined || promise === undefined ? undefined : token / promise
    return [
      {
        title: 'A cached token',
        columns: ['', 'ns', 'times the promise'],
        rows: [
          ['await layer1.getToken()', count(token), ratio(times)],
          ['await a resolved promise', count(promise), ratio(1)],
        ],
      },
    ]
  },

  comparisons: [],
}

module.exports = { suite, cell }
