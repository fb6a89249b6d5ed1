'use strict'
// Examples as processes of their own: those that end by themselves, and those that go on until they are ended.

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')

const examples = path.join(__dirname, '..', '..', 'examples')

/**
 * Starts an example.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} name its file, below `examples/`
 * @param {NodeJS.ProcessEnv} env added to this process's
 */
function startExample(t, name, env) {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env
  const child = spawn(process.execPath, [path.join(examples, name)], { env: { ...inherited, ...env }, stdio: 'pipe' })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
      child.emit('output')
    })
  }
  let hasEnded = false
  const ended = once(child, 'close').then(([code, signal]) => {
    hasEnded = true
    child.emit('output')
    return { code, signal, output }
  })
  return {
    child,
    /** Resolves once it has ended. */
    ended,
    /** Waits until it has printed this, and gives the match. @param {RegExp} pattern */
    async printed(pattern) {
      for (;;) {
        const match = pattern.exec(output)
        if (match) return match
        if (hasEnded) throw new Error(`${name} ended without ${pattern}: ${output}`)
        await once(child, 'output')
      }
    },
    /** Ends it, and gives all that it printed. */
    async end() {
      child.kill()
      return (await ended).output
    },
  }
}

/**
 * Gives the variables by which a client without options reaches a server.
 *
 * @param {{ clientId: string, clientSecret: string, baseUrl: string, tokenUrl: string }} options
 */
function variablesOf({ clientId, clientSecret, baseUrl, tokenUrl }) {
  return {
    LAYER1_CLIENT_ID: clientId,
    LAYER1_CLIENT_SECRET: clientSecret,
    LAYER1_BASE_URL: baseUrl,
    LAYER1_TOKEN_URL: tokenUrl,
  }
}

module.exports = { startExample, variablesOf, examples }
