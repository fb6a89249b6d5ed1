'use strict'

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')
const { createInterface } = require('node:readline')
const { text } = require('node:stream/consumers')

/** @typedef {import('node:test').TestContext} TestContext */

const bin = path.join(__dirname, '..', '..', 'bin', 'layer1.js')

/**
 * Runs the command line to its end, and checks that it shows no stack.
 *
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env] added to this process's
 */
async function runBin(args, env) {
  const child = start(args, env, 'ignore')
  const [stdout, stderr, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  assert.doesNotMatch(stderr, /^ +at /m)
  return { exitCode, stdout, stderr }
}

/**
 * Runs `layer1 sandbox` for as long as the test does.
 *
 * @param {TestContext} t
 * @param {string[]} [args]
 */
async function runSandbox(t, args = []) {
  const child = start(['sandbox', ...args], {}, 'pipe')
  t.after(() => child.kill('SIGKILL'))
  /** @type {string[]} what it said on stderr */
  const said = []
  const errors = createInterface({ input: child.stderr }).on('line', (line) => said.push(line))
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return {
    told: JSON.parse(line),
    said,
    /** Waits until it has said something on stderr. @param {RegExp} what */
    async heard(what) {
      while (!said.some((line) => what.test(line))) await once(errors, 'line')
    },
    /** @param {string} text */
    type: (text) => child.stdin.write(text),
    async end() {
      child.kill('SIGTERM')
      const [exitCode] = await once(child, 'close')
      return exitCode
    },
  }
}

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv | undefined} env
 * @param {'ignore' | 'pipe'} input
 * @returns {any}
 */
function start(args, env, input) {
  return spawn(process.execPath, [bin, ...args], { env: { ...process.env, ...env }, stdio: [input, 'pipe', 'pipe'] })
}

module.exports = { runBin, runSandbox }
