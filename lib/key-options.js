'use strict'
// The options of signatures, keys and certificates. A key is handed on as it came: what is made of it in JavaScript stays
// in its heap until somebody sweeps it.

const { isUint8Array } = require('node:util').types
const { configError, fromVariable, label, oneOf, required, text } = require('./config-readers.js')

/** @typedef {import('./binding.d.ts').ClientSettings} ClientSettings */
/** @typedef {import('./config-readers.js').Options} Options */

/**
 * Reads who the client is, and everything it may prove that with.
 *
 * @param {Options} options
 * @param {NodeJS.ProcessEnv} variables
 * @returns {Pick<ClientSettings, 'clientId' | 'clientSecret' | 'clientAuth' | 'auth' | 'privateKey' | 'privateKeyFile' | 'keyId' | 'cert' | 'key'>}
 */
function identity(options, variables) {
  const auth = oneOf(text(options, 'auth', variables), 'auth', ['oauth2', 'signature', 'both']) ?? 'oauth2'
  const clientAuth =
    oneOf(text(options, 'clientAuth'), 'clientAuth', [
      'client_secret_post',
      'client_secret_basic',
      'private_key_jwt',
    ]) ?? 'client_secret_post'
  const clientId = required(options, 'clientId', variables)
  const certificate = clientCertificate(options)
  const needsKey = auth !== 'oauth2' || clientAuth === 'private_key_jwt'
  const needsSecret = auth !== 'signature' && clientAuth !== 'private_key_jwt' && certificate === undefined
  const clientSecret = needsSecret
    ? required(options, 'clientSecret', variables)
    : text(options, 'clientSecret', variables)
  const keyId = readKeyId(options)
  return {
    auth,
    clientAuth,
    clientId,
    ...(clientSecret !== undefined && { clientSecret }),
    ...privateKey(options, needsKey ? variables : undefined),
    ...(keyId !== undefined && { keyId }),
    ...certificate,
  }
}

/**
 * @param {Options} options
 * @param {NodeJS.ProcessEnv | undefined} variables where a key is needed, so that one may be there
 * @returns {Pick<ClientSettings, 'privateKey' | 'privateKeyFile'>}
 */
function privateKey(options, variables) {
  const given = pem(options, 'privateKey', true)
  if (given !== undefined || variables === undefined) {
    return given === undefined ? {} : { privateKey: given }
  }
  const inVariable = fromVariable('privateKey', variables)
  if (inVariable !== undefined) {
    return { privateKey: inVariable }
  }
  if (variables.LAYER1_PRIVATE_KEY_FILE) {
    return { privateKeyFile: variables.LAYER1_PRIVATE_KEY_FILE }
  }
  throw configError(
    'privateKey is missing: pass { privateKey } to new Layer1(), or set LAYER1_PRIVATE_KEY, or LAYER1_PRIVATE_KEY_FILE to the name of a file that holds it.',
  )
}

/**
 * @param {Options} options
 * @returns {{ cert: string | Buffer, key: string | Buffer } | undefined}
 */
function clientCertificate(options) {
  const cert = pem(options, 'cert')
  const key = pem(options, 'key')
  if (cert === undefined && key === undefined) {
    return undefined
  }
  if (cert === undefined || key === undefined) {
    const [given, missing] = cert === undefined ? ['key', 'cert'] : ['cert', 'key']
    throw configError(`${missing} is missing: a client certificate is ${given} and ${missing} together.`)
  }
  return { cert, key }
}

/** @param {Options} options */
function readKeyId(options) {
  const keyId = text(options, 'keyId')
  for (const unit of keyId ?? '') {
    if (unit < ' ' || unit > '~') {
      throw configError('keyId has to be printable ASCII.')
    }
  }
  return keyId
}

/**
 * @param {Options} options
 * @param {string} name
 * @param {boolean} [mayBeEmpty] whoever reads it says what it should be
 * @returns {string | Buffer | undefined}
 */
function pem(options, name, mayBeEmpty = false) {
  const value = options[name]
  if (value === undefined || (typeof value === 'string' && (mayBeEmpty || value !== ''))) {
    return value
  }
  if (isUint8Array(value) && (mayBeEmpty || value.byteLength > 0)) {
    // The same memory under another name, and no copy.
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  }
  throw configError(`${label(name)} has to be PEM text that is not empty: a string or a Buffer.`)
}

module.exports = { identity, privateKey, readKeyId }
