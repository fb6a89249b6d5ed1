'use strict'
// node bench/callgrind.js [--filter TEST] [--write] PROGRAM [ARGUMENT…]: counts the instructions that a program takes.
//
// With --filter the program is a Rust test binary, and the count is that of the test alone: what a run takes that matches
// no test is subtracted. The count is then held against the committed one in instructions.json, and more than 5 % away
// from it, in either direction, is a failure. --write commits a new one.

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { execFileSync } = require('node:child_process')
const { parseArgs } = require('node:util')
const { unsteered } = require('../scripts/environment.js')
const { capture } = require('./ground/processes.js')
const { obtain } = require('./ground/tools.js')

/** @typedef {{ rustc: string, instructions: Record<string, number> }} Book */

const bookFile = path.join(__dirname, 'instructions.json')
const TOLERANCE = 0.05

/** A program takes some fifty times as long under valgrind, in ms. */
const LONGEST_RUN = 600_000

/** No test is named so. */
const NO_TEST = 'no test has this name'

async function main() {
  const { program, args, filter, isWritten } = readArguments()
  const valgrind = await obtain('valgrind', 'NOTHING was counted, and nothing guarded')
  if (!valgrind) return
  if (filter === undefined) {
    console.log(`${(await countInstructions(valgrind, program, args)).toLocaleString('en-US')} instructions`)
    return
  }
  const total = await countInstructions(valgrind, program, only(filter, args), filter)
  const idle = await countInstructions(valgrind, program, only(NO_TEST, args))
  const counted = total - idle
  console.log(`${filter}: ${counted.toLocaleString('en-US')} instructions`)
  if (isWritten) write(filter, counted)
  else judge(filter, counted)
}

function readArguments() {
  // What follows the program's name is the program's.
  const { values, tokens } = parseArgs({
    options: { filter: { type: 'string' }, write: { type: 'boolean' } },
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  const at = tokens.find(({ kind }) => kind === 'positional')?.index
  const [program, ...args] = at === undefined ? [] : process.argv.slice(2 + at)
  const { filter, write = false } = /** @type {{ filter?: string, write?: boolean }} */ (values)
  if (program === undefined || (write && filter === undefined)) {
    throw new Error('usage: node bench/callgrind.js [--filter TEST [--write]] PROGRAM [ARGUMENT…]')
  }
  return { program, args, filter, isWritten: write }
}

/**
 * One thread, so that what is counted does not depend on what else ran beside it.
 *
 * @param {string} filter
 * @param {string[]} args
 */
function only(filter, args) {
  return [filter, '--exact', '--test-threads=1', ...args]
}

/**
 * @param {string} valgrind
 * @param {string} program
 * @param {string[]} args
 * @param {string} [filter] a test that has to run
 * @returns {Promise<number>}
 */
async function countInstructions(valgrind, program, args, filter) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'layer1-callgrind-'))
  try {
    const own = ['--tool=callgrind', `--callgrind-out-file=${path.join(directory, 'out')}`]
    const options = { env: unsteered(process.env), timeout: LONGEST_RUN }
    const { output, errors } = await capture(valgrind, [...own, program, ...args], options)
    if (filter !== undefined && !/^test result: ok\. 1 passed/m.test(output)) {
      throw new Error(`There is no test "${filter}" in ${path.basename(program)}.`)
    }
    const collected = /Collected\s*:\s*(\d+)/.exec(errors)?.[1]
    if (collected === undefined) throw new Error(`valgrind tells no count: ${errors.slice(-500)}`)
    return Number(collected)
  } finally {
    fs.rmSync(directory, { recursive: true, force: true })
  }
}

/**
 * @param {string} filter
 * @param {number} counted
 */
function judge(filter, counted) {
  const book = readBook()
  const expected = book.instructions[filter]
  if (expected === undefined) {
    throw new Error(`${path.basename(bookFile)} has no figure for it: --write makes one.`)
  }
  const change = counted / expected - 1
  const sentence = `${(100 * change).toFixed(1)} % from the committed ${expected.toLocaleString('en-US')}`
  if (Math.abs(change) > TOLERANCE) {
    const cause =
      book.rustc === rustVersion() ? '' : ` That was counted with ${book.rustc}, this with ${rustVersion()}.`
    throw new Error(`${sentence}: more than ${100 * TOLERANCE} %.${cause} If it is meant, --write it.`)
  }
  console.log(`${sentence}: it holds.`)
}

/**
 * @param {string} filter
 * @param {number} counted
 */
function write(filter, counted) {
  const instructions = { ...readBook().instructions, [filter]: counted }
  const sorted = Object.fromEntries(Object.entries(instructions).sort(([a], [b]) => (a < b ? -1 : 1)))
  fs.writeFileSync(bookFile, `${JSON.stringify({ rustc: rustVersion(), instructions: sorted }, null, 2)}\n`)
  console.log(`Written: ${path.basename(bookFile)}.`)
}

/** @returns {Book} */
function readBook() {
  return fs.existsSync(bookFile) ? JSON.parse(fs.readFileSync(bookFile, 'utf8')) : { rustc: '', instructions: {} }
}

function rustVersion() {
  return execFileSync('rustc', ['--version'], { encoding: 'utf8' }).trim()
}

main().catch((error) => {
  console.error(`callgrind: ${error.message}`)
  process.exitCode = 1
})
