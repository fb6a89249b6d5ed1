'use strict'
// What a program can watch: two tracing channels, and a line for each attempt with NODE_DEBUG=layer1. Nothing here ever
// holds a token, a secret or a query. See https://nodejs.org/api/diagnostics_channel.html#class-tracingchannel.

const { AsyncLocalStorage } = require('node:async_hooks')
const { tracingChannel } = require('node:diagnostics_channel')
const { debuglog } = require('node:util')
const { escapeUnseen } = require('./escape.js')
const { toError } = require('./failure.js')

/** @typedef {import('./binding.d.ts').AttemptData} AttemptData */
/** @typedef {import('./binding.d.ts').GrantData} GrantData */
/** @typedef {import('../index.d.ts').Layer1RequestEvent} RequestEvent */
/** @typedef {import('../index.d.ts').Layer1TokenEvent} TokenEvent */
/** @typedef {{ clientId: string, tokenUrl: string }} Owner */

/** @typedef {(run: () => void) => void} InContext */

/**
 * @typedef {object} Watch what hears of a call while it goes on
 * @property {Owner} owner
 * @property {(attempt: AttemptData) => void} attemptEnded
 * @property {InContext} inContext runs something in the asynchronous context of the call
 */

/** @type {import('node:diagnostics_channel').TracingChannel<unknown, any>} */
const requests = tracingChannel('layer1:request')
/** @type {import('node:diagnostics_channel').TracingChannel<unknown, any>} */
const tokens = tracingChannel('layer1:token')
const debug = debuglog('layer1')

/** The token requests that have begun and not ended. @type {Map<number, { event: TokenEvent, inContext: InContext }>} */
const grants = new Map()

/** Tells whether anything of a call is watched. */
function isWatched() {
  return requests.hasSubscribers || tokens.hasSubscribers || debug.enabled
}

/** Tells whether token requests are watched. */
function areTokensWatched() {
  return tokens.hasSubscribers
}

/**
 * Runs a call in sight of whoever watches. Its result stays out of the event: it is not the watcher's.
 *
 * @template T
 * @param {{ method: string, path: string }} place
 * @param {Owner} owner
 * @param {(watch: Watch, event: RequestEvent) => Promise<T>} run
 * @returns {Promise<T>}
 */
async function watchRequest({ method, path }, owner, run) {
  /** @type {RequestEvent} */
  const event = { method, path, headers: {}, attempt: 0, attempts: [] }
  const inContext = AsyncLocalStorage.snapshot()
  const watch = { owner, attemptEnded: (/** @type {AttemptData} */ attempt) => noteAttempt(event, attempt), inContext }
  if (!requests.hasSubscribers) {
    return await run(watch, event)
  }
  /** @type {Promise<T> | undefined} */
  let running
  try {
    await requests.tracePromise(async () => {
      running = run(watch, event)
      await running
    }, event)
  } catch (error) {
    // What the call itself ends with counts, whatever a subscriber has done to the event.
    if (running === undefined) {
      throw error
    }
  }
  return await /** @type {Promise<T>} */ (running)
}

/**
 * Makes the watch of a call that only asks for a token.
 *
 * @param {Owner} owner
 * @returns {Watch}
 */
function watchTokens(owner) {
  return { owner, attemptEnded() {}, inContext: AsyncLocalStorage.snapshot() }
}

/**
 * @param {RequestEvent} event
 * @param {AttemptData} data
 */
function noteAttempt(event, { number, status, code, tokenSource, ...timings }) {
  const attempt = {
    attempt: number,
    ...(tokenSource && { tokenSource }),
    timings,
    ...(status === undefined ? { code } : { status }),
  }
  event.attempts.push(/** @type {RequestEvent['attempts'][number]} */ (attempt))
  Object.assign(event, { status: undefined, code: undefined, ...attempt })
  debug('%s', debugLine(event, attempt))
}

/**
 * @param {RequestEvent} event
 * @param {{ attempt: number, tokenSource?: string | undefined, timings: Record<string, number>, status?: number, code?: string | undefined }} attempt
 */
function debugLine({ method, path }, { attempt, tokenSource, timings, status, code }) {
  const total = Object.values(timings).reduce((sum, time) => sum + time, 0)
  const parts = Object.entries(timings).map(([phase, time]) => `${phase} ${time.toFixed(1)}`)
  const ending = status ?? code ?? 'given up'
  const origin = tokenSource ? `token from ${tokenSource}` : 'signed'
  const line = `${method} ${path.replaceAll(' ', '%20')} attempt ${attempt}: ${ending} in ${total.toFixed(1)} ms (${parts.join(', ')}), ${origin}`
  // A path may hold anything that its caller wrote.
  return escapeUnseen(JSON.stringify(line).slice(1, -1))
}

/**
 * Tells of a token request that began, in the context of the call that began it.
 *
 * @param {number} grant
 * @param {Watch} watch
 */
function grantBegan(grant, { owner: { clientId, tokenUrl }, inContext }) {
  /** @type {TokenEvent} */
  const event = { clientId, tokenUrl }
  grants.set(grant, { event, inContext })
  inContext(() => {
    tokens.start.runStores(event, () => {})
    tokens.end.publish(event)
  })
}

/**
 * Tells of a token request that ended.
 *
 * @param {GrantData} data
 */
function grantEnded({ grant, expiresAt, scope, failure, store }) {
  const begun = grants.get(grant)
  if (begun === undefined) {
    return
  }
  grants.delete(grant)
  const { event, inContext } = begun
  inContext(() => {
    if (store !== undefined) {
      event.store = /** @type {NonNullable<TokenEvent['store']>} */ (store)
    }
    if (failure !== undefined) {
      event.error = /** @type {any} */ (toError(/** @type {import('./failure.js').Failure} */ (failure), {}))
      tokens.error.publish(event)
    } else if (expiresAt !== undefined) {
      event.expiresAt = new Date(expiresAt)
      event.scope = scope ?? []
    }
    tokens.asyncStart.publish(event)
    tokens.asyncEnd.publish(event)
  })
}

module.exports = { isWatched, areTokensWatched, watchRequest, watchTokens, grantBegan, grantEnded }
