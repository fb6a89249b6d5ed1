'use strict'
// npm run soak: calls that meet every fault there is, for a minute, while what must hold is watched.
// npm run soak -- --minutes 30 --seed 7: longer, and with the choices of an earlier run.
// npm run soak -- --calls 1000000: so many calls, a tenth of them failing and a tenth aborted, and what they leave behind.

const { randomInt } = require('node:crypto')
const path = require('node:path')
const { parseArgs } = require('node:util')
const { unsteered } = require('./environment.js')
const { run } = require('./run.js')
const { ensureReady } = require('./setup.js')

const SECONDS = 60
const LARGEST_SEED = 2 ** 32 - 1

async function main() {
  const { program, wish } = readWish(process.argv.slice(2))
  await ensureReady()
  const { skip } = require('../__test__/support/certificates.js')
  if (program === 'chaos.js' && skip) {
    console.log(`SKIPPED: ${skip}.`)
    return
  }
  await run(process.execPath, [path.join(__dirname, 'soak', program), ...wish.map(String)], {
    env: unsteered(process.env),
  })
}

/** @param {string[]} argv */
function readWish(argv) {
  const number = /** @type {const} */ ({ type: 'string' })
  const { values } = parseArgs({
    args: argv,
    options: { seconds: number, minutes: number, seed: number, calls: number },
  })
  const seed = read('seed', values.seed) ?? randomInt(LARGEST_SEED)
  const calls = read('calls', values.calls)
  if (calls !== undefined) return { program: 'memory.js', wish: [calls, seed] }
  const minutes = read('minutes', values.minutes)
  const seconds = read('seconds', values.seconds) ?? (minutes === undefined ? SECONDS : minutes * 60)
  return { program: 'chaos.js', wish: [seconds, seed] }
}

/**
 * @param {string} name
 * @param {string | undefined} text
 */
function read(name, text) {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!(value > 0 && value <= LARGEST_SEED)) throw new Error(`--${name} has to be a number above 0.`)
  return value
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
