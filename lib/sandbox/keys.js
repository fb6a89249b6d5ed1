'use strict'

const { createHash, generateKeyPair, sign } = require('node:crypto')
const { promisify } = require('node:util')

/**
 * @typedef {object} SigningKey
 * @property {string} kid
 * @property {object} jwk the public key (RFC 7517)
 * @property {(payload: object) => string} signJwt make a compact JWS with RS256 (RFC 7515)
 */

/** @type {Promise<SigningKey> | undefined} */
let shared

/**
 * Get the RSA key that signs this process's tokens.
 * One for all sandboxes, since making one takes about 100 ms; whether a token is good, no sandbox decides by it.
 */
function signingKey() {
  shared ??= makeKey()
  return shared
}

/** @returns {Promise<SigningKey>} */
async function makeKey() {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const kid = createHash('sha256').update(spki).digest('base64url')
  const jwk = { kid, alg: 'RS256', use: 'sig', ...publicKey.export({ format: 'jwk' }) }
  const header = encode({ alg: 'RS256', typ: 'JWT', kid })

  return {
    kid,
    jwk,
    signJwt(payload) {
      const input = `${header}.${encode(payload)}`
      return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`
    },
  }
}

/** @param {object} part */
function encode(part) {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

module.exports = { signingKey }
