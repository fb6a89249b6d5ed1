'use strict'
// What the server has seen, and what it must never see.

/** @typedef {import('./wire.js').Request} Request */
/** @typedef {import('./grants.js').Token} Token */
/** @typedef {{ sights: number, seenAt: number, actedAt: number, mayComeAgain: boolean, refused: number }} Sighting */

/**
 * @typedef {object} Label what a call says of itself in its target
 * @property {string} id
 * @property {string} kind the fault that it wants to meet
 * @property {number} times with how many attempts
 * @property {boolean} mayRepeat whether its caller said that doing it twice is fine
 * @property {number} knownDead the newest token that the caller knew to be refused and replaced when it began
 * @property {number} beganAt in ms since 1970
 */

const PAYMENTS = new Set(['POST', 'PATCH'])

class Ledger {
  #tell
  /** @type {Map<string, Sighting>} */
  #sightings = new Map()
  /** How often each invariant was looked at. @type {Record<string, number>} */
  checks = {}
  /** @type {Record<string, number>} */
  injected = {}
  requests = 0

  /** @param {(name: string, detail: string) => void} tell hears of what is broken, at once */
  constructor(tell) {
    this.#tell = tell
  }

  /**
   * @param {string} name that of an invariant
   * @param {boolean} holds
   * @param {string} [detail]
   */
  check(name, holds, detail = '') {
    this.checks[name] = (this.checks[name] ?? 0) + 1
    if (!holds) this.#tell(name, detail)
  }

  /** Counts a fault. @param {string} kind */
  inject(kind) {
    this.injected[kind] = (this.injected[kind] ?? 0) + 1
  }

  /**
   * Notes a call as soon as its head is there.
   *
   * @param {Label} label
   * @param {Request} request
   */
  see(label, request) {
    this.requests += 1
    const before = this.#sightings.get(label.id)
    const sighting = before ?? { sights: 0, seenAt: 0, actedAt: 0, mayComeAgain: true, refused: 0 }
    if (PAYMENTS.has(request.method) && !label.mayRepeat) {
      const { method } = request
      this.check('no POST or PATCH seen twice', sighting.mayComeAgain, `${method} ${label.id} (${label.kind})`)
    }
    sighting.sights += 1
    sighting.seenAt = Date.now()
    sighting.mayComeAgain = false
    this.#sightings.set(label.id, sighting)
    return sighting
  }

  /**
   * Judges the token of a call: one that the host knew to be refused, or past its end, before the call began must not come.
   *
   * @param {Label} label
   * @param {Sighting} sighting
   * @param {Token} token
   */
  judge(label, sighting, token) {
    const { generation, identity, endsAt } = token
    const name = 'no token sent after its 401 or its end'
    const isKnown = generation <= label.knownDead
    const late = label.beganAt - endsAt
    this.check(
      name,
      !isKnown,
      `${identity}.${generation} for ${label.id}, which began when ${label.knownDead} was dead`,
    )
    this.check(name, generation > sighting.refused, `${identity}.${generation} for ${label.id} again, after its 401`)
    this.check(name, late < 0, `${identity}.${generation} for ${label.id}, ${late} ms late`)
  }

  /** Says what is known of a call. @param {string} id */
  recall(id) {
    const { sights = 0, seenAt = 0, actedAt = 0 } = this.#sightings.get(id) ?? {}
    return { id, sights, seenAt, actedAt }
  }

  /** Forgets the calls: all of them are settled. */
  tidy() {
    this.#sightings.clear()
  }
}

module.exports = { Ledger }
