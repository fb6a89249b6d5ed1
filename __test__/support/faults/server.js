'use strict'
// A server below HTTP: it reads requests, and what it says to them is bytes of a script, right or wrong.

const { EventEmitter, once } = require('node:events')
const net = require('node:net')
const { setTimeout: sleep } = require('node:timers/promises')
const tls = require('node:tls')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('../certificates.js').KeyPair} KeyPair */

/**
 * @callback Script says what a request gets
 * @param {Wire} wire
 * @param {Request} request
 * @returns {unknown}
 */

/** @typedef {{ method: string, target: string, head: string, body: string }} Request */

/** How long something may be waited for that has to come, in ms. */
const PATIENCE = 8000

/** One connection, as the server sees it. */
class Wire {
  #below
  #socket

  /** How many requests came on it. */
  requests = 0
  /** Whether a fault was shown on it: after that nobody may use it. */
  isBroken = false
  isClosed = false
  /** Resolves when the connection has ended. */
  closed

  /**
   * @param {net.Socket} below what the bytes travel on
   * @param {net.Socket} socket what speaks: the same, or TLS on top of it
   */
  constructor(below, socket) {
    this.#below = below.on('error', () => {})
    this.#socket = socket.on('error', () => {})
    this.closed = new Promise((resolve) => {
      below.once('close', () => {
        this.isClosed = true
        resolve(undefined)
      })
    })
    // A client that ends its half has no more to say, and nobody here waits for an answer to a script.
    socket.once('end', () => socket.end())
  }

  get socket() {
    return this.#socket
  }

  /**
   * Sends bytes, and resolves once they are on their way.
   *
   * @param {string | Buffer} bytes a string is Latin-1: one byte a character
   */
  write(bytes) {
    if (!this.#socket.writable || bytes.length === 0) return Promise.resolve()
    return new Promise((resolve) => this.#socket.write(bytes, 'latin1', () => resolve(undefined)))
  }

  /** Sends bytes, if any, and says farewell. @param {string | Buffer} [bytes] */
  async end(bytes = '') {
    await this.write(bytes)
    this.#socket.end()
  }

  /** Sends bytes, and resets the connection. @param {string | Buffer} [bytes] */
  async reset(bytes = '') {
    await this.write(bytes)
    this.#below.resetAndDestroy()
  }

  /**
   * Sends bytes in small pieces.
   *
   * @param {string | Buffer} bytes
   * @param {number} [size]
   */
  async dribble(bytes, size = 1) {
    const all = Buffer.from(/** @type {string} */ (bytes), 'latin1')
    this.#below.setNoDelay(true)
    for (let at = 0; at < all.length && !this.isClosed; at += size) {
      await this.write(all.subarray(at, at + size))
      // The other side's turn: what is written in one turn may arrive as one piece.
      await new Promise(setImmediate)
    }
  }

  /**
   * Sends bytes over and over, until the other side has enough.
   *
   * @param {string | Buffer} bytes
   * @param {number} [pause] ms
   */
  async forever(bytes, pause = 0) {
    while (!this.isClosed && this.#socket.writable) {
      await Promise.race([this.write(bytes), this.closed])
      if (pause > 0) await sleep(pause, undefined, { ref: false })
    }
  }

  destroy() {
    this.#socket.destroy()
    this.#below.destroy()
  }
}

/** A server on loopback whose every answer is scripted. */
class FaultServer {
  #server
  #news = new EventEmitter().setMaxListeners(0)
  #script

  /** Whether it does not listen to the connections that come, nor shake hands. */
  isDeaf = false
  /** Every connection that ever was. @type {Wire[]} */
  wires = []
  /** Every request that came. @type {Request[]} */
  requests = []
  /** Requests that came on a broken connection: there must be none. @type {string[]} */
  misplaced = []

  /**
   * @param {Script} script
   * @param {KeyPair | undefined} pair for TLS
   */
  constructor(script, pair) {
    this.#script = script
    const secureContext = pair && tls.createSecureContext(pair)
    this.#server = net.createServer({ noDelay: true, allowHalfOpen: true }, (below) => {
      const socket = secureContext && !this.isDeaf ? new tls.TLSSocket(below, { isServer: true, secureContext }) : below
      const wire = new Wire(below, socket)
      this.wires.push(wire)
      wire.closed.then(() => this.#news.emit('news'))
      this.#news.emit('news')
      wire.isBroken = this.isDeaf
      if (this.isDeaf) socket.resume()
      else readRequests(socket, (request) => this.#serve(wire, request))
    })
    this.scheme = pair ? 'https' : 'http'
  }

  /**
   * Starts one, for as long as the test runs.
   *
   * @param {TestContext} t
   * @param {Script} script
   * @param {KeyPair} [pair]
   */
  static async start(t, script, pair) {
    const server = new FaultServer(script, pair)
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    t.after(() => server.#stop())
    return server
  }

  get port() {
    return /** @type {net.AddressInfo} */ (this.#server.address()).port
  }

  get origin() {
    return `${this.scheme}://127.0.0.1:${this.port}`
  }

  /** How many connections are open now. */
  get open() {
    return this.wires.filter((wire) => !wire.isClosed).length
  }

  /**
   * Resolves once something holds that comes with requests and ends of connections, and fails if it never does.
   *
   * @param {() => boolean} holds
   * @param {string} what
   */
  async until(holds, what) {
    const signal = AbortSignal.timeout(PATIENCE)
    while (!holds()) {
      const isLate = await once(this.#news, 'news', { signal }).then(
        () => false,
        () => true,
      )
      if (isLate && !holds()) throw new Error(`it never came to be: ${what}`)
    }
  }

  /**
   * @param {Wire} wire
   * @param {Request} request
   */
  #serve(wire, request) {
    wire.requests += 1
    this.requests.push(request)
    if (wire.isBroken) this.misplaced.push(`${request.method} ${request.target}`)
    this.#script(wire, request)
    this.#news.emit('news')
  }

  #stop() {
    for (const wire of this.wires) wire.destroy()
    return new Promise((resolve) => this.#server.close(resolve))
  }
}

/**
 * Reads requests as this package sends them: a head, and a body of a stated length.
 *
 * @param {net.Socket} socket
 * @param {(request: Request) => void} take
 */
function readRequests(socket, take) {
  let received = ''
  socket.setEncoding('latin1').on('data', (/** @type {string} */ text) => {
    received += text
    for (;;) {
      const end = received.indexOf('\r\n\r\n')
      if (end === -1) return
      const head = received.slice(0, end)
      const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
      const begin = end + 4
      if (received.length < begin + length) return
      const [method = '', target = ''] = head.split(' ')
      take({ method, target, head, body: received.slice(begin, begin + length) })
      received = received.slice(begin + length)
    }
  })
}

/**
 * Makes a whole answer.
 *
 * @param {unknown} value JSON
 * @param {string[]} [headers]
 * @param {string} [status]
 */
function answer(value, headers = [], status = '200 OK') {
  const body = Buffer.from(JSON.stringify(value)).toString('latin1')
  return [`HTTP/1.1 ${status}`, `content-length: ${body.length}`, ...headers, '', body].join('\r\n')
}

module.exports = { FaultServer, Wire, answer }
