'use strict'

const assert = require('node:assert/strict')
const { Layer1Error } = require('layer1')

/**
 * Waits for a promise to be rejected with an error of this package, and gives it, open to any assertion.
 *
 * @param {Promise<unknown>} promise
 * @param {import('layer1').Layer1ErrorCode} [code]
 * @returns {Promise<any>}
 */
async function failure(promise, code) {
  const error = await rejection(promise)
  assert.ok(error instanceof Layer1Error, `no Layer1Error: ${String(error?.stack ?? error)}`)
  if (code) assert.equal(error.code, code, error.message)
  return error
}

/**
 * Waits for a promise to be rejected, and gives the reason.
 *
 * @param {Promise<unknown>} promise
 * @returns {Promise<any>}
 */
async function rejection(promise) {
  const [outcome] = await Promise.allSettled([promise])
  if (outcome.status === 'rejected') return outcome.reason
  assert.fail(`nothing was rejected, the promise gave ${JSON.stringify(outcome.value)}`)
}

/**
 * Runs what has to throw, and gives what it threw.
 *
 * @param {() => unknown} run
 * @returns {any}
 */
function thrown(run) {
  try {
    run()
  } catch (error) {
    return error
  }
  assert.fail('nothing was thrown')
}

module.exports = { failure, rejection, thrown }
