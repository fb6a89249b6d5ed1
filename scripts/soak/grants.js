'use strict'
// The token endpoint: who is granted what, what is wrong with some answers, and what every token is worth.

const { whole, head, chunk } = require('./wire.js')

/** @typedef {InstanceType<typeof import('./exchange.js').Exchange>} Exchange */
/** @typedef {InstanceType<typeof import('./ledger.js').Ledger>} Ledger */
/** @typedef {{ identity: string, generation: number, endsAt: number, isRevoked: boolean }} Token */

/** What every token begins with, so that one in the wrong place is found. */
const TOKEN_MARK = 'chaos-token.'

/** @type {Record<string, (exchange: Exchange, token: string) => void>} */
const grantFaults = {
  'grant: silence': () => {},
  'grant: closed': (exchange) => exchange.socket.end(),
  'grant: reset': (exchange) => exchange.reset(),
  'grant: 500': (exchange) => exchange.send(whole(500, '{}')),
  'grant: 503': (exchange) => exchange.send(whole(503, 'down', { 'retry-after': '0' })),
  'grant: 429': (exchange) => exchange.send(whole(429, '{"error":"slow_down"}', { 'retry-after': '1' })),
  'grant: refused': (exchange) => exchange.send(whole(401, '{"error":"invalid_client"}')),
  'grant: HTML': (exchange) => exchange.send(whole(200, '<html>Sign in</html>')),
  'grant: half of its JSON': (exchange, token) => exchange.send(whole(200, answer(token, 60).slice(0, -1))),
  'grant: bad expires_in': (exchange, token) => exchange.send(whole(200, answer(token, -1))),
  'grant: bad token_type': (exchange, token) => exchange.send(whole(200, answer(token, 60).replace('Bearer', 'DPoP'))),
  'grant: newline in the token': (exchange, token) => exchange.send(whole(200, answer(`${token}\n`, 60))),
  'grant: 1 MB of token': (exchange, token) => exchange.send(whole(200, answer(token + 'x'.repeat(1 << 20), 60))),
  'grant: redirect': (exchange) => exchange.send(whole(307, '', { location: '/token/elsewhere' })),
  'grant: short body': (exchange, token) =>
    exchange.sendAndEnd(head(200, { 'content-length': 5_000 }) + answer(token, 60)),
  'grant: chunks without end': (exchange, token) =>
    exchange.sendAndEnd(head(200, { 'transfer-encoding': 'chunked' }) + chunk(answer(token, 60))),
}

/** Refusals and silence hold callers up for a second and more: each of them is rarer than the rest. */
const rare = ['grant: silence', 'grant: refused', 'grant: redirect']
const usual = Object.keys(grantFaults).filter((name) => !rare.includes(name))

class Grants {
  #ledger
  #faulty
  /** The newest generation of each identity. @type {Map<string, number>} */
  #generations = new Map()
  /** @type {Map<string, Token>} */
  #tokens = new Map()
  /** Requests that are not answered yet, by identity. @type {Map<string, Exchange>} */
  #open = new Map()
  requests = 0

  /** @param {Ledger} ledger @param {number} faulty the share of answers with which something is wrong */
  constructor(ledger, faulty) {
    this.#ledger = ledger
    this.#faulty = faulty
  }

  /** @param {Exchange} exchange */
  grant(exchange) {
    this.requests += 1
    const { random, request } = exchange
    const identity = new URLSearchParams(request.body).get('client_id') ?? ''
    this.#begin(identity, exchange)
    const generation = (this.#generations.get(identity) ?? 0) + 1
    this.#generations.set(identity, generation)
    const name = `${TOKEN_MARK}${identity}.${generation}`
    const life = random.pick([1, 2, 3, 5, 8, 60])
    const fault = random.chance(this.#faulty) ? random.pick(random.chance(0.1) ? rare : usual) : undefined
    exchange.after(random.between(0, 80), () => {
      // Silence lasts until the client gives up.
      if (fault !== 'grant: silence') this.#end(identity, exchange)
      if (fault) {
        this.#ledger.inject(fault)
        return grantFaults[fault]?.(exchange, name)
      }
      this.#tokens.set(name, { identity, generation, endsAt: Date.now() + life * 1_000, isRevoked: false })
      exchange.send(whole(200, answer(name, life)))
    })
  }

  /**
   * Notes a request that came while another of the same identity has no answer. One that the client has given up is no
   * such other, and its end may be read a little later than the next request.
   *
   * @param {string} identity
   * @param {Exchange} exchange
   */
  #begin(identity, exchange) {
    const other = this.#open.get(identity)
    this.#open.set(identity, exchange)
    if (!other) return this.#ledger.check('one token request at a time', true)
    setTimeout(() => {
      const isGivenUp = other.socket.destroyed
      this.#ledger.check('one token request at a time', isGivenUp, `${identity} asked twice at once`)
    }, 50)
  }

  /** @param {string} identity @param {Exchange} exchange */
  #end(identity, exchange) {
    if (this.#open.get(identity) === exchange) this.#open.delete(identity)
  }

  /** @param {string} authorization */
  find(authorization) {
    return this.#tokens.get(authorization.replace('Bearer ', ''))
  }

  /** Refuses all tokens of an identity from now on. @param {string} identity */
  revoke(identity) {
    for (const token of this.#tokens.values()) {
      if (token.identity === identity) token.isRevoked = true
    }
    this.#ledger.inject('tokens revoked')
  }

  /** Forgets what ended long ago. */
  tidy() {
    for (const [name, token] of this.#tokens) {
      if (token.endsAt < Date.now() - 60_000) this.#tokens.delete(name)
    }
  }
}

/** @param {string} token @param {number} life */
function answer(token, life) {
  return JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: life, scope: 'chaos' })
}

module.exports = { Grants, TOKEN_MARK }
