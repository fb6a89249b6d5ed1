'use strict'

const { spawn } = require('node:child_process')

/**
 * Run a program to its end.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions & { signal: AbortSignal, quiet?: boolean }} options
 *   `signal` ends the program; `quiet` keeps its output for the error
 * @returns {Promise<number>} its exit code
 * @throws when it cannot be started, or was ended by a signal
 */
function run(command, args, { quiet = false, ...options }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit', ...options })
    const output = collect(child)
    /** @type {Error | undefined} */
    let failure
    // An abort comes as an error while the program still lives: settle only when it is gone.
    child.on('error', (error) => {
      failure = error
      if (child.pid === undefined) reject(error)
    })
    child.on('close', (code, signal) => {
      if (failure) return reject(failure)
      if (signal) return reject(new Error(`${command} was ended by ${signal}.`))
      if (quiet && code !== 0) return reject(new Error(`${command} failed with exit code ${code}:\n${output.tail()}`))
      resolve(code ?? 1)
    })
  })
}

/**
 * Collect the last lines that a program writes.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
function collect(child) {
  const LINES = 60
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8')
    stream?.on('data', (chunk) => {
      text = (text + chunk).split('\n').slice(-LINES).join('\n')
    })
  }
  return { tail: () => text.trim() }
}

module.exports = { run, collect }
