'use strict'

const { apiError } = require('./errors')

/** @typedef {import('./answer').Answer} Answer */
/** @typedef {import('./options').Settings['auth']} Auth */
/** @typedef {import('./signatures').SignedRequest} SignedRequest */
/** @typedef {import('./signatures').Signatures} Signatures */
/** @typedef {import('./tokens').Tokens} Tokens */
/** @typedef {{ clientId: string, scopes: Set<string> }} Caller who makes a request, and what it may do */
/** @typedef {{ caller: Caller, refusal?: undefined } | { caller?: undefined, refusal: Answer }} Outcome */

/** How one sandbox's API finds out who calls: by a token, by a signature, by either, or by both. */
class Authentication {
  #auth
  #tokens
  #signatures

  /**
   * @param {Auth} auth
   * @param {Tokens} tokens
   * @param {Signatures} signatures
   */
  constructor(auth, tokens, signatures) {
    this.#auth = auth
    this.#tokens = tokens
    this.#signatures = signatures
  }

  /**
   * @param {SignedRequest} request
   * @returns {Outcome}
   */
  check(request) {
    if (this.#auth === 'both') return this.#checkBoth(request)
    const isSigned = 'signature' in request.headers || 'signature-input' in request.headers
    // A signature that is there has to be right, also beside a token that would do.
    const takesSignature = this.#auth === 'signature' || (this.#auth === 'either' && isSigned)
    return takesSignature ? this.#checkSignature(request) : this.#checkToken(request)
  }

  /**
   * @param {SignedRequest} request
   * @returns {Outcome}
   */
  #checkBoth(request) {
    const bySignature = this.#checkSignature(request)
    const byToken = bySignature.refusal ? bySignature : this.#checkToken(request)
    if (byToken.refusal || bySignature.refusal) return byToken
    if (byToken.caller.clientId === bySignature.caller.clientId) return byToken
    return { refusal: badSignature('Token and signature are those of different clients.') }
  }

  /**
   * @param {SignedRequest} request
   * @returns {Outcome}
   */
  #checkSignature(request) {
    const { client, refused } = this.#signatures.check(request)
    if (refused) return { refusal: badSignature(refused.message, refused.details) }
    return { caller: { clientId: client.clientId, scopes: new Set([...client.scopes, ...client.optionalScopes]) } }
  }

  /**
   * Check the bearer token of a request (RFC 6750).
   *
   * @param {SignedRequest} request
   * @returns {Outcome}
   */
  #checkToken({ headers }) {
    const match = /^Bearer +(.*)$/i.exec(headers.authorization ?? '')
    if (!match) return { refusal: badToken('Full authentication is required to access this resource.') }
    const token = match[1] ?? ''
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return { refusal: badToken('The token is malformed.', true) }
    const caller = this.#tokens.find(token)
    return caller ? { caller } : { refusal: badToken('The token is unknown, revoked or expired.', true) }
  }
}

/**
 * @param {string} message
 * @param {boolean} [hadToken] a request without a token gets the bare challenge (RFC 6750 §3.1)
 */
function badToken(message, hadToken = false) {
  const reason = hadToken ? `, error="invalid_token", error_description="${message}"` : ''
  return apiError(401, message, { headers: { 'www-authenticate': `Bearer realm="bvnk"${reason}` } })
}

/**
 * @param {string} message
 * @param {Record<string, string[]>} [errors]
 */
function badSignature(message, errors = {}) {
  return apiError(401, message, { errors, headers: { 'www-authenticate': 'Signature realm="bvnk"' } })
}

exports.Authentication = Authentication
