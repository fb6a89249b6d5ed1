'use strict'

const { generateKeyPair } = require('node:crypto')
const { once } = require('node:events')
const http = require('node:http')
const { promisify } = require('node:util')

/** What the tokens are for: their `aud`. */
const AUDIENCE = 'https://api.layer1.test'
const SCOPES = ['tenants:view', 'transactions:edit', 'networks:view']

/** A client whose id and secret Basic only carries when both are form-encoded; ASCII, as oidc-provider asks. */
const AWKWARD_CLIENT = { clientId: 'layer1 awkward:id', clientSecret: 'p:ss%20+word &=~' }
const CLIENT = { clientId: 'layer1-service', clientSecret: 'Qm7dR2xV9kTzB4nL8sWc' }

/**
 * @typedef {object} OidcClient
 * @property {string} clientId
 * @property {string} [clientSecret]
 * @property {import('node:crypto').KeyObject} [publicKey] of one that has no secret
 *
 * @typedef {object} SeenRequest
 * @property {string} method
 * @property {string} path
 * @property {string | undefined} scheme  of the `Authorization` header
 */

/**
 * Start oidc-provider, a certified OAuth2 server, on loopback: client credentials by form, by Basic and by signed assertions,
 * RS256 tokens for one audience.
 *
 * @param {{ clients?: OidcClient[], tokenLifetime?: number }} [options] `tokenLifetime` in seconds
 */
async function startOidcProvider({ clients = [CLIENT, AWKWARD_CLIENT], tokenLifetime = 300 } = {}) {
  const Provider = await importProvider()
  const server = http.createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const issuer = `http://127.0.0.1:${port}`

  const provider = new Provider(issuer, await configuration(clients, tokenLifetime))
  let grants = 0
  provider.on('grant.success', () => {
    grants += 1
  })
  /** @type {SeenRequest[]} */
  const requests = []
  const handle = provider.callback()
  server.on('request', (req, res) => {
    const { method = '', url = '', headers } = req
    requests.push({ method, path: url, scheme: headers.authorization?.split(' ', 1)[0] })
    handle(req, res)
  })

  return {
    issuer,
    tokenUrl: `${issuer}/token`,
    jwksUrl: `${issuer}/jwks`,
    audience: AUDIENCE,
    /** Every request that came, in order. */
    requests,
    /** How many tokens were granted. */
    grants: () => grants,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** @param {OidcClient[]} clients @param {number} tokenLifetime */
async function configuration(clients, tokenLifetime) {
  return {
    adapter: NothingIsKept,
    clients: clients.map(({ clientId, clientSecret, publicKey }) => ({
      client_id: clientId,
      ...(clientSecret && { client_secret: clientSecret }),
      ...(publicKey && {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [publicKey.export({ format: 'jwk' })] },
      }),
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      scope: SCOPES.join(' '),
    })),
    scopes: SCOPES,
    ttl: { ClientCredentials: tokenLifetime },
    jwks: { keys: [await signingKey()] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        getResourceServerInfo: () => ({
          audience: AUDIENCE,
          scope: SCOPES.join(' '),
          accessTokenFormat: 'jwt',
          accessTokenTTL: tokenLifetime,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  }
}

/** Storage for oidc-provider: JWT access tokens need none, and clients are configured. */
class NothingIsKept {
  async find() {}
  async upsert() {}
  async destroy() {}
}

async function signingKey() {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  return { ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'test' }
}

/**
 * Import oidc-provider without the one line that it prints on Node 20, where it works all the same.
 *
 * @returns {Promise<any>}
 */
async function importProvider() {
  const { warn } = console
  console.warn = (...values) => {
    if (!String(values[0]).includes('Unsupported runtime')) warn(...values)
  }
  try {
    // @ts-expect-error oidc-provider ships no types
    return (await import('oidc-provider')).default
  } finally {
    console.warn = warn
  }
}

module.exports = { AWKWARD_CLIENT, CLIENT, SCOPES, startOidcProvider }
