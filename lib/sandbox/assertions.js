'use strict'

const { createHash, verify } = require('node:crypto')
const { readAssertion } = require('./assertion-text')
const { REFUSED, oauthError } = require('./errors')

/** @typedef {import('node:crypto').KeyObject} KeyObject */
/** @typedef {import('./answer').Answer} Answer */
/** @typedef {import('./form').Form} Form */
/** @typedef {import('./options').Client} Client */
/** @typedef {import('./assertion-text').Assertion} Assertion */
/** @typedef {{ client: Client, refusal?: undefined } | { client?: undefined, refusal: Answer }} Outcome */

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const FAILED = 'Client authentication with signed JWT failed: '
/** Seconds that Keycloak lets clocks be apart. */
const SKEW = 15
/** Seconds; Keycloak takes none that was made earlier, whenever it ends. */
const MAX_AGE = 60
/** Look for ids to forget whenever this many are kept, or twice as many as were left last time. */
const SWEEP_AT = 1000

/** Why an assertion is refused, in Keycloak's words. */
class Refused extends Error {
  /**
   * @param {string} message
   * @param {number} [status]
   */
  constructor(message, status = 400) {
    super(message)
    this.status = status
  }
}

/** Checks the assertions of one sandbox's clients (`private_key_jwt`, RFC 7523) as Keycloak's "Signed JWT" does, in its order. */
class Assertions {
  /** When the ids that were used can be forgotten, in seconds since the epoch. @type {Map<string, number>} */
  #used = new Map()
  #sweepAt = SWEEP_AT
  #clients
  #audiences
  #now

  /**
   * @param {Map<string, Client>} clients
   * @param {string[]} audiences whom an assertion may be for
   * @param {() => number} now ms since the epoch
   */
  constructor(clients, audiences, now) {
    this.#clients = clients
    this.#audiences = audiences
    this.#now = now
  }

  /**
   * Tell whether a request is to be judged by its assertion: it has one, and the client that it names, if it names any, has a
   * key. A client with a key and no secret has no other way.
   *
   * @param {Client | undefined} named
   * @param {Form} form
   */
  decide(named, form) {
    const isThere = form.has('client_assertion') || form.has('client_assertion_type')
    return named ? named.publicKey !== undefined && (isThere || named.clientSecret === '') : isThere
  }

  /**
   * Find out whose assertion a request has.
   *
   * @param {Form} form
   * @returns {Outcome}
   */
  authenticate(form) {
    try {
      return { client: this.#client(form) }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return { refusal: oauthError(error.status, 'invalid_client', error.message) }
    }
  }

  /** @param {Form} form */
  #client(form) {
    const assertion = this.#read(form)
    const { iss, sub } = assertion.claims
    if (iss !== sub) throw new Refused(REFUSED, 401)
    if (sub === undefined) throw new Refused('Token sub claim is required')
    const client = this.#clients.get(String(sub))
    const named = form.get('client_id')?.[0]
    if (client?.publicKey && named !== undefined && this.#clients.has(named) && named !== sub) {
      throw new Refused('client_id parameter does not match authenticated client')
    }
    const isKnown = client?.enabled && (named === undefined || named === sub)
    if (!isKnown || !client.publicKey) throw new Refused(REFUSED, 401)
    checkSignature(assertion, client, client.publicKey)
    this.#checkAudience(assertion.claims)
    this.#checkTime(assertion.claims)
    this.#use(client, assertion.claims)
    return client
  }

  /**
   * Read what the form holds. Without a client id there is nobody whose defect it could be.
   *
   * @param {Form} form
   * @returns {Assertion}
   */
  #read(form) {
    const isNamed = this.#clients.has(form.get('client_id')?.[0] ?? '')
    const refuse = (/** @type {string} */ message) => (isNamed ? new Refused(message) : new Refused(REFUSED, 401))
    const [type, text] = [form.get('client_assertion_type')?.[0], form.get('client_assertion')?.[0]]
    const assertion = text === undefined ? undefined : readAssertion(text)
    if (text !== undefined && !assertion) throw refuse(`${FAILED}java.lang.IllegalArgumentException: Parsing error`)
    if (type === undefined) throw refuse('Parameter client_assertion_type is missing')
    if (type !== TYPE) throw refuse(`Parameter client_assertion_type has value '${type}' but expected is '${TYPE}'`)
    if (!assertion) throw refuse('client_assertion parameter missing')
    return assertion
  }

  /** @param {Assertion['claims']} claims */
  #checkAudience({ aud }) {
    const audiences = [aud].flat()
    if (!audiences.some((one) => this.#audiences.includes(one))) throw new Refused('Invalid token audience')
    if (audiences.length > 1) throw new Refused('Multiple audiences not allowed')
  }

  /** @param {Assertion['claims']} claims */
  #checkTime({ exp, nbf, iat }) {
    const now = Math.floor(this.#now() / 1000)
    if (exp === undefined) throw new Refused('Token exp claim is required')
    if (exp <= now || (nbf ?? 0) > now + SKEW) throw new Refused('Token is not active')
    if (iat === undefined) {
      if (exp <= now + MAX_AGE) return
      throw new Refused('Token expiration is too far in the future and iat claim not present in token')
    }
    if (iat > now + SKEW) throw new Refused('Token was issued in the future')
    if (iat < now - MAX_AGE) throw new Refused('Token was issued too far in the past to be used now')
  }

  /**
   * @param {Client} client
   * @param {Assertion['claims']} claims
   */
  #use({ clientId }, { jti, exp = 0, iat = exp }) {
    if (jti === undefined) throw new Refused('Token jti claim is required')
    const id = JSON.stringify([clientId, jti])
    const now = this.#now() / 1000
    this.#sweep(now)
    if (now <= (this.#used.get(id) ?? Number.NEGATIVE_INFINITY)) throw new Refused('Token reuse detected')
    // From then on it is too old anyway.
    this.#used.set(id, Math.min(exp, iat + MAX_AGE + 1))
  }

  /** @param {number} now seconds */
  #sweep(now) {
    if (this.#used.size < this.#sweepAt) return
    for (const [id, until] of this.#used) if (until < now) this.#used.delete(id)
    this.#sweepAt = Math.max(SWEEP_AT, this.#used.size * 2)
  }
}

/**
 * @param {Assertion} assertion
 * @param {Client} client
 * @param {KeyObject} publicKey
 */
function checkSignature({ header, input, signature }, { keyId }, publicKey) {
  if (header.alg !== 'RS256') throw new Refused('Invalid signature algorithm')
  if (header.kid !== undefined && header.kid !== keyId && header.kid !== keycloakKid(publicKey)) {
    throw new Refused('Unable to load public key')
  }
  if (!verify('sha256', Buffer.from(input), publicKey, signature)) {
    throw new Refused(`${FAILED}Signature on JWT token failed validation`)
  }
}

/**
 * Name a key as Keycloak does when it is given no name.
 *
 * @param {KeyObject} publicKey
 */
function keycloakKid(publicKey) {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
}

exports.Assertions = Assertions
