'use strict'

/** What a check says is wrong with a value: a sentence of ours, which quotes no value, and never one of a caller's own. */
class Refusal extends Error {}

/**
 * Tells whether what was thrown is a refusal; it may be a caller's, and one that cannot be looked at.
 *
 * @param {unknown} error
 * @returns {error is Refusal}
 */
function isRefusal(error) {
  try {
    return error instanceof Refusal
  } catch {
    return false
  }
}

module.exports = { Refusal, isRefusal }
