'use strict'
// What holds for every fault of the network, whatever its kind.

const assert = require('node:assert/strict')
const { inspect } = require('node:util')
const { failure } = require('./failures.js')
const { CLIENT_SECRET } = require('./peer.js')

/** How late a call may settle on a busy machine, in ms: more than a tick, less than any second deadline. */
const GRACE = 3000

/**
 * Makes a call that must fail, and checks what every failure has to be: typed, in time, of one settlement, without a
 * secret; and nothing of it stays.
 *
 * @param {import('layer1').Layer1} client
 * @param {() => Promise<unknown>} call
 * @param {import('layer1').Layer1ErrorCode} code
 * @param {{ within: number, secrets?: string[] }} how `within` is the call's deadline, in ms
 */
async function failsWell(client, call, code, { within, secrets = [] }) {
  const before = client.stats().inFlight
  const began = performance.now()
  const error = await failure(call(), code)
  const took = performance.now() - began
  assert.ok(took < within + GRACE, `${code} came after ${took} ms, the deadline is ${within} ms`)
  assertSecretless(error, ['token-1', CLIENT_SECRET, ...secrets])
  assert.ok(['token', 'api'].includes(error.endpoint), 'the error names no endpoint')
  assert.equal(typeof error.host, 'string')
  assert.equal(typeof error.port, 'number')
  assert.ok(client.stats().inFlight <= before, 'a call is still counted')
  return error
}

/**
 * @param {unknown} error
 * @param {string[]} secrets
 */
function assertSecretless(error, secrets) {
  const shown = [inspect(error, { depth: 9, showHidden: true, getters: true }), JSON.stringify(error), String(error)]
  for (const secret of secrets) {
    assert.ok(!shown.some((text) => text.includes(secret)), `an error shows ${JSON.stringify(secret)}`)
  }
}

/**
 * Makes the faulty calls, alone first and then each beside 100 good ones of another client, which must not notice.
 *
 * @template T
 * @param {() => Promise<T>} faulty
 * @param {() => Promise<unknown>} good
 * @returns {Promise<T[]>}
 */
async function aloneAndAmongOthers(faulty, good) {
  const alone = await faulty()
  const others = Array.from({ length: 100 }, good)
  const [among] = await Promise.all([faulty(), ...others])
  return [alone, among]
}

/**
 * Waits until something holds that nobody announces, and fails if it never does.
 *
 * @param {() => boolean} holds
 * @param {string} what
 */
async function eventually(holds, what) {
  const end = performance.now() + 20_000
  while (!holds()) {
    assert.ok(performance.now() < end, `it never came to be: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

module.exports = { aloneAndAmongOthers, assertSecretless, eventually, failsWell }
