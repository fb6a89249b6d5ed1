'use strict'
// What the same server gives to programs that do less: wrk, and reqwest without Node.

const { TOKEN_LENGTH } = require('../ground/bodies.js')
const { capture } = require('../ground/processes.js')

/** @typedef {import('../types.d.ts').Ground} Ground */
/** @typedef {{ url: string, callers: number, measure: number }} Target `measure` in ms */

const token = 'a'.repeat(TOKEN_LENGTH)

/** wrk does not count in smaller steps, in ms. */
const WRK_STEP = 1000

/**
 * @param {string} wrk
 * @param {Target} target
 * @returns {Promise<import('../types.d.ts').Figures>}
 */
async function runWrk(wrk, { url, callers, measure }) {
  const seconds = Math.ceil(measure / WRK_STEP)
  const flags = ['-t1', `-c${callers}`, `-d${seconds}s`, '--latency', '-H', `Authorization: Bearer ${token}`]
  const { output } = await capture(wrk, [...flags, url])
  if (/Socket errors|Non-2xx/.test(output)) throw new Error(`wrk had errors: ${output}`)
  return {
    callsPerSecond: Number(/Requests\/sec:\s*([\d.]+)/.exec(output)?.[1]),
    p50: readMillis(/ 50%\s+([\d.]+)(\w+)/.exec(output)),
    p99: readMillis(/ 99%\s+([\d.]+)(\w+)/.exec(output)),
  }
}

/** @param {RegExpExecArray | null} match */
function readMillis(match) {
  /** @type {Record<string, number>} */
  const inMillis = { us: 0.001, ms: 1, s: 1000 }
  return match ? Number(match[1]) * (inMillis[match[2] ?? ''] ?? Number.NaN) : Number.NaN
}

/**
 * @param {Target} target
 * @param {Ground} ground
 * @returns {Promise<import('../types.d.ts').Figures>}
 */
async function runReqwest({ url, callers, measure }, { native, ca, warmUp }) {
  const times = ['--warm-up', String(warmUp), '--measure', String(measure)]
  const args = ['load', url, '--callers', String(callers), ...times, '--token', token, '--ca', ca.file]
  return JSON.parse((await capture(native, args)).output)
}

module.exports = { runWrk, runReqwest }
