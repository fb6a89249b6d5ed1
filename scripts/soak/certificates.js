'use strict'
// Certificates for one run: good ones and bad ones.

const { Authority, skip } = require('../../__test__/support/certificates.js')

const NAMES = ['IP:127.0.0.1', 'DNS:api.layer1.test']

/** @returns {{ ca: string, certificates: import('./doors.js').Certificates }} */
function makeCertificates() {
  if (skip) throw new Error(`It cannot run: ${skip}.`)
  try {
    const authority = new Authority('layer1 soak')
    const certificates = {
      good: authority.sign(NAMES),
      expired: authority.sign(NAMES, { hasExpired: true }),
      wrongName: authority.sign(['DNS:elsewhere.layer1.test']),
      unknown: new Authority('nobody known').sign(NAMES),
    }
    return { ca: authority.cert, certificates }
  } finally {
    Authority.remove()
  }
}

module.exports = { makeCertificates }
