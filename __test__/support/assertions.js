'use strict'
// Assertions of clients (RFC 7523), right ones and others, made without anything of this package.

const { constants, createHmac, createPublicKey, randomUUID, sign } = require('node:crypto')

/** @typedef {import('node:crypto').KeyLike} KeyLike */

/**
 * How an assertion departs from a right one; a claim that is undefined is left out.
 *
 * @typedef {object} Departure
 * @property {Record<string, unknown>} [claims]
 * @property {Record<string, unknown>} [header]
 * @property {(input: string) => Buffer} [sign]
 */

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/**
 * Makes the assertion of a client: good for a minute, and unlike any other.
 *
 * @param {{ clientId: string, audience: string, privateKey: KeyLike, now?: number }} what `now` in seconds
 * @param {Departure} [departure]
 */
function makeAssertion({ clientId, audience, privateKey, now = Math.floor(Date.now() / 1_000) }, departure = {}) {
  const claims = { iss: clientId, sub: clientId, aud: audience, iat: now, exp: now + 60, jti: randomUUID() }
  const input = [
    { alg: 'RS256', typ: 'JWT', ...departure.header },
    { ...claims, ...departure.claims },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = departure.sign?.(input) ?? sign('sha256', Buffer.from(input), privateKey)
  return `${input}.${signature.toString('base64url')}`
}

/** Signatures by other algorithms than RS256, each with what names it. @type {Record<string, (key: KeyLike) => Departure>} */
const otherAlgorithms = {
  RS512: (key) => ({ header: { alg: 'RS512' }, sign: (input) => sign('sha512', Buffer.from(input), key) }),
  PS256: (key) => ({
    header: { alg: 'PS256' },
    sign: (input) =>
      sign('sha256', Buffer.from(input), {
        key: /** @type {any} */ (key),
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: 32,
      }),
  }),
  /** The public key as if it were a secret that both know. */
  HS256: (key) => ({
    header: { alg: 'HS256' },
    sign: (input) => {
      const spki = createPublicKey(/** @type {any} */ (key)).export({ type: 'spki', format: 'pem' })
      return createHmac('sha256', spki).update(input).digest()
    },
  }),
  none: () => ({ header: { alg: 'none' }, sign: () => Buffer.alloc(0) }),
  XY1: () => ({ header: { alg: 'XY1' } }),
}

module.exports = { ASSERTION_TYPE, makeAssertion, otherAlgorithms }
