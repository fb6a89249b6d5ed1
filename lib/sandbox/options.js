'use strict'

const { checkObject, flag, milliseconds, scopes, seconds, text } = require('./check')
const { readPublicKey, rsaPublicKey } = require('./public-key')

/** @typedef {import('node:crypto').KeyObject} KeyObject */

/**
 * @typedef {object} Client a client as the token endpoint knows it
 * @property {string} clientId
 * @property {string} clientSecret empty for a client that has none
 * @property {KeyObject | undefined} publicKey which its signatures are verified with
 * @property {string} keyId
 * @property {string[]} scopes
 * @property {string[]} optionalScopes
 * @property {number} tokenLifetime seconds
 * @property {boolean} enabled
 * @property {boolean} serviceAccountsEnabled
 * @property {boolean} publicClient
 */

/**
 * @typedef {object} Settings what `startSandbox` was asked for, defaults filled in
 * @property {number} port
 * @property {string} host
 * @property {Client} client the one in `sandbox.options`
 * @property {Map<string, Client>} clients all of them, by id
 * @property {'oauth2' | 'signature' | 'either' | 'both'} auth what API calls have to authenticate with
 * @property {number} signatureMaxAge seconds
 * @property {number} latency ms
 * @property {() => number} now ms since the epoch
 */

const DEFAULT_CLIENT_ID = 'layer1-sandbox'
const DEFAULT_CLIENT_SECRET = 'layer1-sandbox-secret'
const DEFAULT_HOST = '127.0.0.1'
/** Seconds; what Layer1's own realm answers. */
const DEFAULT_TOKEN_LIFETIME = 300
/** Seconds; Layer1 does not document its own. */
const DEFAULT_SIGNATURE_MAX_AGE = 300

const AUTH = ['oauth2', 'signature', 'either', 'both']

/** Enough to read everything, in the order of Layer1's documented answer: `tenants:view transactions:edit …`. */
const DEFAULT_SCOPES = [
  'tenants:view',
  'transactions:edit',
  'transactions:view',
  'asset-pools:view',
  'addresses:view',
  'keypairs:view',
  'screenings:view',
  'exports:view',
  'treasury:view',
  'microprofile-jwt',
  'networks:view',
]
const DEFAULT_OPTIONAL_SCOPES = [
  'asset-pools:edit',
  'addresses:edit',
  'keypairs:edit',
  'screenings:edit',
  'exports:edit',
  'fee-estimate:edit',
]

/** @type {Record<string, import('./check').Rule>} */
const OPTION_RULES = {
  port: {
    test: (value) => Number.isInteger(value) && value >= 0 && value <= 65535,
    sentence: 'must be a port from 0 to 65535',
  },
  host: text,
  clientId: text,
  clientSecret: text,
  clients: { test: Array.isArray, sentence: 'must be an array of clients' },
  auth: { test: (value) => AUTH.includes(value), sentence: `must be one of ${AUTH.join(', ')}` },
  publicKey: rsaPublicKey,
  keyId: text,
  signatureMaxAge: seconds,
  tokenLifetime: seconds,
  latency: milliseconds,
  // Unlisted: it is for tests of time.
  now: { test: (value) => typeof value === 'function', sentence: 'must be a function', unlisted: true },
}
/** @type {Record<string, import('./check').Rule>} */
const CLIENT_RULES = {
  clientId: text,
  clientSecret: text,
  publicKey: rsaPublicKey,
  keyId: text,
  scopes,
  optionalScopes: scopes,
  tokenLifetime: seconds,
  enabled: flag,
  serviceAccountsEnabled: flag,
  publicClient: flag,
}

/**
 * Turn the options of `startSandbox` into settings; throws a `TypeError` for an unknown or unusable one.
 *
 * @param {import('./index').SandboxOptions} options
 * @returns {Settings}
 */
function readOptions(options) {
  checkObject('the options of startSandbox', options, OPTION_RULES)
  const { port = 0, host = DEFAULT_HOST, latency = 0, now = Date.now } = options
  const { clientId = DEFAULT_CLIENT_ID, clientSecret = DEFAULT_CLIENT_SECRET } = options
  const { tokenLifetime = DEFAULT_TOKEN_LIFETIME } = options

  const { publicKey, keyId, signatureMaxAge = DEFAULT_SIGNATURE_MAX_AGE } = options

  const first = readClient({ clientId, clientSecret, publicKey, keyId }, tokenLifetime)
  const others = (options.clients ?? []).map((client) => readClient(client, tokenLifetime))
  const clients = new Map(others.map((client) => [client.clientId, client]))
  if (clients.size < others.length) throw new TypeError('Two of the "clients" of startSandbox have the same clientId.')

  const client = clients.get(clientId) ?? first
  clients.set(clientId, client)
  const auth = readAuth(options.auth, [...clients.values()])
  return { port, host, client, clients, auth, signatureMaxAge, latency, now }
}

/**
 * @param {Settings['auth'] | undefined} auth
 * @param {Client[]} clients
 */
function readAuth(auth, clients) {
  const signers = clients.filter(({ publicKey }) => publicKey)
  if (new Set(signers.map(({ keyId }) => keyId)).size < signers.length) {
    throw new TypeError('Two of the clients of startSandbox have the same keyId.')
  }
  if (signers.length === 0 && auth !== undefined && auth !== 'oauth2') {
    throw new TypeError(`With the "auth" ${auth} of startSandbox a client needs a publicKey.`)
  }
  return auth ?? (signers.length > 0 ? 'either' : 'oauth2')
}

/**
 * @param {import('./index').SandboxClient} client
 * @param {number} tokenLifetime seconds
 * @returns {Client}
 */
function readClient(client, tokenLifetime) {
  checkObject('a client of startSandbox', client, CLIENT_RULES)
  const publicClient = client.publicClient ?? false
  if (!client.clientId) throw new TypeError('A client of startSandbox needs a clientId.')
  if (!client.clientSecret && !client.publicKey && !publicClient) {
    throw new TypeError(
      `The client "${client.clientId}" of startSandbox needs a clientSecret, a publicKey, or publicClient: true.`,
    )
  }
  return {
    clientId: client.clientId,
    clientSecret: client.clientSecret ?? '',
    publicKey: readPublicKey(client.publicKey),
    keyId: client.keyId ?? client.clientId,
    scopes: [...new Set(client.scopes ?? DEFAULT_SCOPES)],
    optionalScopes: [...new Set(client.optionalScopes ?? DEFAULT_OPTIONAL_SCOPES)],
    tokenLifetime: client.tokenLifetime ?? tokenLifetime,
    enabled: client.enabled ?? true,
    serviceAccountsEnabled: client.serviceAccountsEnabled ?? true,
    publicClient,
  }
}

module.exports = { readOptions }
