'use strict'
// The command line in a process of its own, as a shell starts it.

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')
const { text } = require('node:stream/consumers')

const bin = path.join(__dirname, '..', '..', 'bin', 'layer1.js')

/** Stands in for a machine without the addon. */
const withoutAddon = ['--import', 'data:text/javascript,process.dlopen=()=>{throw new Error("no addon here")}']

/** @typedef {{ env?: NodeJS.ProcessEnv, node?: string[], input?: string | Buffer, secrets?: string[], launcher?: string[] }} Circumstances */
/** @typedef {{ exitCode: number, stdout: string, stderr: string }} Ended */

/**
 * Runs the command line to its end; whatever it says, no secret and no stack is in it.
 *
 * @type {(args: string[], circumstances?: Circumstances) => Promise<Ended>}
 */
async function layer1(args, { env = {}, node = [], input = '', secrets = [], launcher = [] } = {}) {
  const [program = '', ...rest] = [...launcher, process.execPath, ...node, bin, ...args]
  const child = spawn(program, rest, { env: { ...process.env, ...env }, stdio: 'pipe' })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [stdout, stderr, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  for (const secret of secrets) assert.ok(!`${stdout}${stderr}`.includes(secret), 'a secret was shown')
  assert.doesNotMatch(`${stdout}${stderr}`, /^ +at /m)
  return { exitCode, stdout, stderr }
}

/** @param {Record<'clientId' | 'clientSecret' | 'baseUrl' | 'tokenUrl', string>} options */
function variables({ clientId, clientSecret, baseUrl, tokenUrl }) {
  const [LAYER1_CLIENT_ID, LAYER1_CLIENT_SECRET] = [clientId, clientSecret]
  return { LAYER1_CLIENT_ID, LAYER1_CLIENT_SECRET, LAYER1_BASE_URL: baseUrl, LAYER1_TOKEN_URL: tokenUrl }
}

module.exports = { layer1, variables, withoutAddon }
