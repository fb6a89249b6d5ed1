'use strict'
// node bench/guard.js [--write]: what has to stay cheap, and can be told without a clock: the instructions of calls in the
// machine without Node, counted by callgrind, and the size of the binary. --write commits a new count.

const fs = require('node:fs')
const path = require('node:path')
const { spawnSync } = require('node:child_process')
const { gzipSync } = require('node:zlib')
const { capture } = require('./ground/processes.js')

const root = path.join(__dirname, '..')
const counted = 'client::tests::calls_in_a_row_are_answered_with_one_token_and_kept_connections'

/** In bytes. */
const LARGEST_BINARY = 3_250_000
const LARGEST_ARCHIVE = 1_660_000

/** With link-time optimisation, in ms. */
const LONGEST_BUILD = 600_000

async function main() {
  guardSize()
  const program = await buildTests()
  const args = [path.join(__dirname, 'callgrind.js'), '--filter', counted, ...process.argv.slice(2), program]
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1
}

function guardSize() {
  const lib = path.join(root, 'lib')
  const name = fs.readdirSync(lib).find((name) => name.endsWith('.node'))
  if (name === undefined) throw new Error('There is no binary in lib: npm run build makes it.')
  const binary = fs.readFileSync(path.join(lib, name))
  const archive = gzipSync(binary, { level: 9 })
  const sentence = `${name}: ${binary.length.toLocaleString('en-US')} bytes, gzipped ${archive.length.toLocaleString('en-US')}`
  if (binary.length > LARGEST_BINARY || archive.length > LARGEST_ARCHIVE) {
    throw new Error(
      `${sentence}: more than ${LARGEST_BINARY.toLocaleString('en-US')}, or ${LARGEST_ARCHIVE.toLocaleString('en-US')}. A debug build is larger: npm run build makes a release build.`,
    )
  }
  console.log(`${sentence}: it holds.`)
}

/** @returns {Promise<string>} the program of the machine's tests, as optimised as what is shipped */
async function buildTests() {
  const args = ['test', '--release', '--locked', '--no-run', '--message-format=json']
  const { output } = await capture('cargo', args, { cwd: root, timeout: LONGEST_BUILD })
  const messages = output.split('\n').filter((line) => line.startsWith('{'))
  const program = messages.map((line) => JSON.parse(line).executable).findLast((file) => typeof file === 'string')
  if (program === undefined) throw new Error('cargo names no program of the tests.')
  return program
}

main().catch((error) => {
  console.error(`guard: ${error.message}`)
  process.exitCode = 1
})
