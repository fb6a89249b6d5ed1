'use strict'

const { STATUS_CODES } = require('node:http')
const { JSON_TYPE } = require('./answer')
const { checkObject, flag, httpHeaders, milliseconds, text } = require('./check')
const { apiError, oauthError } = require('./errors')

/** @typedef {import('./answer').Answer} Answer */
/** @typedef {import('./index').FailurePlan} FailurePlan */

/**
 * @typedef {object} Failure what a plan does to one request
 * @property {number} delay ms
 * @property {boolean} disconnect
 * @property {Answer} [answer] none: answer normally
 */

/** @typedef {{ plan: FailurePlan, failure: Failure, left: number }} Queued */

const DEFAULT_STATUS = 503

/** The keys that shape an answer, so that a plan with none of them and a delay leaves the answer alone. */
const ANSWER_KEYS = /** @type {const} */ (['status', 'retryAfter', 'body', 'headers'])

/** @type {Record<string, import('./check').Rule>} */
const PLAN_RULES = {
  endpoint: { test: (value) => value === 'api' || value === 'token', sentence: "must be 'api' or 'token'" },
  status: {
    test: (value) => Number.isInteger(value) && value >= 200 && value <= 599,
    sentence: 'must be a status from 200 to 599',
  },
  times: {
    test: (value) => value === Infinity || (Number.isInteger(value) && value >= 1),
    sentence: 'must be a whole number from 1, or Infinity',
  },
  retryAfter: {
    test: (value) => ['number', 'string'].includes(typeof value) || isDate(value),
    sentence: 'must be a number of seconds, a Date, or a string',
  },
  delay: milliseconds,
  body: {
    test: (value) => typeof value === 'string' || (typeof value === 'object' && value !== null),
    sentence: 'must be a string, or an object to send as JSON',
  },
  headers: httpHeaders,
  path: {
    test: (value) => typeof value === 'string' && value.startsWith('/'),
    sentence: 'must be a string with / first',
  },
  method: text,
  disconnect: flag,
}

/** The failure plans of one sandbox, oldest first. */
class Failures {
  /** @type {Queued[]} */
  #queue = []

  /** @param {FailurePlan} plan */
  add(plan) {
    checkObject('the plan for fail()', plan, PLAN_RULES)
    if (plan.disconnect && ANSWER_KEYS.some((key) => plan[key] !== undefined)) {
      throw new TypeError(
        `A plan for fail() with "disconnect" sends no answer, so it takes no ${ANSWER_KEYS.join(', ')}.`,
      )
    }
    this.#queue.push({ plan: { ...plan }, failure: prepare(plan), left: plan.times ?? 1 })
  }

  /**
   * Use up the oldest plan that fits a request.
   *
   * @param {import('./index').SandboxRequest} request
   * @returns {Failure | undefined}
   */
  take(request) {
    const queued = this.#queue.find(({ plan }) => fits(plan, request))
    if (!queued) return undefined
    queued.left -= 1
    if (queued.left === 0) this.#queue.splice(this.#queue.indexOf(queued), 1)
    return queued.failure
  }

  clear() {
    this.#queue = []
  }
}

/**
 * @param {FailurePlan} plan
 * @param {import('./index').SandboxRequest} request
 */
function fits({ endpoint = 'api', path = '/', method }, request) {
  return (
    endpoint === request.endpoint &&
    request.path.startsWith(path) &&
    (method === undefined || method.toUpperCase() === request.method)
  )
}

/**
 * @param {FailurePlan} plan
 * @returns {Failure}
 */
function prepare(plan) {
  const { delay = 0, disconnect = false } = plan
  const answersNormally =
    disconnect || (plan.delay !== undefined && ANSWER_KEYS.every((key) => plan[key] === undefined))
  return answersNormally ? { delay, disconnect } : { delay, disconnect, answer: failureAnswer(plan) }
}

/**
 * @param {FailurePlan} plan
 * @returns {Answer}
 */
function failureAnswer({ endpoint = 'api', status = DEFAULT_STATUS, body, retryAfter, headers = {} }) {
  const answer = body === undefined ? defaultAnswer(endpoint, status) : answerWith(status, body)
  const waits = retryAfter === undefined ? {} : { 'retry-after': retryAfterText(retryAfter) }
  const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return { ...answer, headers: { ...answer.headers, ...waits, ...given } }
}

/**
 * @param {number} status
 * @param {string | object} body
 * @returns {Answer}
 */
function answerWith(status, body) {
  if (typeof body !== 'string') return { status, headers: { 'content-type': JSON_TYPE }, body: JSON.stringify(body) }
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
}

/**
 * Make what the real service would send with a status: Layer1's error shape, Keycloak's, or the page of the proxy in
 * front of an overloaded Keycloak. Below 400 it is an empty body.
 *
 * @param {'api' | 'token'} endpoint
 * @param {number} status
 * @returns {Answer}
 */
function defaultAnswer(endpoint, status) {
  const reason = STATUS_CODES[status] ?? 'Unknown'
  if (status < 400) return { status }
  if (endpoint === 'api') return apiError(status, `${reason}: as planned for this sandbox.`)
  if (status === 401) return oauthError(401, 'unauthorized_client', 'Invalid client or Invalid client credentials')
  if (status === 400) return oauthError(400, 'invalid_request', 'As planned for this sandbox')
  const page = `<html><head><title>${status} ${reason}</title></head><body><h1>${status} ${reason}</h1></body></html>`
  return { status, headers: { 'content-type': 'text/html' }, body: page }
}

/** @param {number | string | Date} retryAfter */
function retryAfterText(retryAfter) {
  return retryAfter instanceof Date ? retryAfter.toUTCString() : String(retryAfter)
}

/** @param {unknown} value */
function isDate(value) {
  return value instanceof Date && !Number.isNaN(value.getTime())
}

exports.Failures = Failures
