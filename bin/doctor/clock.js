'use strict'
// This machine's clock beside that of a server, by the `Date` of an answer.

const http = require('node:http')
const https = require('node:https')
const { version } = require('../../package.json')
const { settings } = require('./certificate.js')
const { failed, notTried, ok, warning } = require('./finding.js')
const { inWords, within } = require('./network.js')

/** @typedef {import('./finding.js').Verdict} Verdict */

/** What nothing that keeps time by the network is off by, in ms. */
const MOST_SKEW = 30_000
/** `Date` has whole seconds, in ms. */
const GRAIN = 1000

/** How far the clock may be off before a server refuses, in ms, and what it is that it refuses. */
const LIMITS = {
  // The life of an assertion (src/limits.rs).
  assertion: { most: 60_000, what: 'private_key_jwt: the assertion has ended, or has not begun, when it arrives' },
  // Layer1 does not document its own; five minutes are usual.
  signature: { most: 300_000, what: 'signed calls: a signature is good only for a while' },
}

/**
 * @param {URL} url
 * @param {import('./certificate.js').Trust} trust
 * @param {number} limit ms
 * @param {{ auth: string, clientAuth?: string }} use
 * @returns {Promise<Verdict>}
 */
async function checkClock(url, trust, limit, use) {
  const sent = Date.now()
  try {
    const date = await within(limit, askDate(url, trust, limit))
    return judgeClock(date, sent, Date.now(), use)
  } catch (error) {
    return warning(`no answer to HEAD /: ${inWords(error)}`, 'Nothing, if the calls below work.')
  }
}

/**
 * Asks for nothing, without credentials, to see when the answer was written.
 *
 * @param {URL} url
 * @param {import('./certificate.js').Trust} trust
 * @param {number} limit ms
 * @returns {Promise<string | undefined>}
 */
function askDate({ protocol, hostname, port }, trust, limit) {
  const { request } = protocol === 'https:' ? https : http
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  // Said for once, because NODE_TLS_REJECT_UNAUTHORIZED would turn Node's default.
  const secure = protocol === 'https:' ? { ...settings(host, trust), rejectUnauthorized: true } : {}
  return new Promise((resolve, reject) => {
    const headers = { 'user-agent': `layer1/${version}`, connection: 'close' }
    const options = { method: 'HEAD', host, port, path: '/', headers, agent: false, ...secure }
    const asked = request({ ...options, signal: AbortSignal.timeout(limit) }, (answer) => {
      resolve(answer.headers.date)
      asked.destroy()
    })
    asked.on('error', reject)
    asked.end()
  })
}

/**
 * Judges a `Date` that was written between two moments.
 *
 * @param {string | undefined} date
 * @param {number} sent ms since the epoch
 * @param {number} answered
 * @param {{ auth: string, clientAuth?: string }} use what the clock is needed for
 * @returns {Verdict}
 */
function judgeClock(date, sent, answered, use) {
  const written = Date.parse(date ?? '')
  if (Number.isNaN(written)) {
    return notTried('the answer has no readable Date')
  }
  const ahead = sent - (written + GRAIN)
  const behind = written - answered
  const skew = Math.max(ahead, behind)
  if (skew <= MOST_SKEW) {
    return ok(skew <= GRAIN ? "agrees with the server's" : `${inSeconds(skew)} ${ahead > behind ? 'ahead' : 'behind'}`)
  }
  const seen = `this machine's clock is ${inSeconds(skew)} ${ahead > behind ? 'ahead of' : 'behind'} the server's`
  const broken = refused(skew, use)
  const mend =
    'Set the clock by the network: "timedatectl set-ntp true", "w32tm /resync", or restart the virtual machine.'
  return broken
    ? failed(`${seen}; that breaks ${broken}`, mend)
    : warning(`${seen}; tokens are counted from when they are asked for, so calls work, but signatures would not`, mend)
}

/**
 * @param {number} skew ms
 * @param {{ auth: string, clientAuth?: string }} use
 */
function refused(skew, { auth, clientAuth }) {
  const needed = [
    auth !== 'signature' && clientAuth === 'private_key_jwt' && LIMITS.assertion,
    auth !== 'oauth2' && LIMITS.signature,
  ]
  const broken = needed.find((limit) => limit && skew > limit.most)
  return broken ? broken.what : undefined
}

/** @param {number} ms */
function inSeconds(ms) {
  return `${Math.round(ms / 1000)} s`
}

module.exports = { checkClock, judgeClock }
