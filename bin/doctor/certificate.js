'use strict'
// The TLS handshake with a host, and its certificate.

const net = require('node:net')
const { performance } = require('node:perf_hooks')
const tls = require('node:tls')
const { failed, ok, warning } = require('./finding.js')
const { inWords, settled, since, within } = require('./network.js')

/** @typedef {import('./finding.js').Verdict} Verdict */
/** @typedef {{ ca: string[], cert?: string | Buffer, key?: string | Buffer }} Trust authorities, and what is shown to a server that asks for it */

/** How long before its end a certificate is worth a word, in days: renewal by machines comes earlier. */
const FEW_DAYS = 14
const MS_PER_DAY = 86_400_000

const AUTHORITY =
  "If the server's authority is a private one, or a proxy in between issues certificates, name its PEM file in NODE_EXTRA_CA_CERTS; the system's store and SSL_CERT_FILE are not read."
const LIFETIME = "The server needs a new certificate; or this machine's clock is wrong."

/** @type {Record<string, string>} */
const MENDS = {
  CERT_HAS_EXPIRED: LIFETIME,
  CERT_NOT_YET_VALID: LIFETIME,
  ERR_TLS_CERT_ALTNAME_INVALID: 'Check the host in the URL: the certificate is for other names.',
}

/**
 * Shakes hands as the client does: TLS 1.2 or newer, Mozilla's roots and those added to them.
 *
 * @param {string} host
 * @param {number} port
 * @param {Trust} trust
 * @param {number} limit ms
 * @returns {Promise<Verdict>}
 */
async function checkCertificate(host, port, trust, limit) {
  const started = performance.now()
  // A certificate that is refused is to be told in detail, so it is judged here, and not by Node, which tells only that.
  // Nothing is sent on this connection, and nothing is read.
  const socket = tls.connect({ host, port, ...settings(host, trust), rejectUnauthorized: false })
  try {
    await within(limit, settled(socket, 'secureConnect'))
    return judge(socket, `${socket.getProtocol()} in ${since(started)}`)
  } catch (error) {
    const mend = `Check that host and port are those of an https server, and that nothing in between breaks TLS.`
    return failed(`no TLS: ${inWords(error)}`, mend)
  } finally {
    socket.destroy()
  }
}

/**
 * @param {string} host
 * @param {Trust} trust
 * @returns {tls.ConnectionOptions}
 */
function settings(host, { ca, ...own }) {
  return {
    ...(net.isIP(host) === 0 && { servername: host }),
    ca: [...tls.rootCertificates, ...ca],
    minVersion: 'TLSv1.2',
    ...own,
  }
}

/**
 * @param {tls.TLSSocket} socket
 * @param {string} connection
 * @returns {Verdict}
 */
function judge(socket, connection) {
  const certificate = socket.getPeerCertificate()
  const days = Math.floor((Date.parse(certificate.valid_to) - Date.now()) / MS_PER_DAY)
  const end = days < 0 ? `ended ${-days} days ago` : `good for ${days} more days`
  const names = certificate.subjectaltname ?? 'no name'
  const told = `certificate for ${names}, issued by ${nameOf(certificate.issuer)}, ${end}`
  if (socket.authorizationError) {
    const code = String(socket.authorizationError)
    return failed(`${code}: ${told}`, MENDS[code] ?? AUTHORITY)
  }
  return days < FEW_DAYS
    ? warning(`${connection}, ${told}`, 'Whoever runs the server has to renew it.')
    : ok(`${connection}, ${told}`)
}

/** @param {tls.Certificate | undefined} issuer */
function nameOf(issuer) {
  return [issuer?.O, issuer?.CN].flat().filter(Boolean).join(' ') || 'nobody'
}

module.exports = { checkCertificate, settings }
