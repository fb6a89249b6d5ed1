'use strict'
// The ports of the server: two that work, and those at which no connection comes about.

const net = require('node:net')
const tls = require('node:tls')
const { once } = require('node:events')

/** @typedef {import('node:net').Socket} Socket */
/** @typedef {(socket: Socket) => void} Serve */
/** @typedef {{ key: string, cert: string }} KeyPair */
/** @typedef {{ good: KeyPair, expired: KeyPair, wrongName: KeyPair, unknown: KeyPair }} Certificates */

/**
 * @typedef {object} Door
 * @property {string} url
 * @property {string[]} codes how a call may end that comes to it
 * @property {string} [proxy]
 */

/** The name that is reached through proxies only: loopback is always reached directly. */
const PROXIED_NAME = 'api.layer1.test'

class Doors {
  #serve
  #inject
  #certificates
  /** Broken ones by name. @type {Record<string, Door>} */
  broken = {}
  plain = ''
  secure = ''
  proxied = ''

  /**
   * @param {Serve} serve what answers requests
   * @param {(kind: string) => void} inject counts a fault
   * @param {Certificates} [certificates]
   */
  constructor(serve, inject, certificates) {
    this.#serve = serve
    this.#inject = inject
    this.#certificates = certificates
  }

  async open() {
    this.plain = `http://127.0.0.1:${await listen(net.createServer(this.#serve))}`
    if (this.#certificates) await this.#openOthers(this.#certificates)
    return this
  }

  /** @param {Certificates} certificates */
  async #openOthers(certificates) {
    const secure = await listen(tls.createServer(certificates.good, this.#serve))
    this.secure = `https://127.0.0.1:${secure}`
    this.proxied = `https://${PROXIED_NAME}:${secure}`
    await this.#openBroken(certificates)
    await this.#openProxies(secure)
  }

  /** @param {Certificates} certificates */
  async #openBroken({ expired, wrongName, unknown, good }) {
    await this.#add('closed at once', ['CONNECTION_LOST'], (socket) => socket.destroy())
    await this.#add('stalled handshake', ['TIMEOUT'], () => {}, 'https')
    await this.#add('plain HTTP for TLS', ['TLS'], (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'https')
    await this.#addTls('certificate expired', expired)
    await this.#addTls('certificate of another name', wrongName)
    await this.#addTls('certificate of nobody known', unknown)
    await this.#addTls('TLS 1.1', { ...good, maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL@SECLEVEL=0' })
    this.broken['port closed'] = { url: `http://127.0.0.2:${new URL(this.plain).port}`, codes: ['CONNECT'] }
    this.broken['name of nobody'] = { url: 'https://nobody.layer1.invalid', codes: ['DNS', 'TIMEOUT'] }
  }

  /** @param {number} secure the port behind the proxies */
  async #openProxies(secure) {
    /** @type {[name: string, codes: string[], answer: (socket: Socket) => void][]} */
    const proxies = [
      ['proxy: honest', ['ok'], (socket) => tunnel(socket, secure)],
      ['proxy: 407', ['PROXY'], (socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')],
      ['proxy: 502', ['PROXY'], (socket) => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')],
      ['proxy: garbage', ['PROXY'], (socket) => socket.end('\0\x01garbage\r\n\r\n')],
      ['proxy: closed', ['PROXY', 'CONNECTION_LOST'], (socket) => socket.end()],
      ['proxy: silence', ['TIMEOUT'], () => {}],
    ]
    for (const [name, codes, answer] of proxies) {
      const port = await this.#listen(name, (socket) => void socket.once('data', () => answer(socket)))
      this.broken[name] = { url: this.proxied, codes, proxy: `http://user:chaos-proxy-secret@127.0.0.1:${port}` }
    }
  }

  /**
   * @param {string} name
   * @param {string[]} codes
   * @param {Serve} serve
   * @param {string} [scheme]
   */
  async #add(name, codes, serve, scheme = 'http') {
    this.broken[name] = { url: `${scheme}://127.0.0.1:${await this.#listen(name, serve)}`, codes }
  }

  /** @param {string} name @param {tls.TlsOptions} options */
  async #addTls(name, options) {
    const server = tls.createServer(options, this.#serve)
    server.on('connection', () => this.#inject(name))
    this.broken[name] = { url: `https://127.0.0.1:${await listen(server)}`, codes: ['TLS'] }
  }

  /** @param {string} name @param {Serve} serve */
  #listen(name, serve) {
    return listen(
      net.createServer((socket) => {
        socket.on('error', () => {})
        this.#inject(name)
        serve(socket)
      }),
    )
  }
}

/**
 * Joins two connections, as a proxy does after CONNECT.
 *
 * @param {Socket} socket
 * @param {number} port
 */
function tunnel(socket, port) {
  const beyond = net.connect(port, '127.0.0.1')
  beyond.on('error', () => socket.destroy())
  beyond.once('connect', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    socket.pipe(beyond).pipe(socket)
  })
  socket.once('close', () => beyond.destroy())
}

/** @param {net.Server} server @returns {Promise<number>} its port */
async function listen(server) {
  // On this one address: then the same port of 127.0.0.2 is closed, and stays so.
  server.listen(0, '127.0.0.1')
  server.on('tlsClientError', () => {})
  await once(server, 'listening')
  return /** @type {net.AddressInfo} */ (server.address()).port
}

module.exports = { Doors, listen }
