'use strict'
// Child processes, each of which ends with this one: by its id, and only those that were started here.

const { spawn } = require('node:child_process')

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/** What else is to be undone at the end, whatever the end is. @type {Set<() => void>} */
const undoings = new Set()

/** @typedef {{ env?: NodeJS.ProcessEnv, cwd?: string, timeout?: number }} RunOptions */
/** @typedef {{ output: string, errors: string, wall: number }} Outcome `wall` in ms, from start to end */

/** A measurement that takes longer than this hangs, in ms. */
const LONGEST_RUN = 120_000

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 */
function start(command, args, options) {
  const child = spawn(command, args, options)
  running.add(child)
  child.once('error', () => running.delete(child))
  child.once('exit', () => running.delete(child))
  return child
}

/**
 * Runs a program to its end, and gives what it printed; rejects with its last words if it fails or hangs.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<Outcome>}
 */
function capture(command, args, { timeout = LONGEST_RUN, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const began = process.hrtime.bigint()
    const child = start(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout)
    let output = ''
    let errors = ''
    let wall = 0
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      errors += text
    })
    child.on('exit', () => {
      wall = Number(process.hrtime.bigint() - began) / 1e6
    })
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (code === 0) {
        resolve({ output, errors, wall })
      } else {
        const words = `${errors}${output}`.trim().split('\n').slice(-12).join('\n')
        reject(new Error(`${command} ended with ${signal ?? `exit code ${code}`}: ${words}`))
      }
    })
  })
}

/**
 * Ends a child, and waits until it has.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
async function end(child) {
  if (running.has(child)) {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
}

/** @param {() => void} undo */
function atTheEnd(undo) {
  undoings.add(undo)
}

function endAll() {
  for (const child of running) child.kill('SIGTERM')
  for (const undo of undoings) undo()
  undoings.clear()
}

process.on('exit', endAll)
for (const [signal, number] of /** @type {const} */ ([
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
])) {
  process.on(signal, () => process.exit(128 + number))
}

module.exports = { start, capture, end, atTheEnd }
