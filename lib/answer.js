'use strict'
// The end of a call: its answer, as its caller wanted it, or its error.

const { FAILED, ABORTED, CLOSED } = require('./door.js')
const { Layer1ClosedError } = require('./errors.js')
const { malformedError, toError, toHeaders } = require('./failure.js')

/** @typedef {import('./failure.js').Place} Place */
/** @typedef {import('./in-flight.js').Outcome} Outcome */

/**
 * Makes what a caller wants of an outcome, its body or the whole response, or throws its error.
 *
 * @param {Outcome} outcome
 * @param {string} responseType
 * @param {boolean} asResponse
 * @param {Place} place
 */
function readAnswer({ kind, payload, attempts }, responseType, asResponse, place) {
  throwUnlessAnswered(kind, payload, place)
  const [body, headers] = asResponse ? /** @type {[unknown, string[]]} */ (payload) : [payload, []]
  const data = responseType === 'json' ? parseJson(/** @type {string} */ (body), kind, attempts, place) : body
  return asResponse ? { status: kind, headers: toHeaders(headers), data, attempts } : data
}

/**
 * @param {number} kind
 * @param {unknown} payload
 * @param {Place} place
 */
function throwUnlessAnswered(kind, payload, place) {
  if (kind > FAILED) {
    return
  }
  if (kind === ABORTED) {
    throw payload
  }
  const failure = /** @type {import('./failure.js').Failure} */ (payload)
  throw cutStack(kind === CLOSED ? closedError(place) : toError(failure, place), throwUnlessAnswered)
}

/**
 * @param {string} text
 * @param {number} status
 * @param {number} attempts
 * @param {Place} place
 */
function parseJson(text, status, attempts, place) {
  if (text === '') {
    return null
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw cutStack(malformedError({ status, attempts, text, cause: error }, place), parseJson)
  }
}

/**
 * Lets an error's stack begin at whoever called `top`: V8 shows ten lines, and the caller's own should be among them.
 *
 * @param {Error} error
 * @param {Function} top
 */
function cutStack(error, top) {
  Error.captureStackTrace(error, top)
  return error
}

/** @param {Place} place */
function closedError(place) {
  const message = 'this client is closed: use it before close(), or make a new one.'
  return new Layer1ClosedError(message, { code: 'ERR_LAYER1_CLOSED', attempts: 0, retryable: false, ...place })
}

module.exports = { readAnswer, throwUnlessAnswered, closedError }
