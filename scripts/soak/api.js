'use strict'
// The API: answers each call as the call's own target says.

const { faults, none } = require('./faults/index.js')
const { whole } = require('./wire.js')

/** @typedef {InstanceType<typeof import('./exchange.js').Exchange>} Exchange */
/** @typedef {import('./ledger.js').Label} Label */
/** @typedef {import('./ledger.js').Sighting} Sighting */

class Api {
  #ledger
  #grants
  /** Where nobody must ever come. @type {number} */
  #trap

  /**
   * @param {InstanceType<typeof import('./ledger.js').Ledger>} ledger
   * @param {InstanceType<typeof import('./grants.js').Grants>} grants
   * @param {number} trap a port
   */
  constructor(ledger, grants, trap) {
    this.#ledger = ledger
    this.#grants = grants
    this.#trap = trap
  }

  /**
   * @param {Exchange} exchange
   * @param {Label} label
   * @param {Sighting} sighting
   */
  answer(exchange, label, sighting) {
    const { request } = exchange
    sighting.actedAt = Date.now()
    const token = this.#grants.find(request.headers.get('authorization') ?? '')
    this.#ledger.check('each call whole and with a token', isWhole(exchange, label) && token !== undefined, label.id)
    if (!token) return exchange.send(whole(400, '{}'))
    const before = sighting.refused
    this.#ledger.judge(label, sighting, token)
    // A request that crossed the end of its connection gets no answer, and its caller learns nothing.
    if (exchange.socket.writableEnded) return
    if (token.isRevoked || token.endsAt <= Date.now()) {
      sighting.refused = token.generation
      sighting.mayComeAgain = true
      return exchange.send(whole(401, '{"code":"layer1:chaos:401"}'))
    }
    exchange.content = JSON.stringify({ id: label.id, replaced: before, name: 'Zürich €' })
    const fault = sighting.sights > label.times ? none : (faults[label.kind] ?? none)
    if (fault !== none) this.#ledger.inject(label.kind)
    if (fault.codes.includes('REDIRECT')) this.#ledger.check('no redirect followed away', true)
    sighting.mayComeAgain = fault.refuses === true
    fault.act(exchange, this.#trap)
  }
}

/**
 * Tells whether the body that came is that of the call.
 *
 * @param {Exchange} exchange
 * @param {Label} label
 */
function isWhole({ request }, label) {
  return request.body === '' || request.body.startsWith(`{"id":"${label.id}"`)
}

/**
 * Writes a target that says all of a call.
 *
 * @param {Label} label
 */
function targetOf({ id, kind, times, mayRepeat, knownDead, beganAt }) {
  return `/calls/${encodeURIComponent(kind)}/${id}/${times}/${mayRepeat ? 1 : 0}/${knownDead}/${beganAt}`
}

/**
 * @param {string} target
 * @returns {Label | undefined}
 */
function readTarget(target) {
  const [, room, kind = '', id = '', times, mayRepeat, knownDead, beganAt] = target.split('/')
  if (room !== 'calls') return undefined
  return {
    id,
    kind: decodeURIComponent(kind),
    times: Number(times),
    mayRepeat: mayRepeat === '1',
    knownDead: Number(knownDead),
    beganAt: Number(beganAt),
  }
}

module.exports = { Api, readTarget, targetOf }
