'use strict'
// What a call has come to, held against what it should come to.

const assert = require('node:assert/strict')
const { inspect } = require('node:util')
const layer1 = require('layer1')

/**
 * @typedef {object} Outcome a value, or the members of an error
 * @property {unknown} [value]
 * @property {import('layer1').Layer1ErrorCode} [code]
 * @property {string} [phase]
 * @property {number} [status]
 * @property {boolean} [retryable]
 * @property {'api' | 'token'} [endpoint] `api` if none is given
 * @property {RegExp} [says]
 * @property {number} [noSooner] ms that it takes at least
 * @property {number} [isDeep] the value is an array in an array, so many
 * @property {import('layer1').Layer1ErrorCode} [orCode] an error that will do as well
 */

const SECRET = 'sEcReT:% + é-4d1a8'
const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.tOkEn-9b2f6.c2lnbmF0dXJl'

/** @type {Record<string, keyof typeof layer1>} */
const classes = {
  ERR_LAYER1_AUTH: 'Layer1AuthError',
  ERR_LAYER1_API: 'Layer1ApiError',
  ERR_LAYER1_CONNECT: 'Layer1ConnectionError',
  ERR_LAYER1_DNS: 'Layer1ConnectionError',
  ERR_LAYER1_TLS: 'Layer1ConnectionError',
  ERR_LAYER1_CONNECTION_LOST: 'Layer1ConnectionError',
  ERR_LAYER1_TIMEOUT: 'Layer1TimeoutError',
  ERR_LAYER1_RESPONSE_MALFORMED: 'Layer1ResponseError',
  ERR_LAYER1_RESPONSE_TOO_LARGE: 'Layer1ResponseError',
  ERR_LAYER1_REDIRECT: 'Layer1ResponseError',
}

/**
 * Holds what a call came to against what it should: its value, or its error's class, code, phase and silence, in time.
 *
 * @param {{ value?: any, error?: any, took: number }} met
 * @param {Outcome} outcome
 * @param {{ timeout?: number | null | undefined }} limits
 * @param {number} slack ms
 */
function assertOutcome({ value, error, took }, outcome, { timeout }, slack) {
  assert.ok(took < Number(timeout) + slack, `it settled after ${took} ms, the deadline was ${timeout} ms`)
  assert.ok(took >= (outcome.noSooner ?? 0), `it took ${took} ms`)
  if (outcome.code === undefined && !(error && error.code === outcome.orCode)) {
    assert.equal(error, undefined, `it failed: ${error?.stack}`)
    if (outcome.isDeep === undefined) assert.deepEqual(value, outcome.value)
    else assert.equal(depthOf(value), outcome.isDeep)
    return
  }
  assert.ok(error, `it gave ${inspect(value)?.slice(0, 200)}`)
  const code = outcome.code ?? outcome.orCode
  assertError(error, code ? { ...outcome, code } : outcome)
}

/** @param {any} value */
function depthOf(value) {
  let depth = 0
  for (let inner = value; Array.isArray(inner); inner = inner[0]) depth += 1
  return depth
}

/**
 * @param {any} error
 * @param {Outcome} outcome
 */
function assertError(
  error,
  { code = 'ERR_LAYER1_API', endpoint = 'api', says, isDeep: _depth, orCode: _other, ...members },
) {
  const Kind = /** @type {any} */ (layer1[classes[code] ?? 'Layer1Error'])
  assert.equal(error.code, code, error.stack)
  assert.ok(error instanceof Kind, `${code} came as ${error.name}`)
  assert.equal(error.endpoint, endpoint)
  for (const [name, wanted] of Object.entries(members)) {
    if (name !== 'value') assert.equal(error[name], wanted, `${name}, of: ${error.message}`)
  }
  if (says) assert.match(error.message, says)
  assertSilent(error)
}

/** The secret and the token in every form in which an error could hold them. */
const forms = [
  SECRET,
  TOKEN,
  encodeURIComponent(SECRET),
  new URLSearchParams({ s: SECRET }).toString().slice(2),
  Buffer.from(SECRET).toString('base64').replace(/=+$/, ''),
  JSON.stringify(SECRET).slice(1, -1),
  'tOkEn-9b2f6',
]

/** Asserts that neither an error nor any of its causes shows secret or token, however it is looked at. @param {any} error */
function assertSilent(error) {
  for (let cause = error; cause !== undefined && cause !== null; cause = cause.cause) {
    const texts = [
      inspect(cause, { depth: 20, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null }),
      JSON.stringify(cause) ?? '',
      String(cause),
      `${cause.message}\n${cause.stack}`,
    ]
    for (const text of texts) {
      for (const form of forms) assert.ok(!text.includes(form), `${form} is in: ${text.slice(0, 2000)}`)
    }
  }
}

module.exports = { SECRET, TOKEN, assertError, assertOutcome, assertSilent }
