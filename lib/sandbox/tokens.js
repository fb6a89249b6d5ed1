'use strict'

const { createHash, randomUUID } = require('node:crypto')

/** @typedef {import('./options').Client} Client */
/** @typedef {import('./keys').SigningKey} SigningKey */

/**
 * @typedef {object} Grant what an access token stands for
 * @property {string} clientId
 * @property {Set<string>} scopes
 * @property {number} expiresAt ms since the epoch
 * @property {boolean} revoked
 */

/** Look for expired tokens to forget whenever this many are kept, or twice as many as were left last time. */
const SWEEP_AT = 1000

/** The access tokens of one sandbox: issued, looked up, revoked. A token that is not kept here is not valid. */
class Tokens {
  /** @type {Map<string, Grant>} */
  #grants = new Map()
  #sweepAt = SWEEP_AT
  #key
  #issuer
  #now

  /**
   * @param {SigningKey} key
   * @param {string} issuer
   * @param {() => number} now ms since the epoch
   */
  constructor(key, issuer, now) {
    this.#key = key
    this.#issuer = issuer
    this.#now = now
  }

  /**
   * Issue an access token, a JWT with the claims of Keycloak's service accounts.
   *
   * @param {Client} client
   * @param {string[]} scopes
   */
  issue(client, scopes) {
    const now = this.#now()
    const expiresAt = now + client.tokenLifetime * 1000
    const token = this.#key.signJwt({
      ...this.#commonClaims(client, now, expiresAt),
      jti: `trrtcc:${randomUUID()}`,
      aud: 'account',
      typ: 'Bearer',
      acr: '1',
      realm_access: { roles: ['offline_access', 'uma_authorization', 'default-roles-bvnk'] },
      resource_access: { account: { roles: ['manage-account', 'manage-account-links', 'view-profile'] } },
      scope: scopes.join(' '),
      clientHost: '127.0.0.1',
      email_verified: false,
      preferred_username: `service-account-${client.clientId.toLowerCase()}`,
      clientAddress: '127.0.0.1',
      client_id: client.clientId,
    })
    this.#sweep(now)
    this.#grants.set(token, { clientId: client.clientId, scopes: new Set(scopes), expiresAt, revoked: false })
    return token
  }

  /**
   * Make the ID token that Keycloak adds when `openid` is asked for.
   *
   * @param {Client} client
   */
  identify(client) {
    const now = this.#now()
    const claims = this.#commonClaims(client, now, now + client.tokenLifetime * 1000)
    return this.#key.signJwt({ ...claims, jti: randomUUID(), aud: client.clientId, typ: 'ID' })
  }

  /**
   * Look up what a token stands for; `undefined` if it is unknown, revoked or expired.
   *
   * @param {string} token
   */
  find(token) {
    const grant = this.#grants.get(token)
    return grant && !grant.revoked && grant.expiresAt > this.#now() ? grant : undefined
  }

  /**
   * Revoke a token that has not expired, again if need be, and tell whose it is.
   * Does nothing unless it is the given client's.
   *
   * @param {string} token
   * @param {Client} client
   * @returns {'revoked' | 'unknown' | 'foreign'}
   */
  revoke(token, client) {
    const grant = this.#grants.get(token)
    if (!grant || grant.expiresAt <= this.#now()) return 'unknown'
    if (grant.clientId !== client.clientId) return 'foreign'
    grant.revoked = true
    return 'revoked'
  }

  revokeAll() {
    for (const grant of this.#grants.values()) grant.revoked = true
  }

  /**
   * @param {Client} client
   * @param {number} now ms
   * @param {number} expiresAt ms
   */
  #commonClaims(client, now, expiresAt) {
    return {
      exp: Math.floor(expiresAt / 1000),
      iat: Math.floor(now / 1000),
      iss: this.#issuer,
      sub: subject(client.clientId),
      azp: client.clientId,
    }
  }

  /** @param {number} now ms */
  #sweep(now) {
    if (this.#grants.size < this.#sweepAt) return
    for (const [token, grant] of this.#grants) if (grant.expiresAt <= now) this.#grants.delete(token)
    this.#sweepAt = Math.max(SWEEP_AT, this.#grants.size * 2)
  }
}

/**
 * Derive the id of a client's service account.
 *
 * @param {string} clientId
 */
function subject(clientId) {
  const hex = createHash('sha256').update(clientId).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

exports.Tokens = Tokens
