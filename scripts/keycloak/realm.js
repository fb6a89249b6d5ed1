'use strict'

const { createPublicKey } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')
const { CLIENT_SUBJECT } = require('./certificates.js')

/**
 * @typedef {object} RealmClient  One client, as both Keycloak's import and `startSandbox({ clients })` are told of it.
 * @property {string} clientId
 * @property {string} [clientSecret]
 * @property {string[]} scopes  what a grant gets without asking
 * @property {string[]} optionalScopes  what a grant gets only by asking
 * @property {number} [tokenLifetime]  in seconds; the realm's 300 unless told
 * @property {boolean} [enabled]
 * @property {boolean} [serviceAccountsEnabled]
 * @property {boolean} [publicClient]
 */

const REALM = 'bvnk'
const TOKEN_LIFETIME_S = 300
const scopes = ['tenants:view', 'transactions:edit', 'asset-pools:view', 'microprofile-jwt', 'networks:view']
const optionalScopes = ['exports:create']

/** The clients of the realm, by the part they play in the tests. */
const clients = {
  /** The ordinary one, as Layer1 hands them out. */
  service: { clientId: 'layer1-service', clientSecret: 'Qm7dR2xV9kTzB4nL8sWc', scopes, optionalScopes },
  /** The lifetime of Keycloak's master realm: a fixed safety margin of minutes would never cache its token. */
  shortLived: {
    clientId: 'layer1-short-lived',
    clientSecret: 'pX3hJ6vY1gFqA5uE0oKi',
    scopes,
    optionalScopes,
    tokenLifetime: 60,
  },
  /** Id and secret which Basic only carries when both are form-encoded; `%20` tells a double decoding. */
  awkward: { clientId: 'layer1 awkward:id', clientSecret: 'p:ss%20+wörd &=✓', scopes, optionalScopes },
  disabled: {
    clientId: 'layer1-disabled',
    clientSecret: 'uT8wZ4cN2yHbM7rD5jSf',
    scopes,
    optionalScopes,
    enabled: false,
  },
  noServiceAccount: {
    clientId: 'layer1-no-service-account',
    clientSecret: 'eL9aG1tP6iVxC3mO0qBz',
    scopes,
    optionalScopes,
    serviceAccountsEnabled: false,
  },
  public: { clientId: 'layer1-public', scopes, optionalScopes, serviceAccountsEnabled: false, publicClient: true },
}

/** The key of the client with "Signed JWT", PEM. */
const privateKey = fs.readFileSync(path.join(__dirname, '..', '..', '__test__', 'fixtures', 'signing-key.pem'), 'utf8')

/** Clients without a secret. */
const keyedClients = {
  /** Proves itself by "Signed JWT". */
  signedJwt: { clientId: 'layer1-signed-jwt', scopes, optionalScopes, privateKey },
  disabledJwt: { clientId: 'layer1-disabled-jwt', scopes, optionalScopes, privateKey, enabled: false },
  /** Proves itself by the certificate of its connection. */
  x509: { clientId: 'layer1-x509', scopes, optionalScopes },
}

/**
 * Describe the realm as `kc.sh start --import-realm` reads it.
 *
 * The scopes replace Keycloak's own, so a token's `scope` reads as Layer1 documents it, without `profile` and `email`.
 */
function realmImport() {
  return {
    realm: REALM,
    enabled: true,
    sslRequired: 'none',
    accessTokenLifespan: TOKEN_LIFETIME_S,
    clientScopes: [...scopes, ...optionalScopes].map((name) => ({
      name,
      protocol: 'openid-connect',
      attributes: { 'include.in.token.scope': 'true', 'display.on.consent.screen': 'false' },
    })),
    clients: [
      ...Object.values(clients).map(clientImport),
      signedJwtImport(keyedClients.signedJwt),
      signedJwtImport(keyedClients.disabledJwt),
      x509Import(),
    ],
  }
}

/** @param {RealmClient} client */
function clientImport({ clientId, clientSecret, scopes, optionalScopes, tokenLifetime, ...flags }) {
  const { enabled = true, serviceAccountsEnabled = true, publicClient = false } = flags
  return {
    clientId,
    ...(clientSecret === undefined ? {} : { secret: clientSecret }),
    enabled,
    publicClient,
    serviceAccountsEnabled,
    protocol: 'openid-connect',
    clientAuthenticatorType: 'client-secret',
    standardFlowEnabled: false,
    directAccessGrantsEnabled: false,
    fullScopeAllowed: false,
    defaultClientScopes: scopes,
    optionalClientScopes: optionalScopes,
    attributes: tokenLifetime === undefined ? {} : { 'access.token.lifespan': String(tokenLifetime) },
  }
}

/** @param {RealmClient & { privateKey: string }} keyed */
function signedJwtImport({ privateKey, ...client }) {
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64')
  return {
    ...clientImport(client),
    clientAuthenticatorType: 'client-jwt',
    attributes: { 'jwt.credential.public.key': publicKey, 'token.endpoint.auth.signing.alg': 'RS256' },
  }
}

function x509Import() {
  return {
    ...clientImport(keyedClients.x509),
    clientAuthenticatorType: 'client-x509',
    attributes: { 'x509.subjectdn': CLIENT_SUBJECT, 'x509.allow.regex.pattern.comparison': 'false' },
  }
}

module.exports = { REALM, clients, keyedClients, realmImport }
