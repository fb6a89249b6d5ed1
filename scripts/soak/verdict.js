'use strict'
// How a call may end, by what it met.

const { inspect } = require('node:util')
const { Layer1Error } = require('../../index.js')
const { faults, none } = require('./faults/index.js')
const { TOKEN_MARK } = require('./grants.js')
const { ALWAYS, PATIENT } = require('./plan.js')

/** @typedef {import('./plan.js').Plan} Plan */
/** @typedef {{ plan: Plan, codes: string[], isClosed: boolean, reason: unknown }} Context */

/** What all secrets of the soak begin with. */
const SECRET_MARK = 'chaos-secret.'
const HIDDEN = [TOKEN_MARK, SECRET_MARK, 'chaos-proxy-secret']
const SAFE = new Set(['GET', 'PUT', 'DELETE'])

/**
 * Says what is wrong with an answer that a call got, if anything is.
 *
 * @param {Plan} plan
 * @param {any} data
 * @param {string[]} codes
 */
function judgeAnswer(plan, data, codes) {
  const fault = faults[plan.kind] ?? none
  if (!codes.includes('ok') && plan.times === ALWAYS) return `it cannot have succeeded: ${inspect(data).slice(0, 200)}`
  if (data?.id === plan.id || (fault.value && (fault.value() === undefined || fault.value() === data))) return undefined
  return `it got another's answer: ${inspect(data).slice(0, 200)}`
}

/**
 * Says what is wrong with the error that a call ended with, if anything is.
 *
 * @param {any} error
 * @param {Context} context
 */
function judgeError(error, { plan, codes, isClosed, reason }) {
  if (reason !== undefined && error === reason) return undefined
  if (!(error instanceof Layer1Error)) return `it is no Layer1Error: ${inspect(error)}`
  const code = error.code.replace('ERR_LAYER1_', '')
  if (code === 'CLOSED') return isClosed ? undefined : 'nobody had closed its client'
  if (error.endpoint === 'token') return isOfGrant(code) ? undefined : `no grant fails so: ${inspect(error)}`
  if (code === 'TIMEOUT') return undefined
  if (code === 'API' && 'status' in error && error.status === 401) return undefined
  if (codes.includes(code)) return undefined
  // A kept connection is closed by the server just then: of a payment nobody knows whether it was done, and of other calls
  // one retry is free. Only the third attempt can meet another such connection: the one between was on a new one.
  const isSafe = SAFE.has(plan.method) || plan.idempotent === true
  const wasTried = (faults[plan.kind] ?? none).passes === true || Number(error.attempts) > 2
  if (code === 'CONNECTION_LOST' && (!isSafe || wasTried)) return undefined
  return `it may only end as ${codes.join(' or ')}: ${inspect(error)}`
}

/** @param {string} code */
function isOfGrant(code) {
  return ['AUTH', 'CONNECTION_LOST', 'REDIRECT', 'TIMEOUT', 'CONNECT', 'RESPONSE_TOO_LARGE'].includes(code)
}

/**
 * Tells whether a call that meets no fault was given up while it waited for its answer.
 *
 * @param {Plan} plan
 * @param {any} error
 */
function isUnanswered(plan, error) {
  // A token request may be met with silence, and then all who wait for it end with its time limit.
  const isOfCall = error?.code === 'ERR_LAYER1_TIMEOUT' && error.endpoint === 'api'
  return isOfCall && plan.timeout === PATIENT && ['headers', 'body'].includes(error.phase)
}

/** Gives the secret that shows in an error, if one does. @param {unknown} error */
function findSecret(error) {
  const text = inspect(error, { depth: 8, showHidden: true })
  return HIDDEN.find((mark) => text.includes(mark))
}

module.exports = { SECRET_MARK, findSecret, isUnanswered, judgeAnswer, judgeError }
