'use strict'

const { JSON_TYPE } = require('./answer')
const { authenticateClient } = require('./credentials')
const { keycloakHttpError, oauthError } = require('./errors')
const { parseForm } = require('./form')
const { answerTokenRequest, hasRepeated } = require('./token-endpoint')

/** @typedef {import('./answer').Answer} Answer */
/** @typedef {import('./assertions').Assertions} Assertions */
/** @typedef {import('./options').Client} Client */
/** @typedef {import('./keys').SigningKey} SigningKey */
/** @typedef {import('./token-endpoint').FormRequest} FormRequest */
/** @typedef {import('./tokens').Tokens} Tokens */
/** @typedef {{ issuer: string, clients: Map<string, Client>, assertions: Assertions, tokens: Tokens, key: SigningKey }} Realm */

const REALM_PATH = '/auth/realms/bvnk'
const TOKEN_PATH = `${REALM_PATH}/protocol/openid-connect/token`
const CERTS_PATH = `${REALM_PATH}/protocol/openid-connect/certs`
const REVOKE_PATH = `${REALM_PATH}/protocol/openid-connect/revoke`
const DISCOVERY_PATH = `${REALM_PATH}/.well-known/openid-configuration`

/** What Keycloak puts on every answer. */
const SECURITY_HEADERS = {
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
}

/** @type {Record<string, { method: string, answer: (realm: Realm, request: FormRequest) => Answer }>} */
const ROUTES = {
  [TOKEN_PATH]: { method: 'POST', answer: answerTokenRequest },
  [REVOKE_PATH]: { method: 'POST', answer: answerRevocation },
  [CERTS_PATH]: { method: 'GET', answer: ({ key }) => json({ keys: [key.jwk] }) },
  [DISCOVERY_PATH]: { method: 'GET', answer: ({ issuer, clients }) => json(discovery(issuer, clients)) },
}

/**
 * Answer a request to the identity provider, errors of its web server included.
 *
 * @param {Realm} realm
 * @param {string} method
 * @param {string} path
 * @param {FormRequest} request
 * @returns {Answer}
 */
function answerRealmRequest(realm, method, path, request) {
  const answer = route(realm, method, path, request)
  return { ...answer, headers: { ...answer.headers, ...SECURITY_HEADERS } }
}

/**
 * @param {Realm} realm
 * @param {string} method
 * @param {string} path
 * @param {FormRequest} request
 */
function route(realm, method, path, request) {
  if (!`${path}/`.startsWith(`${REALM_PATH}/`)) return oauthError(404, 'Realm does not exist')
  const found = ROUTES[realmPath(path)]
  if (!found) return keycloakHttpError(404)
  if (method === 'OPTIONS') return { status: 200 }
  if (method !== found.method) return keycloakHttpError(405)
  try {
    return found.answer(realm, request)
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    // Keycloak's server fails on a broken percent-escape in a form.
    return oauthError(500, 'unknown_error', 'For more on this error consult the server log.')
  }
}

/**
 * Drop a slash at the end, which Keycloak does not mind.
 *
 * @param {string} path
 */
function realmPath(path) {
  return path.replace(/\/$/, '')
}

/**
 * Revoke a token (RFC 7009), with Keycloak's answers.
 *
 * @param {Realm} realm
 * @param {FormRequest} request
 * @returns {Answer}
 */
function answerRevocation(realm, { contentType, authorization, body }) {
  const form = parseForm(contentType, body)
  const { client, refusal } = authenticateClient(realm, authorization, form)
  if (refusal) return refusal
  if (hasRepeated(form)) return oauthError(400, 'invalid_request', 'duplicated parameter')
  const token = form.get('token')?.[0]
  if (token === undefined) return oauthError(400, 'invalid_request', 'Token not provided')
  const outcome = realm.tokens.revoke(token, client)
  if (outcome === 'unknown') return oauthError(200, 'invalid_token', 'Invalid token')
  if (outcome === 'foreign') return oauthError(400, 'invalid_request', 'Unmatching clients')
  return { status: 200 }
}

/**
 * Describe the realm (OpenID Connect Discovery): only what works here.
 *
 * @param {string} issuer
 * @param {Map<string, Client>} clients
 */
function discovery(issuer, clients) {
  const scopes = [...clients.values()].flatMap((client) => [...client.scopes, ...client.optionalScopes])
  const methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt']
  return {
    issuer,
    token_endpoint: `${issuer}/protocol/openid-connect/token`,
    jwks_uri: `${issuer}/protocol/openid-connect/certs`,
    grant_types_supported: ['client_credentials'],
    response_types_supported: [],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: ['RS256'],
    revocation_endpoint: `${issuer}/protocol/openid-connect/revoke`,
    revocation_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_signing_alg_values_supported: ['RS256'],
    scopes_supported: [...new Set(['openid', ...scopes])],
  }
}

/**
 * @param {object} body
 * @returns {Answer}
 */
function json(body) {
  return {
    status: 200,
    headers: { 'content-type': JSON_TYPE, 'cache-control': 'no-cache' },
    body: JSON.stringify(body),
  }
}

module.exports = { REALM_PATH, TOKEN_PATH, answerRealmRequest, realmPath }
