'use strict'
// The options of `new Layer1()`: an option over its variable over its default, read once, checked here.

const { isUint8Array } = require('node:util').types
const { version } = require('../package.json')
const { Layer1ConfigError } = require('./errors.js')
const { toFlatHeaders } = require('./headers.js')
const { unknownName } = require('./nearest.js')
const { isA } = require('./values.js')

/** @typedef {import('./binding.d.ts').ClientSettings} ClientSettings */
/** @typedef {Record<string, unknown>} Options */
/** @typedef {{ environment: string, timeout: number, maxRetries: number, native: ClientSettings }} Settings */

const environments = {
  sandbox: {
    baseUrl: 'https://api.sandbox.layer1.com',
    tokenUrl: 'https://auth.sandbox.layer1.com/auth/realms/bvnk/protocol/openid-connect/token',
  },
  production: {
    baseUrl: 'https://api.layer1.com',
    tokenUrl: 'https://auth.layer1.com/auth/realms/bvnk/protocol/openid-connect/token',
  },
}

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
  const options = readAll(given)
  const environment =
    oneOf(text(options, 'environment', variables), 'environment', Object.keys(environments)) ?? 'sandbox'
  const presets = environments[/** @type {keyof typeof environments} */ (environment)]
  oneOf(text(options, 'auth', variables), 'auth', ['oauth2'])
  return {
    environment,
    timeout: milliseconds(options, 'timeout') ?? 30_000,
    maxRetries: whole(options, 'maxRetries', 0, 100) ?? 2,
    native: {
      clientId: required(options, 'clientId', variables),
      clientSecret: required(options, 'clientSecret', variables),
      clientAuth:
        oneOf(text(options, 'clientAuth'), 'clientAuth', ['client_secret_post', 'client_secret_basic']) ??
        'client_secret_post',
      baseUrl: text(options, 'baseUrl', variables) ?? presets.baseUrl,
      tokenUrl: text(options, 'tokenUrl', variables) ?? presets.tokenUrl,
      scope: scopes(options, variables),
      headers: headers(options),
      userAgent: [text(options, 'userAgent'), `layer1/${version}`].filter(Boolean).join(' '),
      connectTimeout: milliseconds(options, 'connectTimeout') ?? 5_000,
      maxConnections: whole(options, 'maxConnections', 1, 65_535) ?? 128,
      maxResponseBytes: whole(options, 'maxResponseBytes', 1, Number.MAX_SAFE_INTEGER) ?? 16 * 1024 * 1024,
      share: flag(options, 'shareToken') ?? true,
      ...roots(options, variables),
      ...proxy(options, variables),
    },
  }
}

/**
 * Reads every option once, so that a getter runs once and an object is never read again later.
 *
 * @param {unknown} given
 * @returns {Options}
 */
function readAll(given) {
  if (given === undefined || given === null) {
    return {}
  }
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw configError('the options have to be an object, such as { clientId, clientSecret }.')
  }
  try {
    const unknown = Object.keys(given).find((name) => !names.includes(name))
    if (unknown !== undefined) {
      throw configError(unknownName(unknown, names))
    }
    return Object.fromEntries(names.map((name) => [name, /** @type {Options} */ (given)[name] ?? undefined]))
  } catch (error) {
    throw error instanceof Layer1ConfigError ? error : configError('the options cannot be read.', error)
  }
}

/** @type {Record<string, string>} */
const variableNames = {
  clientId: 'LAYER1_CLIENT_ID',
  clientSecret: 'LAYER1_CLIENT_SECRET',
  environment: 'LAYER1_ENVIRONMENT',
  baseUrl: 'LAYER1_BASE_URL',
  tokenUrl: 'LAYER1_TOKEN_URL',
  scope: 'LAYER1_SCOPE',
  auth: 'LAYER1_AUTH',
}

/** @param {string} name */
function label(name) {
  const variable = variableNames[name]
  return variable ? `${name} (${variable})` : name
}

/**
 * @param {Options} options
 * @param {string} name
 * @param {NodeJS.ProcessEnv} [variables]
 * @returns {string | undefined}
 */
function text(options, name, variables) {
  const value = options[name] ?? (variables && fromVariable(name, variables))
  if (value === undefined) {
    return undefined
  }
  if (isA(value, URL) && name.endsWith('Url')) {
    return value.href
  }
  if (typeof value !== 'string' || value === '' || !value.isWellFormed()) {
    throw configError(`${label(name)} has to be a string that is not empty.`)
  }
  return value
}

/**
 * @param {string} name
 * @param {NodeJS.ProcessEnv} variables
 */
function fromVariable(name, variables) {
  // An empty variable counts as unset: that is what `export LAYER1_SCOPE=` and many deployment tools mean.
  return variables[variableNames[name] ?? ''] || undefined
}

/**
 * @param {Options} options
 * @param {string} name
 * @param {NodeJS.ProcessEnv} variables
 */
function required(options, name, variables) {
  const value = text(options, name, variables)
  if (value === undefined) {
    throw configError(`${name} is missing: pass { ${name} } to new Layer1() or set ${variableNames[name]}.`)
  }
  return value
}

/**
 * @param {string | undefined} value
 * @param {string} name
 * @param {string[]} allowed
 */
function oneOf(value, name, allowed) {
  if (value !== undefined && !allowed.includes(value)) {
    throw configError(`${label(name)} has to be ${allowed.map((item) => `'${item}'`).join(' or ')}.`)
  }
  return value
}

/**
 * @param {Options} options
 * @param {string} name
 */
function milliseconds(options, name) {
  const value = options[name]
  if (value === undefined || (typeof value === 'number' && value > 0)) {
    return value
  }
  throw configError(`${name} has to be a number of milliseconds above 0; Infinity is none.`)
}

/**
 * @param {Options} options
 * @param {string} name
 * @param {number} least
 * @param {number} most
 */
function whole(options, name, least, most) {
  const value = options[name]
  if (value === undefined) {
    return undefined
  }
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw configError(`${name} has to be a whole number from ${least} to ${most}.`)
  }
  return value
}

/**
 * @param {Options} options
 * @param {string} name
 */
function flag(options, name) {
  const value = options[name]
  if (value !== undefined && typeof value !== 'boolean') {
    throw configError(`${name} has to be true or false.`)
  }
  return value
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
 * @param {string} message
 * @param {unknown} [cause]
 */
function configError(message, cause) {
  return new Layer1ConfigError(message, { code: 'ERR_LAYER1_CONFIG', retryable: false, attempts: 0, cause })
}

module.exports = { resolveOptions, configError }
