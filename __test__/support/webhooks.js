'use strict'
// Webhooks as Layer1 signs them, and what is thrown about those that are wrong.

const assert = require('node:assert/strict')
const crypto = require('node:crypto')
const { Layer1WebhookError, verifyWebhook } = require('layer1')
const { thrown } = require('./failures.js')

/** @typedef {ReturnType<typeof makeWebhookKey>} WebhookKey */

function makeWebhookKey() {
  const { publicKey: keyObject, privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
  return { keyObject, privateKey, publicKey: keyObject.export({ type: 'spki', format: 'der' }).toString('base64') }
}

/**
 * @param {WebhookKey} key
 * @param {string | Uint8Array} body
 */
function signWebhook({ privateKey }, body) {
  return crypto.sign('sha256', Buffer.from(body), privateKey).toString('base64')
}

/**
 * Checks a webhook that has to be refused, and gives the error.
 *
 * @param {any} delivery
 * @returns {Layer1WebhookError}
 */
function refusal(delivery) {
  const error = thrown(() => verifyWebhook(delivery))
  assert.ok(error instanceof Layer1WebhookError, `no Layer1WebhookError: ${String(error?.stack ?? error)}`)
  assert.equal(error.code, 'ERR_LAYER1_WEBHOOK')
  return error
}

module.exports = { makeWebhookKey, refusal, signWebhook }
