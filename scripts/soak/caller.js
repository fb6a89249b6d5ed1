'use strict'
// Makes calls and judges how they end.

const { getEventListeners } = require('node:events')
const { targetOf } = require('./api.js')
const { faults, none } = require('./faults/index.js')
const { findSecret, judgeAnswer, judgeError } = require('./verdict.js')

/** @typedef {import('./plan.js').Plan} Plan */
/** @typedef {import('./fleet.js').Member} Member */

/** How much later than its deadline a call may settle, in ms: that much a busy machine may hold everything up. */
const SLACK = 5_000

class Caller {
  #fleet
  #invariants
  #doors
  /** Of each identity, the newest token that was refused and replaced. @type {Map<string, number>} */
  #dead = new Map()
  /** One signal for many calls. */
  #watch = new AbortController()
  started = 0
  settled = 0
  aborts = 0
  closes = 0
  /** How calls ended. @type {Record<string, number>} */
  endings = {}

  /**
   * @param {InstanceType<typeof import('./fleet.js').Fleet>} fleet
   * @param {InstanceType<typeof import('./invariants.js').Invariants>} invariants
   * @param {Record<string, import('./doors.js').Door>} doors
   */
  constructor(fleet, invariants, doors) {
    this.#fleet = fleet
    this.#invariants = invariants
    this.#doors = doors
  }

  /** Makes a call to its end, whatever that is. @param {Plan} plan */
  async call(plan) {
    const door = plan.door === undefined ? undefined : this.#doors[plan.door]
    const member = door ? this.#fleet.visit(door) : this.#fleet.members[plan.member]
    if (!member) throw new Error(`there is no client ${plan.member}`)
    const codes = door?.codes ?? (faults[plan.kind] ?? none).codes
    const reason = plan.abortAfter === undefined ? undefined : new Error('the caller went away')
    const end = closeLater(member, plan.closeAfter)
    const began = performance.now()
    this.started += 1
    try {
      const { data } = await this.#send(plan, member, reason)
      this.#note('ok')
      if (data?.replaced > 0) this.#bury(member.identity, data.replaced)
      const fault = judgeAnswer(plan, data, codes)
      this.#invariants.check('every answer is its own, and none a failure', fault === undefined, () => say(plan, fault))
    } catch (error) {
      const { isClosed } = member
      this.#note(nameOf(error, reason))
      const fault = judgeError(error, { plan, codes, isClosed, reason })
      this.#invariants.check('every error is due and typed', fault === undefined, () => say(plan, fault))
      const secret = findSecret(error)
      this.#invariants.check('no secret in an error', secret === undefined, () => say(plan, secret))
    } finally {
      this.settled += 1
      const late = performance.now() - began - plan.timeout
      this.#invariants.check('settled by the deadline', late < SLACK, () => say(plan, `${late} ms late`))
      if (door) await end()
    }
  }

  /** Counts the listeners that are left on the signal that many calls had. */
  get listeners() {
    return getEventListeners(this.#watch.signal, 'abort').length
  }

  /**
   * @param {Plan} plan
   * @param {Member} member
   * @param {unknown} reason
   */
  async #send(plan, member, reason) {
    const { id, kind, times, method, timeout, maxRetries, idempotent = null } = plan
    const knownDead = this.#dead.get(member.identity) ?? 0
    const target = targetOf({ id, kind, times, mayRepeat: idempotent === true, knownDead, beganAt: Date.now() })
    const signal = reason === undefined ? (plan.isWatched ? this.#watch.signal : null) : abortLater(plan, reason)
    const body = method === 'GET' || method === 'DELETE' ? undefined : { id, filler: 'x'.repeat(id.length * 100) }
    return /** @type {{ data: any }} */ (
      await member.client.request(method, target, { body, timeout, maxRetries, idempotent, signal })
    )
  }

  /** @param {string} identity @param {number} generation */
  #bury(identity, generation) {
    this.#dead.set(identity, Math.max(generation, this.#dead.get(identity) ?? 0))
  }

  /** @param {string} ending */
  #note(ending) {
    this.endings[ending] = (this.endings[ending] ?? 0) + 1
    if (ending === 'aborted') this.aborts += 1
    if (ending === 'CLOSED') this.closes += 1
  }
}

/** @param {Plan} plan @param {unknown} reason */
function abortLater(plan, reason) {
  const controller = new AbortController()
  if (plan.abortAfter === 0) setImmediate(() => controller.abort(reason))
  else setTimeout(() => controller.abort(reason), plan.abortAfter)
  return controller.signal
}

/**
 * Closes a client when its time has come, or when that is asked for.
 *
 * @param {Member} member
 * @param {number | undefined} ms
 */
function closeLater(member, ms) {
  const end = () => {
    member.isClosed = true
    return member.client.close()
  }
  const timer = ms === undefined ? undefined : setTimeout(end, ms)
  return () => {
    clearTimeout(timer)
    return end()
  }
}

/** @param {any} error @param {unknown} reason */
function nameOf(error, reason) {
  if (reason !== undefined && error === reason) return 'aborted'
  return String(error?.code ?? error).replace('ERR_LAYER1_', '')
}

/** @param {Plan} plan @param {string | undefined} fault */
function say(plan, fault) {
  return `${plan.method} ${plan.id} (${plan.door ?? plan.kind}): ${fault}`
}

module.exports = { Caller }
