'use strict'
// The way to a host: its name, its port, its certificate. Each step has a limit of its own.

const dns = require('node:dns/promises')
const net = require('node:net')
const { performance } = require('node:perf_hooks')
const { failed, ok } = require('./finding.js')

/** @typedef {import('./finding.js').Verdict} Verdict */

/** What the system says, in words. @type {Record<string, string>} */
const WORDS = {
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'no name server answered',
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ECONNRESET: 'the other side broke the connection (ECONNRESET)',
  EHOSTUNREACH: 'there is no way to the host (EHOSTUNREACH)',
  ENETUNREACH: 'there is no way to its network (ENETUNREACH)',
  ETIMEDOUT: 'nobody answered (ETIMEDOUT)',
}

/**
 * @param {string} host
 * @param {number} limit ms
 * @returns {Promise<Verdict>}
 */
async function checkName(host, limit) {
  if (net.isIP(host) !== 0) {
    return ok('an address, so there is no name to look up')
  }
  const started = performance.now()
  try {
    // The resolver of the system, as the client uses it: hosts file, search domains and all.
    const addresses = await within(limit, dns.lookup(host, { all: true }))
    return ok(`${addresses.map(({ address }) => address).join(', ')}, in ${since(started)}`)
  } catch (error) {
    const mend = `Look for a typing error in the host's name, and at this machine's DNS: "nslookup ${host}".`
    return failed(`${host} does not resolve: ${inWords(error)}`, mend)
  }
}

/**
 * @param {string} host
 * @param {number} port
 * @param {number} limit ms
 * @returns {Promise<Verdict>}
 */
async function checkPort(host, port, limit) {
  const started = performance.now()
  const { address, fault } = await connect(host, port, limit)
  return address
    ? ok(`connected to ${address} in ${since(started)}`)
    : failed(
        `no connection: ${fault}`,
        'Check that the server is up, its host and port, and firewalls in between. A network without a way out needs HTTPS_PROXY.',
      )
}

/**
 * Connects, and lets go at once.
 *
 * @param {string} host
 * @param {number} port
 * @param {number} limit ms
 * @returns {Promise<{ address?: string | undefined, fault?: string }>}
 */
async function connect(host, port, limit) {
  const socket = net.connect({ host, port })
  try {
    await within(limit, settled(socket, 'connect'))
    return { address: socket.remoteAddress ?? host }
  } catch (error) {
    return { fault: inWords(error) }
  } finally {
    socket.destroy()
  }
}

/**
 * Waits for an event of a socket, or its error.
 *
 * @param {net.Socket} socket
 * @param {string} event
 * @returns {Promise<void>}
 */
function settled(socket, event) {
  return new Promise((resolve, reject) => {
    socket.once(event, resolve)
    // To the end of the socket: what comes after its destruction is nobody's business.
    socket.on('error', reject)
    socket.once('close', () => reject(new Error('the other side closed the connection')))
  })
}

/**
 * Gives up on a promise after a while; what it stands for goes on. A look-up cannot be ended: the process does not end
 * before the system's resolver has given up too, after seconds of its own, not even by `process.exit`.
 *
 * @template T
 * @param {number} limit ms
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
async function within(limit, promise) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  const end = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nobody answered within ${limit} ms`)), limit)
  })
  try {
    return await /** @type {Promise<T>} */ (Promise.race([promise, end]))
  } finally {
    clearTimeout(timer)
  }
}

/** @param {unknown} error */
function inWords(error) {
  const several = /** @type {{ errors?: unknown[] }} */ (error).errors
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (several?.[0] ?? error)
  return WORDS[code ?? ''] ?? (message || code || 'for no reason that is told')
}

/** @param {number} started */
function since(started) {
  return `${Math.round(performance.now() - started)} ms`
}

module.exports = { checkName, checkPort, connect, inWords, settled, since, within }
