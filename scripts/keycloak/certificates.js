'use strict'

const { Authority, skip } = require('../../__test__/support/certificates.js')

/** The subject of the client certificate, as Keycloak writes it. */
const CLIENT_SUBJECT = 'CN=layer1 test client'

/**
 * @typedef {object} Certificates
 * @property {string} ca  the authority's, PEM, and a file that holds it
 * @property {string} caFile
 * @property {string} certFile  Keycloak's own
 * @property {string} keyFile
 * @property {{ cert: string, key: string }} client
 */

/**
 * Make certificates for Keycloak and one client of it.
 *
 * @returns {Certificates | undefined} nothing where there is no openssl program
 */
function makeCertificates() {
  if (skip) return undefined
  process.once('exit', () => Authority.remove())
  const authority = new Authority('layer1 Keycloak test authority')
  const server = authority.sign(['IP:127.0.0.1'])
  return {
    ca: authority.cert,
    caFile: authority.file('authority.pem', authority.cert),
    certFile: authority.file('keycloak.pem', server.cert),
    keyFile: authority.file('keycloak.key', server.key),
    client: authority.sign(['DNS:client.layer1.test'], { isForClient: true }),
  }
}

module.exports = { CLIENT_SUBJECT, makeCertificates }
