'use strict'
// What mends a call of the client that failed.

/** @typedef {import('../../index.d.ts').Layer1Error & { oauthError?: string, status?: number, phase?: string }} Failure */

const NETWORK = 'The checks above say where the way ends; if they are all ok, it may pass: try again.'

/** By what the token endpoint said. @type {Record<string, string>} */
const REFUSALS = {
  invalid_client: 'credentials',
  unauthorized_client: 'credentials',
  invalid_scope: 'Unset LAYER1_SCOPE, or ask only for scopes that this client has at Layer1.',
}

/** By the status of the API. @type {Record<number, string>} */
const STATUSES = {
  401: 'The API does not take what the token endpoint gave, or the signature: baseUrl and tokenUrl have to be of one environment, and a key has to be registered at Layer1 under its keyId.',
  403: 'The client is known, but may not list asset pools: ask Layer1 for that right, if you need it.',
  404: 'LAYER1_BASE_URL leads to no Layer1 API: check it, also its path.',
  429: 'There are too many calls with these credentials: wait, and call less often.',
}

/** By code. @type {Record<string, string>} */
const CODES = {
  ERR_LAYER1_CONFIG: 'Set the option or variable that is named.',
  ERR_LAYER1_TLS: "Name the server's authority in NODE_EXTRA_CA_CERTS, if it is a private one.",
  ERR_LAYER1_PROXY: 'Check HTTPS_PROXY, its credentials (http://USER:PASSWORD@HOST:PORT), and what the proxy allows.',
  ERR_LAYER1_REDIRECT: 'Set the URL to where the server really is, with https.',
  ERR_LAYER1_RESPONSE_MALFORMED: 'LAYER1_BASE_URL leads to something else than a Layer1 API: check it.',
}

/**
 * @param {Failure} error
 * @param {string} environment
 */
function adviceFor(error, environment) {
  const advice =
    error.code === 'ERR_LAYER1_AUTH'
      ? refusal(error)
      : error.code === 'ERR_LAYER1_API'
        ? (STATUSES[error.status ?? 0] ?? 'The API is in trouble: try again later, and look at its status page.')
        : (CODES[error.code] ?? NETWORK)
  return advice === 'credentials' ? credentials(environment) : advice
}

/** @param {Failure} error */
function refusal({ oauthError, status, retryable }) {
  if (retryable) {
    return 'The identity provider is in trouble: try again later.'
  }
  const isElsewhere = status === 404 || status === 405
  return (
    REFUSALS[oauthError ?? ''] ?? (isElsewhere ? 'LAYER1_TOKEN_URL is no token endpoint: check it.' : 'credentials')
  )
}

/** @param {string} environment */
function credentials(environment) {
  const other = environment === 'production' ? 'sandbox' : 'production'
  return `Copy id and secret (or key) anew: one is wrong, was rotated, or belongs to ${other} and not to ${environment} (LAYER1_ENVIRONMENT); or the client is disabled, or may not get tokens of its own (service account).`
}

module.exports = { adviceFor }
