'use strict'

const { KeyObject, createPublicKey } = require('node:crypto')

const MIN_BITS = 2048
const MAX_BITS = 4096

/** @type {import('./check').Rule} */
const rsaPublicKey = {
  test: (value) => readPublicKey(value) !== undefined,
  sentence: `must be an RSA public key of ${MIN_BITS} to ${MAX_BITS} bits: PEM text that begins with BEGIN PUBLIC KEY or BEGIN RSA PUBLIC KEY, or a KeyObject`,
}

/**
 * Read an RSA public key; `undefined` if it is none. A private key is none, though a public one could be had from it.
 *
 * @param {unknown} value
 * @returns {KeyObject | undefined}
 */
function readPublicKey(value) {
  try {
    const key = value instanceof KeyObject ? value : parsePem(value)
    const bits = key?.asymmetricKeyDetails?.modulusLength ?? 0
    const isGood = key?.type === 'public' && key.asymmetricKeyType === 'rsa' && bits >= MIN_BITS && bits <= MAX_BITS
    return isGood ? key : undefined
  } catch {
    return undefined
  }
}

/** @param {unknown} value */
function parsePem(value) {
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) return undefined
  const pem = Buffer.from(value).toString()
  return /-----BEGIN (RSA )?PUBLIC KEY-----/.test(pem) ? createPublicKey(pem) : undefined
}

module.exports = { readPublicKey, rsaPublicKey }
