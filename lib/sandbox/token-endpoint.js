'use strict'

const { JSON_TYPE } = require('./answer')
const { authenticateClient } = require('./credentials')
const { oauthError } = require('./errors')
const { parseForm } = require('./form')

/** @typedef {import('./answer').Answer} Answer */
/** @typedef {import('./assertions').Assertions} Assertions */
/** @typedef {import('./form').Form} Form */
/** @typedef {import('./options').Client} Client */
/** @typedef {import('./tokens').Tokens} Tokens */
/** @typedef {{ contentType: string | undefined, authorization: string | undefined, body: string }} FormRequest */

/** RFC 6749 §5.1 asks for both, on every answer. */
const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' }

/** Characters; Keycloak ignores a longer scope parameter. */
const MAX_SCOPE_LENGTH = 4000

/**
 * The grants that Keycloak knows and that no client of this realm may use, with its reasons.
 * @type {Record<string, (form: Form) => [error: string, description: string]>}
 */
const CLOSED_GRANTS = {
  authorization_code: (form) =>
    form.has('code') ? ['invalid_grant', 'Code not valid'] : ['invalid_request', 'Missing parameter: code'],
  refresh_token: (form) =>
    form.has('refresh_token') ? ['invalid_grant', 'Invalid refresh token'] : ['invalid_request', 'No refresh token'],
  password: () => ['unauthorized_client', 'Client not allowed for direct access grants'],
  'urn:ietf:params:oauth:grant-type:token-exchange': () => [
    'invalid_request',
    'Standard token exchange is not enabled for the requested client',
  ],
  'urn:ietf:params:oauth:grant-type:device_code': () => [
    'invalid_grant',
    'Client not allowed OAuth 2.0 Device Authorization Grant',
  ],
  'urn:ietf:params:oauth:grant-type:uma-ticket': () => ['invalid_request', 'You must provide the issuedFor'],
  'urn:ietf:params:oauth:grant-type:jwt-bearer': (form) => [
    'invalid_grant',
    form.has('assertion') ? 'The provided assertion is not a valid JWT' : 'Missing parameter:assertion',
  ],
  'urn:openid:params:grant-type:ciba': () => ['invalid_grant', 'Client not allowed OIDC CIBA Grant'],
}

/**
 * Answer a request for a token as Keycloak 26 does, in its order: form, grant type, client, repeated parameters, scope.
 *
 * @param {{ clients: Map<string, Client>, tokens: Tokens, assertions: Assertions }} realm
 * @param {FormRequest} request
 * @returns {Answer}
 */
function answerTokenRequest(realm, { contentType, authorization, body }) {
  const form = parseForm(contentType, body)
  const grantType = clean(form.get('grant_type')?.[0])
  if (grantType === undefined) return refuse(400, 'invalid_request', 'Missing form parameter: grant_type')
  const closed = Object.hasOwn(CLOSED_GRANTS, grantType) ? CLOSED_GRANTS[grantType] : undefined
  if (grantType !== 'client_credentials' && !closed) {
    return refuse(400, 'unsupported_grant_type', 'Unsupported grant_type')
  }
  const { client, refusal } = authenticateClient(realm, authorization, form)
  if (refusal) return { ...refusal, headers: { ...refusal.headers, ...NO_STORE } }
  if (hasRepeated(form)) return refuse(400, 'invalid_request', 'duplicated parameter')
  if (closed) return refuse(400, ...closed(form))
  return grantToken(realm.tokens, client, clean(form.get('scope')?.[0]))
}

/**
 * @param {Tokens} tokens
 * @param {Client} client
 * @param {string | undefined} scope
 * @returns {Answer}
 */
function grantToken(tokens, client, scope) {
  if (client.publicClient) {
    return refuse(401, 'unauthorized_client', 'Public client not allowed to retrieve service account')
  }
  if (!client.serviceAccountsEnabled) {
    return refuse(401, 'unauthorized_client', 'Client not enabled to retrieve service account')
  }
  const scopes = grantedScopes(client, scope)
  if (!scopes) return refuse(400, 'invalid_scope', `Invalid scopes: ${scope}`)

  const answer = {
    access_token: tokens.issue(client, scopes),
    expires_in: client.tokenLifetime,
    refresh_expires_in: 0,
    token_type: 'Bearer',
    id_token: scopes.includes('openid') ? tokens.identify(client) : undefined,
    'not-before-policy': 0,
    scope: scopes.join(' '),
  }
  return { status: 200, headers: { 'content-type': JSON_TYPE, ...NO_STORE }, body: JSON.stringify(answer) }
}

/**
 * List the scopes of a token: always the client's own, others only if asked for. `undefined` if one is not to be had.
 * Single spaces part the names, and spaces at the end count for nothing; any other empty name is not to be had.
 *
 * @param {Client} client
 * @param {string | undefined} scope
 */
function grantedScopes(client, scope) {
  if (scope === undefined || scope.length > MAX_SCOPE_LENGTH || /^ +$/.test(scope)) return client.scopes
  const asked = scope.replace(/ +$/, '').split(' ')
  const known = new Set(['openid', ...client.scopes, ...client.optionalScopes])
  if (!asked.every((name) => known.has(name))) return undefined
  const openid = asked.includes('openid') ? ['openid'] : []
  return [...new Set([...openid, ...client.scopes, ...asked])]
}

/**
 * Strip control characters, which Keycloak does for parameters that are not credentials.
 *
 * @param {string | undefined} value
 */
function clean(value) {
  return value?.replaceAll(/\p{Cc}/gu, '')
}

/** @param {Form} form */
function hasRepeated(form) {
  return [...form.values()].some((values) => values.length > 1)
}

/**
 * @param {number} status
 * @param {string} error
 * @param {string} description
 * @returns {Answer}
 */
function refuse(status, error, description) {
  const answer = oauthError(status, error, description)
  return { ...answer, headers: { ...answer.headers, ...NO_STORE } }
}

module.exports = { answerTokenRequest, hasRepeated }
