'use strict'
// Makes calls and judges how they end.

const { getEventListeners } = require('node:events')
const { setTimeout: sleep } = require('node:timers/promises')
const { targetOf } = require('./api.js')
const { faults, none } = require('./faults/index.js')
const { findSecret, isUnanswered, judgeAnswer, judgeError } = require('./verdict.js')

/** @typedef {import('./plan.js').Plan} Plan */
/** @typedef {import('./fleet.js').Member} Member */

/** How much later than its deadline a call may settle, in ms: that much a busy machine may hold everything up. */
const SLACK = 5_000

class Caller {
  #fleet
  #invariants
  #peer
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
   * @param {InstanceType<typeof import('./peer.js').Peer>} peer
   */
  constructor(fleet, invariants, peer) {
    this.#fleet = fleet
    this.#invariants = invariants
    this.#peer = peer
  }

  /** Makes a call to its end, whatever that is. @param {Plan} plan */
  async call(plan) {
    const door = plan.door === undefined ? undefined : this.#peer.ports.broken[plan.door]
    const member = door ? this.#fleet.visit(door) : this.#fleet.members[plan.member]
    if (!member) throw new Error(`there is no client ${plan.member}`)
    const codes = door?.codes ?? (faults[plan.kind] ?? none).codes
    const reason = plan.abortAfter === undefined ? undefined : new Error('the caller went away')
    const end = closeLater(member, plan.closeAfter)
    const began = performance.now()
    this.started += 1
    try {
      const { data } = await this.#send(plan, member, reason)
      this.#checkTime(plan, began)
      this.#note('ok')
      if (data?.replaced > 0) this.#bury(member.identity, data.replaced)
      const fault = judgeAnswer(plan, data, codes)
      this.#invariants.check('every answer is its own, and none a failure', fault === undefined, () => say(plan, fault))
    } catch (error) {
      this.#checkTime(plan, began)
      const { isClosed } = member
      if (isUnanswered(plan, error)) await this.#findOutWhy(plan, Date.now() - plan.timeout)
      this.#note(nameOf(error, reason))
      const fault = judgeError(error, { plan, codes, isClosed, reason })
      this.#invariants.check('every error is due and typed', fault === undefined, () => say(plan, fault))
      const secret = findSecret(error)
      this.#invariants.check('no secret in an error', secret === undefined, () => say(plan, secret))
    } finally {
      this.settled += 1
      if (door) await end()
    }
  }

  /** @param {Plan} plan @param {number} began */
  #checkTime(plan, began) {
    const late = performance.now() - began - plan.timeout
    this.#invariants.check('settled by the deadline', late < SLACK, () => say(plan, `${late} ms late`))
  }

  /**
   * Judges a call that met no fault and had no answer in all its time: a busy machine may hold up the server, and then it
   * saw the call late. Else the call, or its answer, was lost in the client.
   *
   * @param {Plan} plan
   * @param {number} beganAt
   */
  async #findOutWhy(plan, beganAt) {
    await sleep(1_000)
    const { sights, seenAt, actedAt } = await this.#peer.recall(plan.id)
    const wasLate = actedAt - beganAt > plan.timeout - SLACK
    const words = () => `seen ${sights} times, after ${seenAt - beganAt} ms, answered after ${actedAt - beganAt} ms`
    this.#invariants.check('every answer arrives', wasLate, () => say(plan, words()))
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
