'use strict'
// Watchers of the tracing channels: https://nodejs.org/api/diagnostics_channel.html

const assert = require('node:assert/strict')
const { tracingChannel } = require('node:diagnostics_channel')
const { answerOk, grantToken, sendJson, startPeer } = require('./peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('layer1').Layer1RequestEvent} RequestEvent */
/** @typedef {import('layer1').Layer1TokenEvent} TokenEvent */
/** @typedef {import('./peer.js').Answerer} Answerer */

/**
 * @template Event
 * @typedef {{ stage: string, event: Event }} Sighting
 */

const stages = ['start', 'end', 'asyncStart', 'asyncEnd', 'error']
const phases = ['token', 'queue', 'connect', 'headers', 'body']

/**
 * Subscribes to a tracing channel, for as long as the test runs.
 *
 * @param {TestContext} t
 * @param {string} name
 * @param {Record<string, (event: any) => void>} handlers
 */
function subscribe(t, name, handlers) {
  const channel = /** @type {any} */ (tracingChannel(name))
  channel.subscribe(handlers)
  t.after(() => channel.unsubscribe(handlers))
  return () => channel.unsubscribe(handlers)
}

/**
 * Records all that a tracing channel shows, for as long as the test runs.
 *
 * @param {TestContext} t
 * @param {string} name
 * @param {(event: any) => boolean} [isWanted]
 */
function record(t, name, isWanted = () => true) {
  /** @type {Sighting<any>[]} */
  const seen = []
  const note = (/** @type {string} */ stage) => (/** @type {any} */ event) => {
    if (isWanted(event)) seen.push({ stage, event })
  }
  subscribe(t, name, Object.fromEntries(stages.map((stage) => [stage, note(stage)])))
  return seen
}

/** @param {TestContext} t @returns {Sighting<RequestEvent>[]} */
function recordRequests(t) {
  return record(t, 'layer1:request')
}

/**
 * Records the token requests that go to one peer: those of an earlier test may end late.
 *
 * @param {TestContext} t
 * @param {{ options: { tokenUrl: string } }} peer
 * @returns {Sighting<TokenEvent>[]}
 */
function recordTokens(t, { options }) {
  return record(t, 'layer1:token', ({ tokenUrl }) => tokenUrl === options.tokenUrl)
}

/**
 * Gives the events that reached a stage, in order.
 *
 * @template Event
 * @param {Sighting<Event>[]} seen
 * @param {string} [stage]
 */
function eventsOf(seen, stage = 'asyncEnd') {
  return seen.filter((sighting) => sighting.stage === stage).map(({ event }) => event)
}

/** @param {Sighting<unknown>[]} seen */
function stagesOf(seen) {
  return seen.map(({ stage }) => stage)
}

/**
 * Asserts that one event object went through these stages, in this order, and gives it.
 *
 * @template Event
 * @param {Sighting<Event>[]} seen
 * @param {string[]} expected
 * @returns {Event}
 */
function theOne(seen, expected) {
  assert.deepEqual(stagesOf(seen), expected)
  const events = new Set(seen.map(({ event }) => event))
  assert.equal(events.size, 1, 'the stages have different event objects')
  return /** @type {Event} */ ([...events][0])
}

const SUCCESS = ['start', 'end', 'asyncStart', 'asyncEnd']
const FAILURE = ['start', 'end', 'error', 'asyncStart', 'asyncEnd']

/**
 * Starts an API and a token endpoint with connections of their own.
 *
 * @param {TestContext} t
 * @param {{ token?: Answerer, api?: Answerer }} [manners]
 */
async function startBoth(t, { token = grantToken, api = answerOk } = {}) {
  const [peer, realm] = [await startPeer(t, { api }), await startPeer(t, { token })]
  return { peer, realm, options: { ...peer.options, tokenUrl: realm.options.tokenUrl } }
}

/**
 * Answers requests one after the other, each in its own way, and the later ones well.
 *
 * @param {Answerer[]} answers
 * @returns {Answerer}
 */
function inTurn(...answers) {
  return (request, response, count) => (answers[count - 1] ?? answerOk)(request, response, count)
}

/** @param {number} status @returns {Answerer} */
function withStatus(status) {
  return (_request, response) => sendJson(response, status, {})
}

/** @type {Answerer} */
const breakOff = ({ socket }) => void socket.destroy()

/**
 * Holds requests back until they are released.
 *
 * @param {Answerer} answer
 */
function holding(answer) {
  /** @type {(() => void)[]} */
  const held = []
  return {
    /** @type {Answerer} */
    answer: (...args) => void held.push(() => answer(...args)),
    release: () => {
      for (const go of held.splice(0)) go()
    },
  }
}

/** What each attempt was, without its times. @param {RequestEvent | undefined} event */
function courseOf(event) {
  return event?.attempts.map(({ timings, ...attempt }) => attempt)
}

/** @param {RequestEvent | undefined} event */
function timingsOf(event) {
  const { timings } = event ?? {}
  assert.ok(timings, 'there are no timings')
  return timings
}

/** @param {Record<string, number>} timings */
function sum(timings) {
  return Object.values(timings).reduce((total, time) => total + time, 0)
}

module.exports = {
  subscribe,
  record,
  recordRequests,
  recordTokens,
  eventsOf,
  stagesOf,
  theOne,
  startBoth,
  inTurn,
  withStatus,
  holding,
  courseOf,
  timingsOf,
  sum,
  stages,
  phases,
  SUCCESS,
  FAILURE,
  breakOff,
}
