'use strict'
// Webhooks: who sent one, and what it says. https://docs.layer1.com/docs/webhooks

/** @typedef {import('../index.d.ts').Layer1WebhookError['reason']} Reason */
/** @typedef {{ body: Buffer | undefined, signature: unknown, publicKey: string | Buffer | undefined }} Given */

const { types } = require('node:util')
const { decodeBase64 } = require('./base64.js')
const { Layer1WebhookError } = require('./errors.js')
const { readWebhookKey } = require('./webhook-key.js')

const RAW =
  'Give it as it came, before any parser: express.raw(), a content type parser of Fastify with parseAs, or the chunks of the request'
const HEADER = 'It is in the header x-signature'

/**
 * Checks the signature of a webhook, and gives its event.
 *
 * @param {unknown} webhook
 */
function verifyWebhook(webhook) {
  const { body, signature, publicKey } = read(webhook)
  if (body === undefined) {
    throw refusal('input', `The webhook's body has to be a string, a Buffer or other bytes. ${RAW}.`)
  }
  const { key, complaint, cause } = readWebhookKey(publicKey)
  if (!key) {
    throw refusal('publicKey', `The webhook's public key cannot be used: ${complaint}.`, cause)
  }
  if (!isSignedBy(key, body, signatureBytes(signature))) {
    throw refusal(
      'signature',
      `The webhook's signature is wrong: this body was not signed with this key. Either it does not come from Layer1, or the body is not byte for byte what came, or the key is that of another environment. ${RAW}.`,
    )
  }
  return parseEvent(body)
}

/**
 * Reads each member once and copies what may change: what is checked is what is parsed. Only here runs code that is not ours.
 *
 * @param {unknown} webhook
 * @returns {Given}
 */
function read(webhook) {
  if (typeof webhook !== 'object' || webhook === null) {
    throw refusal('input', 'A webhook has to be an object: { body, signature, publicKey }.')
  }
  try {
    const { body, signature, publicKey } = /** @type {Record<string, unknown>} */ (webhook)
    return {
      body: typeof body === 'string' ? Buffer.from(body) : copyBytes(body),
      signature,
      publicKey: typeof publicKey === 'string' ? publicKey : copyBytes(publicKey),
    }
  } catch (error) {
    throw refusal('input', 'The webhook cannot be read: { body, signature, publicKey } are needed.', error)
  }
}

/**
 * @param {unknown} value
 * @returns {Buffer | undefined} `undefined` if it has no bytes to copy
 */
function copyBytes(value) {
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  }
  return types.isAnyArrayBuffer(value) ? Buffer.from(new Uint8Array(value)) : undefined
}

/**
 * @param {unknown} signature
 * @returns {Buffer}
 */
function signatureBytes(signature) {
  if (signature === undefined || signature === null) {
    throw refusal('signature', `The webhook has no signature. ${HEADER}.`)
  }
  if (typeof signature !== 'string') {
    throw refusal('signature', `The webhook's signature has to be one string. ${HEADER}.`)
  }
  if (signature.trim() === '') {
    throw refusal('signature', `The webhook's signature is empty. ${HEADER}.`)
  }
  const bytes = decodeBase64(signature)
  if (!bytes) {
    throw refusal('signature', `The webhook's signature is no base64, so it is none of Layer1's. ${HEADER}.`)
  }
  return bytes
}

/**
 * Checks an ECDSA signature over the SHA-256 of a body: in DER, and in no other way of writing it. Both halves of the
 * range of s are right.
 *
 * @param {import('node:crypto').KeyObject} key
 * @param {Buffer} body
 * @param {Buffer} signature
 */
function isSignedBy(key, body, signature) {
  try {
    return require('node:crypto').verify('sha256', body, { key, dsaEncoding: 'der' }, signature)
  } catch {
    // What OpenSSL cannot even look at does not fit.
    return false
  }
}

/** @param {Buffer} body */
function parseEvent(body) {
  const event = parseJson(body)
  if (typeof event !== 'object' || event === null || typeof event.event !== 'string') {
    throw refusal('event', 'The webhook comes from Layer1, but it is no JSON object with the name of an event.')
  }
  return event
}

/**
 * @param {Buffer} body
 * @returns {any}
 */
function parseJson(body) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    throw refusal('event', 'The webhook comes from Layer1, but its body is no JSON.', error)
  }
}

/**
 * @param {Reason} reason
 * @param {string} message
 * @param {unknown} [cause]
 */
function refusal(reason, message, cause) {
  return new Layer1WebhookError(message, { code: 'ERR_LAYER1_WEBHOOK', reason, retryable: false, attempts: 0, cause })
}

module.exports = { verifyWebhook }
