'use strict'
// The options of `new Layer1()`: an option over its variable over its default, read once, checked here.

const { isUint8Array } = require('node:util').types
const readers = require('./config-readers.js')
const { configError, flag, fromVariable, label, milliseconds, oneOf, text, whole } = readers
const { toFlatHeaders } = require('./headers.js')
const { identity, privateKey, readKeyId } = require('./key-options.js')
const { environments } = require('./presets.js')
const { tokenStore } = require('./token-store.js')
const { isA } = require('./values.js')

/** @typedef {import('./binding.d.ts').ClientSettings} ClientSettings */
/** @typedef {import('./config-readers.js').Options} Options */
/** @typedef {{ environment: string, timeout: number, maxRetries: number, tokenStore: import('./token-store.js').TokenStore | undefined, native: ClientSettings }} Settings */

const names = [
  'clientId',
  'clientSecret',
  'environment',
  'baseUrl',
  'tokenUrl',
  'scope',
  'clientAuth',
  'timeout',
  'connectTimeout',
  'maxRetries',
  'maxConnections',
  'maxResponseBytes',
  'ca',
  'proxy',
  'headers',
  'userAgent',
  'shareToken',
  'auth',
  'privateKey',
  'keyId',
  'cert',
  'key',
  'tokenStore',
]

/**
 * Resolves a client's settings.
 *
 * @param {unknown} given
 * @param {NodeJS.ProcessEnv} variables
 * @returns {Settings}
 * @throws {Layer1ConfigError} naming the option and its variable, never the value
 */
function resolveOptions(given, variables) {
  return readers.guarded(() => resolve(readers.readAll(given, names), variables))
}

/**
 * @param {Options} options
 * @param {NodeJS.ProcessEnv} variables
 * @returns {Settings}
 */
function resolve(options, variables) {
  const environment =
    oneOf(text(options, 'environment', variables), 'environment', Object.keys(environments)) ?? 'sandbox'
  const presets = environments[/** @type {keyof typeof environments} */ (environment)]
  return {
    environment,
    timeout: milliseconds(options, 'timeout') ?? 30_000,
    maxRetries: whole(options, 'maxRetries', 0, 100) ?? 2,
    tokenStore: tokenStore(options),
    // Without a prototype: the native side would read what somebody has added to it.
    native: Object.assign(Object.create(null), {
      ...identity(options, variables),
      baseUrl: withAsciiHost(text(options, 'baseUrl', variables)) ?? presets.baseUrl,
      tokenUrl: withAsciiHost(text(options, 'tokenUrl', variables)) ?? presets.tokenUrl,
      scope: scopes(options, variables),
      headers: headers(options),
      userAgent: text(options, 'userAgent'),
      connectTimeout: milliseconds(options, 'connectTimeout') ?? 5_000,
      maxConnections: whole(options, 'maxConnections', 1, 65_535) ?? 128,
      maxResponseBytes: whole(options, 'maxResponseBytes', 1, Number.MAX_SAFE_INTEGER) ?? 16 * 1024 * 1024,
      share: flag(options, 'shareToken') ?? true,
      ...roots(options, variables),
      ...proxy(options, variables),
    }),
  }
}

/**
 * @param {Options} options
 * @param {NodeJS.ProcessEnv} variables
 * @returns {string[]}
 */
function scopes(options, variables) {
  const value = options.scope ?? fromVariable('scope', variables) ?? []
  const list = Array.isArray(value) ? value : [value]
  if (!list.every((item) => typeof item === 'string' && item.isWellFormed())) {
    throw configError(`${label('scope')} has to be a string or an array of strings.`)
  }
  return list
}

/**
 * Writes a host name beyond ASCII as DNS has it (`xn--…`), and leaves every other URL as it is.
 *
 * @param {string | undefined} url
 */
function withAsciiHost(url) {
  const isOrdinary = url === undefined || /^[\0-\x7f]*$/.test(url)
  return isOrdinary || !URL.canParse(url) ? url : new URL(url).href
}

/** @param {Options} options */
function headers(options) {
  try {
    return toFlatHeaders(options.headers)
  } catch (error) {
    throw configError(`${/** @type {Error} */ (error).message}.`)
  }
}

/**
 * @param {Options} options
 * @param {NodeJS.ProcessEnv} variables
 * @returns {Pick<ClientSettings, 'ca' | 'caFile'>}
 */
function roots(options, variables) {
  if (options.ca === undefined) {
    return variables.NODE_EXTRA_CA_CERTS ? { caFile: variables.NODE_EXTRA_CA_CERTS } : {}
  }
  if (Array.isArray(options.ca) && options.ca.length === 0) {
    return {}
  }
  const parts = [options.ca].flat().map((part) => {
    if (typeof part === 'string' || isUint8Array(part)) {
      return Buffer.from(/** @type {string} */ (part))
    }
    throw configError('ca has to be PEM text: a string, a Buffer, or an array of them.')
  })
  return { ca: Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')])) }
}

/**
 * @param {Options} options
 * @param {NodeJS.ProcessEnv} variables
 * @returns {Pick<ClientSettings, 'proxyUrl' | 'noProxy'>}
 */
function proxy(options, variables) {
  const value = isA(options.proxy, URL) ? options.proxy.href : options.proxy
  if (value === false) {
    return {}
  }
  if (value !== undefined) {
    if (typeof value !== 'string' || value === '' || !value.isWellFormed()) {
      throw configError('proxy has to be a URL, or false for none.')
    }
    return { proxyUrl: value }
  }
  // HTTP_PROXY is for plain http, and that is allowed for loopback only, which is always reached directly.
  const proxyUrl = variables.https_proxy || variables.HTTPS_PROXY
  const noProxy = variables.no_proxy || variables.NO_PROXY
  return proxyUrl ? { proxyUrl, ...(noProxy && { noProxy }) } : {}
}

/**
 * Reads credentials that take the place of a client's; what is not given stays.
 *
 * @param {unknown} given
 * @throws {Layer1ConfigError}
 */
function readCredentials(given) {
  const credentials = readers.guarded(() => {
    const options = readers.readAll(given, ['clientId', 'clientSecret', 'privateKey', 'keyId'])
    const [clientId, clientSecret] = [text(options, 'clientId'), text(options, 'clientSecret')]
    const key = { privateKey: undefined, ...privateKey(options, undefined) }
    return { clientId, clientSecret, privateKey: key.privateKey, keyId: readKeyId(options) }
  })
  if (Object.values(credentials).every((value) => value === undefined)) {
    throw configError('setCredentials needs a clientId, a clientSecret, a privateKey, or a keyId.')
  }
  return credentials
}

module.exports = { resolveOptions, readCredentials }
