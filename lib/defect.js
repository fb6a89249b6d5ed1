'use strict'
// What the native side throws besides its refusals: a panic, which is a defect of ours and must not look like anything else.

const { toError } = require('./failure.js')

/** How the native side marks a refusal, whose sentence is for the user. */
const REFUSED = 'InvalidArg'

/**
 * Runs what the native side does at once, and throws its defects as the error that callers know.
 *
 * @template T
 * @param {() => T} run
 * @param {(refusal: Error) => Error} [refuse] makes the error of a refusal, where there can be one
 * @returns {T}
 */
function natively(run, refuse) {
  try {
    return run()
  } catch (error) {
    const isRefusal = refuse && /** @type {NodeJS.ErrnoException} */ (error).code === REFUSED
    throw isRefusal ? refuse(/** @type {Error} */ (error)) : toError(defect(error), {})
  }
}

/**
 * @param {unknown} error
 * @returns {import('./failure.js').Failure}
 */
function defect(error) {
  const detail = error instanceof Error ? error.message : 'the native side could not do it'
  const message = `a defect in layer1, please report it: ${detail}.`
  return { code: 'ERR_LAYER1_INTERNAL', message, attempts: 0, retryable: false }
}

module.exports = { natively, defect }
