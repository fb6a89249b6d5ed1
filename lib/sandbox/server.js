'use strict'

const { once } = require('node:events')
const { createServer } = require('node:http')
const { Assertions } = require('./assertions')
const { Authentication } = require('./authentication')
const { DigitalApi } = require('./digital-api')
const { Failures } = require('./failures')
const { serve } = require('./handler')
const { signingKey } = require('./keys')
const { readOptions } = require('./options')
const { REALM_PATH, TOKEN_PATH } = require('./realm')
const { RequestLog } = require('./requests')
const { Signatures } = require('./signatures')
const { Tokens } = require('./tokens')
const { Waits } = require('./waits')
const { Webhooks } = require('./webhooks')

/** How long an idle connection is kept, in ms: Node's default, stated for those who test against it. */
const KEEP_ALIVE_TIMEOUT = 5000

/**
 * @param {import('./index').SandboxOptions} [options]
 * @returns {Promise<import('./index').Sandbox>}
 */
async function startSandbox(options = {}) {
  const settings = readOptions(options)
  const { client, clients, latency, now } = settings
  const key = await signingKey()
  const log = new RequestLog()
  const failures = new Failures()
  const waits = new Waits()
  const webhooks = new Webhooks(now)

  const server = createServer()
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT
  server.on('connection', (socket) => log.addConnection(socket))
  const port = await listen(server, settings)

  const baseUrl = `http://${reachableHost(settings.host)}:${port}`
  const issuer = baseUrl + REALM_PATH
  const tokenUrl = baseUrl + TOKEN_PATH
  const tokens = new Tokens(key, issuer, now)
  const assertions = new Assertions(clients, [issuer, tokenUrl], now)
  const realm = { issuer, clients, assertions, tokens, key }
  const signatures = new Signatures(clients.values(), settings.signatureMaxAge, now)
  const api = new DigitalApi(new Authentication(settings.auth, tokens, signatures))
  const services = { log, failures, waits, realm, api, latency, now }
  server.on('request', (request, response) => void serve(services, request, response))

  const close = closer(server, waits, webhooks)
  return {
    options: { clientId: client.clientId, clientSecret: client.clientSecret, baseUrl, tokenUrl },
    baseUrl,
    tokenUrl,
    issuer,
    port,
    requests: log.entries,
    get webhookPublicKey() {
      return webhooks.publicKey
    },
    sendWebhook: (url, webhook, options = {}) => webhooks.send(url, webhook, options),
    fail: (plan = {}) => failures.add(plan),
    clearFailures: () => failures.clear(),
    revokeTokens: () => tokens.revokeAll(),
    clearRequests: () => log.clear(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/**
 * @param {import('node:http').Server} server
 * @param {import('./options').Settings} settings
 * @returns {Promise<number>} the port
 */
async function listen(server, { port, host }) {
  server.listen(port, host)
  await once(server, 'listening')
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())
  return address.port
}

/**
 * @param {import('node:http').Server} server
 * @param {import('./waits').Waits} waits
 * @param {Webhooks} webhooks
 * @returns {() => Promise<void>}
 */
function closer(server, waits, webhooks) {
  /** @type {Promise<void> | undefined} */
  let closed
  return () => {
    closed ??= new Promise((resolve) => {
      server.close(() => resolve())
      waits.end()
      webhooks.end()
      server.closeAllConnections()
    })
    return closed
  }
}

/**
 * Name the host in a URL: a wildcard address is reached on loopback, and IPv6 goes in brackets.
 *
 * @param {string} host
 */
function reachableHost(host) {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

module.exports = { startSandbox }
