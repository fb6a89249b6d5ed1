'use strict'
// npm run bench [-- --quick] [--only SUITE] [--write] [--own-server]: measures layer1 beside other clients. README.md says how.

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { parseArgs } = require('node:util')
const { layGround, prepare } = require('./ground/setup.js')
const { goalsTable } = require('./report/goals.js')
const { Ledger } = require('./report/ledger.js')
const { losses } = require('./report/losses.js')
const { chart } = require('./report/chart.js')
const { listFailures, toResults } = require('./report/results.js')
const { surroundings } = require('./report/surroundings.js')
const { toText } = require('./report/tables.js')

const suites = ['size', 'token', 'cold-start', 'calls', 'host', 'growth'].map(
  (file) => /** @type {import('./types.d.ts').Suite} */ (require(`./suites/${file}.js`).suite),
)

async function main() {
  const { isQuick, chosen, isWritten, usesOwnServer } = readArguments()
  const began = Date.now()
  await prepare()
  console.log(`Ready after ${Math.round((Date.now() - began) / 1000)} s.`)
  const ground = await layGround({ isQuick, usesOwnServer, say })
  const ledger = new Ledger()
  const [loadBefore = 0] = os.loadavg()
  const measuredFrom = Date.now()
  for (const suite of chosen) {
    await suite.run(ground, ledger)
  }
  await ground.server.close()
  say('')
  const facts = surroundings(ground, { loadBefore, minutes: (Date.now() - measuredFrom) / 60_000 })
  const parts = {
    facts,
    goals: goalsTable(ledger, chosen.length === suites.length),
    lost: losses(chosen, ledger),
    tables: chosen.flatMap((suite) => suite.tables(ledger)),
    failures: ledger.failures,
  }
  print(parts)
  if (isWritten) write(toResults(parts), chart(ledger))
  if (ledger.failures.size > 0) process.exitCode = 1
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      write: { type: 'boolean', default: false },
      'own-server': { type: 'boolean', default: false },
    },
  })
  const { quick, only, write, 'own-server': usesOwnServer } = values
  const chosen = suites.filter(({ name }) => only === undefined || name === only)
  if (chosen.length === 0) {
    throw new Error(`There is no suite "${only}": use ${suites.map(({ name }) => name).join(', ')}.`)
  }
  if (write && only !== undefined) {
    throw new Error('--write writes the results of all suites: leave out --only.')
  }
  return { isQuick: quick, chosen, isWritten: write, usesOwnServer }
}

/** Shows how far the run is, where someone is watching. @param {string} text */
function say(text) {
  if (process.stdout.isTTY) {
    process.stdout.write(`\r\u001b[K${text.slice(0, process.stdout.columns - 1)}`)
  }
}

/** @param {Parameters<typeof toResults>[0]} parts */
function print({ facts, goals, lost, tables, failures }) {
  console.log(facts.map(([name, value]) => `${name}: ${value}`).join('\n'))
  for (const table of tables) console.log(toText(table))
  console.log(`\nWhere layer1 loses\n${lost.length > 0 ? lost.join('\n') : 'Nowhere in this run.'}`)
  if (failures.size > 0) console.log(`\nNOT MEASURED\n${listFailures(failures)}`)
  console.log(toText(goals))
}

/**
 * @param {string} results
 * @param {string | undefined} svg
 */
function write(results, svg) {
  fs.writeFileSync(path.join(__dirname, 'RESULTS.md'), results)
  if (svg) fs.writeFileSync(path.join(__dirname, 'results.svg'), svg)
  console.log('\nWritten: bench/RESULTS.md and bench/results.svg.')
}

main().catch((error) => {
  console.error(`\nThe bench failed: ${error.message}`)
  process.exit(1)
})
