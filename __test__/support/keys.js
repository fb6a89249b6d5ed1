'use strict'
// Keys that tests sign with. Two are in files, because making a large one takes seconds.

const { createPrivateKey, createPublicKey, generateKeyPairSync } = require('node:crypto')
const { readFileSync } = require('node:fs')
const { join } = require('node:path')

/** @param {string} name */
function fixture(name) {
  return readFileSync(join(__dirname, '..', 'fixtures', name), 'utf8')
}

/** A key of 2048 bits, as PKCS#8 in PEM. */
const PRIVATE_KEY = pemOf(fixture('signing-key.pem'))
const PUBLIC_KEY = createPublicKey(PRIVATE_KEY)

/** One of 4096 bits. */
const LARGE_KEY = pemOf(fixture('signing-key-4096.pem'))

/** @param {string} text with a line before the key */
function pemOf(text) {
  return text.slice(text.indexOf('-----BEGIN'))
}

/**
 * Makes another key, as PKCS#8 in PEM.
 *
 * @param {number} [modulusLength] bits
 */
function newKey(modulusLength = 2048) {
  return generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/**
 * Gives the secret numbers of a key, as bytes: whoever has one of them has the key.
 *
 * @param {string} pem
 */
function secretNumbers(pem) {
  const { d = '', p = '', q = '' } = createPrivateKey(pem).export({ format: 'jwk' })
  return [d, p, q].map((number) => Buffer.from(number, 'base64url'))
}

module.exports = { LARGE_KEY, PRIVATE_KEY, PUBLIC_KEY, newKey, secretNumbers }
