'use strict'

/**
 * @typedef {object} KeycloakUnderTest  The running Keycloak, as scripts/test-keycloak.js hands it over.
 * @property {string} version
 * @property {string} issuer
 * @property {string} tokenUrl
 * @property {string} jwksUrl
 * @property {import('../support/token-requests.js').RealmClients} clients
 * @property {typeof import('../../scripts/keycloak/realm.js')['keyedClients']} keyedClients
 * @property {{ tokenUrl: string, ca: string, client: { cert: string, key: string } } | undefined} tls  nothing where there is no openssl program
 */

const handedOver = process.env.KEYCLOAK_UNDER_TEST
if (handedOver === undefined) throw new Error('No running Keycloak: start these tests by npm run test:keycloak.')

/** @type {KeycloakUnderTest} */
module.exports = JSON.parse(handedOver)
