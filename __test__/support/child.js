'use strict'
// Functions run elsewhere: in a process or a worker of their own. They travel as text, so they see `require` and their
// argument, and nothing of the file they are written in.

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { createRequire } = require('node:module')
const { Worker } = require('node:worker_threads')

/**
 * @typedef {object} Ended
 * @property {number | null} code
 * @property {NodeJS.Signals | null} signal
 * @property {string} stdout
 * @property {string} stderr
 */

/** Ends a process that would never end by itself, in ms; a right one never comes near. */
const LONGEST_LIFE = 30_000

/**
 * Starts a function in a process of its own.
 *
 * @template Data
 * @param {import('node:test').TestContext} t
 * @param {(data: Data) => unknown} main
 * @param {Data} data goes over as JSON
 * @param {NodeJS.ProcessEnv} [env] added to this process's
 * @param {string[]} [launcher] a program and its arguments that end by becoming the command that follows them
 */
function startChild(t, main, data, env = {}, launcher = []) {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env
  const command = [...launcher, process.execPath, '-e', `${bind(main)}(${JSON.stringify(data)})`]
  const child = spawn(String(command[0]), command.slice(1), {
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    timeout: LONGEST_LIFE,
    killSignal: 'SIGKILL',
  })
  t.after(() => child.kill('SIGKILL'))
  return { child, ended: collect(child) }
}

/**
 * Runs a function in a process of its own, to its end.
 *
 * @template Data
 * @param {import('node:test').TestContext} t
 * @param {(data: Data) => unknown} main
 * @param {Data} data
 * @param {NodeJS.ProcessEnv} [env]
 * @param {string[]} [launcher]
 */
function runChild(t, main, data, env, launcher) {
  return startChild(t, main, data, env, launcher).ended
}

/**
 * Starts a function in a worker thread.
 *
 * @template Data
 * @param {import('node:test').TestContext} t
 * @param {(data: Data) => unknown} main
 * @param {Data} data
 */
function startWorker(t, main, data) {
  const worker = new Worker(`${bind(main)}(require('node:worker_threads').workerData)`, {
    eval: true,
    workerData: data,
  })
  t.after(() => worker.terminate())
  return worker
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<Ended>}
 */
async function collect(child) {
  const output = { stdout: '', stderr: '' }
  for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
    child[name]?.setEncoding('utf8').on('data', (text) => {
      output[name] += text
    })
  }
  const [code, signal] = await once(child, 'close')
  return { code, signal, ...output }
}

/**
 * Gives the text of a function whose `require` is this package's, wherever it runs.
 *
 * @param {Function} main
 */
function bind(main) {
  return `((require) => ${main})(require('node:module').createRequire(${JSON.stringify(__filename)}))`
}

// A function's text asks for the package by name; this file has to be able to find it.
createRequire(__filename).resolve('layer1')

module.exports = { runChild, startChild, startWorker }
