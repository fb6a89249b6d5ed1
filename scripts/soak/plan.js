'use strict'
// What each call is: a number and the seed decide it.

const { faults } = require('./faults/index.js')

/** @typedef {InstanceType<typeof import('../random.js').Random>} Random */

/**
 * @typedef {object} Plan
 * @property {string} id
 * @property {string} method
 * @property {string} kind the fault that it meets, or `none`
 * @property {string} [door] the broken door that it goes to
 * @property {number} times how many of its attempts meet the fault
 * @property {number} member which client makes it
 * @property {number} timeout in ms
 * @property {number} maxRetries
 * @property {boolean} [idempotent]
 * @property {number} [abortAfter] in ms; 0 is at once
 * @property {boolean} isWatched whether it has the signal that lives as long as the host
 * @property {number} [closeAfter] for a client of its own: when that is closed, in ms
 */

const METHODS = ['GET', 'GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE']
const KINDS = Object.keys(faults)
/**
 * For a call that meets nothing: no server that works takes so long. A token request that is met with silence is given up
 * after 10 s, and a call that had to wait for it, and for the next, has the rest for itself.
 */
const PATIENT = 15_000
const ALWAYS = 99

/**
 * @param {Random} random
 * @param {number} number
 * @param {number} members
 * @param {readonly string[]} doors
 * @returns {Plan}
 */
function planCall(random, number, members, doors) {
  const draw = random.of(number)
  const kind = draw.chance(0.5) ? 'none' : draw.pick(KINDS)
  const method = draw.pick(METHODS)
  /** @type {Plan} */
  const plan = {
    id: `c${number}`,
    method,
    kind,
    times: kind === 'none' ? 0 : draw.pick([1, 2, ALWAYS]),
    member: draw.between(0, members - 1),
    timeout: kind === 'none' ? PATIENT : draw.between(300, 1_500),
    maxRetries: draw.between(0, 2),
    isWatched: draw.chance(0.125),
  }
  if (draw.chance(0.05)) plan.idempotent = true
  if (draw.chance(0.125)) plan.abortAfter = draw.pick([0, 0, 1, 5, 20, 100, 400])
  if (doors.length > 0 && draw.chance(0.03)) {
    Object.assign(plan, { door: draw.pick(doors), kind: 'none', times: 0, timeout: draw.between(300, 1_500) })
    if (draw.chance(0.2)) plan.closeAfter = draw.between(0, 100)
  }
  return plan
}

module.exports = { ALWAYS, PATIENT, planCall }
