'use strict'
// Which certificate authorities the client trusts: Mozilla's, and those that the user adds.

const { X509Certificate } = require('node:crypto')
const fs = require('node:fs')
const { reasonOf } = require('../unreadable.js')
const { ok, warning } = require('./finding.js')

/** @typedef {import('./finding.js').Verdict} Verdict */

/**
 * @param {NodeJS.ProcessEnv} environment
 * @returns {{ verdict: Verdict, extra: string[] }} and the certificates that count, PEM
 */
function checkRoots(environment) {
  const file = environment.NODE_EXTRA_CA_CERTS
  const { extra, seen, mend } = file ? readExtra(file) : { extra: [], seen: "Mozilla's roots, and no others" }
  const isBypassed = environment.NODE_TLS_REJECT_UNAUTHORIZED !== undefined
  const bypass = 'NODE_TLS_REJECT_UNAUTHORIZED is ignored: certificates are always verified'
  const faults = [mend, isBypassed && 'Unset NODE_TLS_REJECT_UNAUTHORIZED; NODE_EXTRA_CA_CERTS is for own authorities.']
  const doubts = faults.filter((fault) => typeof fault === 'string')
  const told = isBypassed ? `${seen}. ${bypass}` : seen
  return { verdict: doubts.length > 0 ? warning(told, doubts.join(' ')) : ok(told), extra }
}

/**
 * @param {string} file
 * @returns {{ extra: string[], seen: string, mend?: string }}
 */
function readExtra(file) {
  const mend = 'Let NODE_EXTRA_CA_CERTS name a PEM file with certificates, or unset it.'
  /** @param {string} why */
  const ignored = (why) => ({ extra: [], seen: `NODE_EXTRA_CA_CERTS (${file}) is ignored: ${why}`, mend })
  let text = ''
  try {
    text = fs.readFileSync(file, 'latin1')
  } catch (error) {
    return ignored(reasonOf(error))
  }
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) {
    return ignored('it holds no certificate')
  }
  // One broken line makes the client leave out the whole file; a certificate of a strange form only itself.
  const extra = blocks.every(isBase64) ? blocks.filter(isCertificate) : []
  if (extra.length === 0) {
    return ignored('what is in it is no readable certificate')
  }
  const seen = `Mozilla's roots, and ${extra.length} of NODE_EXTRA_CA_CERTS (${file})`
  return extra.length === blocks.length
    ? { extra, seen }
    : { extra, seen: `${seen}; ${blocks.length - extra.length} in it cannot be read`, mend }
}

/** @param {string} pem */
function isBase64(pem) {
  const body = pem.split('-----')[2]?.replace(/\s/g, '') ?? ''
  return body.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(body)
}

/** @param {string} pem */
function isCertificate(pem) {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}

module.exports = { checkRoots }
