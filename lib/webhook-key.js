'use strict'

const { decodeBase64 } = require('./base64.js')

/** @typedef {import('node:crypto').KeyObject} KeyObject */
/** @typedef {{ key: KeyObject, complaint?: undefined, cause?: undefined }} Readable */
/** @typedef {{ key?: undefined, complaint: string, cause?: unknown }} Unreadable */

const CURVE = 'secp256k1'
const EXPECTED = `it has to be a public key on the curve ${CURVE}, as Layer1 shows it: base64 that begins with MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAE`

/**
 * How the SPKI of such a key begins (RFC 5480), and how many bytes it has in all: with its point in full, and compressed.
 * OpenSSL reads other spellings of the same key too; a key has one here.
 *
 * @type {[start: string, length: number][]}
 */
const SPELLINGS = [
  ['3056301006072a8648ce3d020106052b8104000a03420004', 88],
  ['3036301006072a8648ce3d020106052b8104000a03220002', 56],
  ['3036301006072a8648ce3d020106052b8104000a03220003', 56],
]

/** The first byte of any DER that holds a key: a SEQUENCE. As text it would be "0", which begins no base64 of one. */
const SEQUENCE = 0x30

/**
 * Reads a webhook's public key: base64 of its SPKI, PEM, or the SPKI itself.
 *
 * @param {string | Buffer | undefined} publicKey
 * @returns {Readable | Unreadable}
 */
function readWebhookKey(publicKey) {
  if (publicKey === undefined || publicKey.length === 0) return { complaint: `there is none; ${EXPECTED}` }
  if (typeof publicKey !== 'string' && publicKey[0] === SEQUENCE) return readSpki(publicKey)

  const text = publicKey.toString().replaceAll('\\n', '\n').trim()
  const pem = /^-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----$/.exec(text)
  if (pem && pem[1] !== 'PUBLIC KEY') return { complaint: `it is a ${kindOf(String(pem[1]))}; ${EXPECTED}` }
  const spki = decodeBase64(pem ? String(pem[2]).replaceAll(/\s/g, '') : text)
  return spki ? readSpki(spki) : { complaint: `it is no base64; ${EXPECTED}` }
}

/**
 * @param {Buffer} spki
 * @returns {Readable | Unreadable}
 */
function readSpki(spki) {
  const isOurs = SPELLINGS.some(([start, length]) => spki.length === length && spki.toString('hex').startsWith(start))
  const { createPublicKey, getCurves } = require('node:crypto')
  if (isOurs && !getCurves().includes(CURVE)) {
    return { complaint: `the cryptography of this runtime does not know the curve ${CURVE}; check webhooks on Node.js` }
  }
  try {
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    return isOurs ? { key } : { complaint: `it is ${describe(key)}; ${EXPECTED}` }
  } catch (cause) {
    return { complaint: `it is none; ${EXPECTED}`, cause }
  }
}

/** @param {KeyObject} key */
function describe({ asymmetricKeyType, asymmetricKeyDetails }) {
  const curve = asymmetricKeyDetails?.namedCurve
  if (curve === CURVE) return 'written in an unusual way'
  return curve ? `a key on the curve ${curve}` : `a key of the type ${asymmetricKeyType}`
}

/** @param {string} label of PEM text */
function kindOf(label) {
  if (label.endsWith('PRIVATE KEY')) return 'private key'
  return label.endsWith('CERTIFICATE') ? 'certificate' : 'PEM text of another kind'
}

module.exports = { readWebhookKey }
