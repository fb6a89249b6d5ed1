'use strict'

/**
 * @typedef {object} Assertion a JWT in its compact form (RFC 7515 §7.1), taken apart
 * @property {{ alg?: unknown, kid?: unknown }} header
 * @property {{ iss?: unknown, sub?: unknown, aud?: any, jti?: unknown, exp?: number | undefined, nbf?: number | undefined, iat?: number | undefined }} claims
 * @property {string} input what is signed
 * @property {Buffer} signature
 */

/** All that Keycloak knows the names of; one with another name cannot be read. */
const ALGORITHMS = new Set(
  'none HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519 Ed448'.split(' '),
)

/**
 * Take an assertion apart as Keycloak does; `undefined` if it cannot be read. One without a signature can.
 *
 * @param {string} text
 * @returns {Assertion | undefined}
 */
function readAssertion(text) {
  const parts = text.split('.')
  const [first = '', second = '', third = ''] = parts
  const [header, given] = [readObject(first), readObject(second)]
  if (parts.length < 2 || parts.length > 3 || !header || !given) return undefined
  if (header.alg !== undefined && !ALGORITHMS.has(header.alg)) return undefined
  const times = [readTime(given.exp), readTime(given.nbf), readTime(given.iat)]
  if (times.some(Number.isNaN)) return undefined
  const [exp, nbf, iat] = times
  // To Keycloak a claim that is null is none.
  const [iss, sub, jti] = [given.iss ?? undefined, given.sub ?? undefined, given.jti ?? undefined]
  const signature = Buffer.from(third, 'base64url')
  return { header, claims: { iss, sub, jti, aud: given.aud, exp, nbf, iat }, input: `${first}.${second}`, signature }
}

/**
 * @param {string} part base64url of JSON
 * @returns {Record<string, any> | undefined}
 */
function readObject(part) {
  try {
    const value = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Read seconds: a number, or the digits of one, without their fraction. `NaN` for anything else.
 *
 * @param {unknown} value
 */
function readTime(value) {
  if (value === undefined || value === null) return undefined
  const isNumber = typeof value === 'number' || (typeof value === 'string' && /^-?\d+$/.test(value))
  return isNumber ? Math.trunc(Number(value)) : Number.NaN
}

module.exports = { readAssertion }
