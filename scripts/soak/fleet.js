'use strict'
// The clients of the host: some that share their token, some that do not, over plain TCP, TLS and a proxy.

const { Layer1 } = require('../../index.js')
const { SECRET_MARK } = require('./verdict.js')

/** @typedef {{ plain: string, secure: string, proxied: string, broken: Record<string, import('./doors.js').Door> }} Ports */
/** @typedef {import('layer1').Layer1Options} Layer1Options */
/** @typedef {{ client: Layer1, identity: string, isClosed: boolean }} Member */

/** Connections of one client: fewer than callers, so that there is a queue. */
const MOST_CONNECTIONS = 24

class Fleet {
  #ports
  #ca
  #lastOwn = 0
  /** @type {Member[]} */
  members = []

  /** @param {Ports} ports @param {string} ca */
  constructor(ports, ca) {
    this.#ports = ports
    this.#ca = ca
  }

  launch() {
    this.members = this.#kinds.map((make) => make())
  }

  /** Descriptors that all connections at once can take. */
  get mostConnections() {
    return this.#kinds.length * MOST_CONNECTIONS * 2
  }

  /** Makes a client as the broken door needs it. @param {import('./doors.js').Door} door */
  visit(door) {
    return this.#make('shared-a', { baseUrl: door.url, proxy: door.proxy ?? false, connectTimeout: 400 })
  }

  /** Closes a client with whatever it is doing, and puts its like in its place. @param {number} place */
  async replace(place) {
    const old = this.members[place]
    const make = this.#kinds[place]
    if (!old || !make) return
    this.members[place] = make()
    old.isClosed = true
    await old.client.close()
  }

  async close() {
    await Promise.all(this.members.map((member) => member.client.close()))
    this.members = []
  }

  /** What a worker thread needs for a client that shares its token. */
  get shared() {
    return this.#options('shared-a', { baseUrl: this.#ports.plain })
  }

  /** @type {(() => Member)[]} */
  get #kinds() {
    const { plain, secure, proxied, broken } = this.#ports
    const honest = String(broken['proxy: honest']?.proxy)
    return [
      () => this.#make('shared-a', { baseUrl: plain }),
      () => this.#make('shared-a', { baseUrl: secure }),
      () => this.#make('shared-b', { baseUrl: `${secure}/` }),
      () => this.#make('shared-b', { baseUrl: proxied, proxy: honest }),
      () => this.#make(this.#ownIdentity(), { baseUrl: plain, shareToken: false, maxConnections: 4 }),
      () => this.#make(this.#ownIdentity(), { baseUrl: secure, shareToken: false }),
    ]
  }

  /** What does not share has a token of its own, and its own requests for it. */
  #ownIdentity() {
    this.#lastOwn += 1
    return `own-${this.#lastOwn}`
  }

  /**
   * @param {string} identity
   * @param {Layer1Options} options
   * @returns {Member}
   */
  #make(identity, options) {
    return { client: new Layer1(this.#options(identity, options)), identity, isClosed: false }
  }

  /**
   * @param {string} identity
   * @param {Layer1Options} options
   * @returns {Layer1Options}
   */
  #options(identity, options) {
    return {
      clientId: identity,
      clientSecret: `${SECRET_MARK}${identity}`,
      tokenUrl: `${identity === 'shared-b' ? this.#ports.secure : this.#ports.plain}/token`,
      maxConnections: MOST_CONNECTIONS,
      maxResponseBytes: 1024 * 1024,
      connectTimeout: 2_000,
      proxy: false,
      ca: this.#ca,
      ...options,
    }
  }
}

module.exports = { Fleet }
