'use strict'
// What the client itself says: of the token endpoint, and of the API.

const { performance } = require('node:perf_hooks')
const { adviceFor } = require('./advice.js')
const { failed, notTried, ok, warning } = require('./finding.js')
const { since } = require('./network.js')

/** @typedef {import('./finding.js').Verdict} Verdict */
/** @typedef {import('../../index.d.ts').Layer1} Layer1 */
/** @typedef {import('./settings.js').Settings} Settings */

/** A list that every client may ask for, and that no call changes. */
const PATH = '/api/v1/asset-pools'

/**
 * @param {Layer1} layer1
 * @param {Settings} settings
 * @param {number} limit ms
 * @returns {Promise<{ verdict: Verdict, token?: string }>}
 */
async function checkToken(layer1, { auth, environment }, limit) {
  if (auth === 'signature') {
    return { verdict: notTried('calls are signed, and carry no token (auth is "signature")') }
  }
  const started = performance.now()
  try {
    const { accessToken, tokenType, expiresAt, scope } = await layer1.getTokenInfo({ timeout: limit })
    const life = Math.round((expiresAt.getTime() - Date.now()) / 1000)
    const scopes = scope.length > 0 ? `${scope.length} scopes` : 'no scope told'
    const verdict = ok(`a ${tokenType} token for ${life} s, ${scopes}, in ${since(started)}`)
    return { verdict, token: accessToken }
  } catch (error) {
    const failure = /** @type {import('./advice.js').Failure} */ (error)
    return { verdict: explain(failed, failure, environment) }
  }
}

/**
 * @param {Layer1} layer1
 * @param {Settings} settings
 * @param {number} limit ms
 * @returns {Promise<{ verdict: Verdict, date?: string }>} and the `Date` of the answer
 */
async function checkApi(layer1, { environment }, limit) {
  const started = performance.now()
  try {
    const { status, headers } = await layer1.request('GET', PATH, {
      query: { pageSize: 1 },
      timeout: limit,
      maxRetries: 0,
    })
    return { verdict: ok(`GET ${PATH}: ${status} in ${since(started)}`), date: String(headers.date ?? '') }
  } catch (error) {
    const failure = /** @type {import('./advice.js').Failure & { headers?: Record<string, unknown> }} */ (error)
    // A client that may not list pools may well do all that it is for.
    const verdict = explain(failure.status === 403 ? warning : failed, failure, environment)
    return { verdict, date: String(failure.headers?.date ?? '') }
  }
}

/**
 * Parts what the client says of a failure from what it says to check.
 *
 * @param {(seen: string, mend: string) => Verdict} judge
 * @param {import('./advice.js').Failure} failure
 * @param {string} environment
 */
function explain(judge, failure, environment) {
  const [, seen = failure.message, check] = failure.message.match(/^(.*\.) (Check [^.].*\.)$/s) ?? []
  const advice = adviceFor(failure, environment)
  return judge(seen, check ? `${check} ${advice}` : advice)
}

module.exports = { checkApi, checkToken }
