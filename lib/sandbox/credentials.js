'use strict'

const { decodeFormText } = require('./form')
const { REFUSED, oauthError } = require('./errors')

/** @typedef {import('./form').Form} Form */
/** @typedef {import('./options').Client} Client */
/** @typedef {import('./answer').Answer} Answer */
/** @typedef {import('./assertions').Assertions} Assertions */

/**
 * Find out which client sent a request, as Keycloak does: by its assertion ("Signed JWT"), or by its id and secret. Of those,
 * what the form gives wins over the `Authorization` header, for the id and for the secret alone.
 *
 * @param {{ clients: Map<string, Client>, assertions: Assertions }} realm
 * @param {string | undefined} authorization
 * @param {Form} form
 * @returns {{ client: Client, refusal?: undefined } | { client?: undefined, refusal: Answer }}
 */
function authenticateClient({ clients, assertions }, authorization, form) {
  const given = readCredentials(authorization, form)
  if (!given) return { refusal: oauthError(400, 'unauthorized_client', 'Unexpected error when authenticating client') }

  // Keycloak does not tell a missing id from an unknown one.
  const client = given.clientId === undefined ? undefined : clients.get(given.clientId)
  if (assertions.decide(client, form)) return assertions.authenticate(form)
  if (!client?.enabled) return { refusal: oauthError(401, 'invalid_client', REFUSED) }
  const isSecretRight = client.clientSecret !== '' && given.clientSecret === client.clientSecret
  if (!client.publicClient && !isSecretRight) {
    return { refusal: oauthError(401, 'unauthorized_client', REFUSED) }
  }
  return { client }
}

/**
 * Read the client's id and secret; `undefined` if the header cannot be form-decoded.
 *
 * @param {string | undefined} authorization
 * @param {Form} form
 */
function readCredentials(authorization, form) {
  try {
    const basic = parseBasic(authorization)
    return {
      clientId: form.get('client_id')?.[0] ?? basic?.clientId,
      clientSecret: form.get('client_secret')?.[0] ?? basic?.clientSecret,
    }
  } catch {
    return undefined
  }
}

/**
 * Parse HTTP Basic credentials, form-encoded before base64 (RFC 6749 §2.3.1). What is not Basic, or has no colon,
 * counts as no header at all: Keycloak then looks at the form only.
 *
 * @param {string | undefined} authorization
 */
function parseBasic(authorization) {
  if (authorization?.slice(0, 5).toLowerCase() !== 'basic') return undefined
  const text = Buffer.from(authorization.slice(6).replace(/[^A-Za-z0-9+/=]/g, ''), 'base64').toString()
  const colon = text.indexOf(':')
  if (colon === -1) return undefined
  return { clientId: decodeFormText(text.slice(0, colon)), clientSecret: decodeFormText(text.slice(colon + 1)) }
}

module.exports = { authenticateClient, readCredentials }
