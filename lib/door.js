'use strict'
// This environment's side of the door: which call waits for which id. A worker thread has its own.

const { Door } = require('./binding.js')
const { grantBegan, grantEnded } = require('./diagnostics.js')
const tokenStores = require('./token-store.js')

/** How a call ended, besides the HTTP status of an answer. */
const FAILED = 0
const TOKEN = 1
const WARM = 6
const ABORTED = -1
const CLOSED = -2

/** What ends no call. */
const WARNING = 2
const ATTEMPT = 3
const GRANT_BEGAN = 4
const GRANT_ENDED = 5
const ABANDONED = 7
const STORE_WORK = 8

/** @typedef {import('./diagnostics.js').Watch} Watch */
/** @typedef {(kind: number, payload: unknown, attempts?: number) => void} Settle */
/** @typedef {{ settle: Settle, watch: Watch | undefined }} Waiting */

/** @type {Map<number, Waiting>} */
const waiting = new Map()

/** Watches of calls that are settled here and still being stopped there. @type {Map<number, Watch>} */
const leaving = new Map()

/** @type {Door | undefined} */
let opened
let lastId = 0

/** Opens the door with the first call: a program that only imports the package has nothing of it. */
function door() {
  opened ??= new Door(settleBatch)
  return opened
}

/**
 * Notes a call and gives its id.
 *
 * @param {Settle} settle
 * @param {Watch | undefined} watch
 */
function expect(settle, watch) {
  lastId += 1
  waiting.set(lastId, { settle, watch })
  return lastId
}

/**
 * Settles a call, unless it has been.
 *
 * @param {number} id
 * @param {number} kind
 * @param {unknown} payload
 * @param {number} [attempts]
 */
function settle(id, kind, payload, attempts = 0) {
  const call = waiting.get(id)
  if (call !== undefined) {
    waiting.delete(id)
    if (kind < FAILED && call.watch !== undefined) {
      leaving.set(id, call.watch)
    }
    call.settle(kind, payload, attempts)
  }
}

/**
 * Settles what is ready. What became ready meanwhile waits for the next turn of the event loop: the host's own timers and
 * sockets come first.
 *
 * @param {unknown[]} batch
 */
function settleBatch(batch) {
  settleAll(batch)
  setImmediate(settleMore)
}

function settleMore() {
  const batch = door().takeMore()
  if (batch !== null) {
    settleBatch(batch)
  }
}

/** @param {unknown[]} batch `id, kind, payload, attempts` of each call that is ready, and of each event */
function settleAll(batch) {
  for (let index = 0; index < batch.length; index += 4) {
    const id = /** @type {number} */ (batch[index])
    const kind = /** @type {number} */ (batch[index + 1])
    const payload = batch[index + 2]
    if (kind === ABANDONED) {
      leaving.delete(id)
    } else if (kind === STORE_WORK) {
      tokenStores.work(door(), id, /** @type {import('./token-store.js').Work} */ (payload))
    } else if (kind >= WARNING && kind <= GRANT_ENDED) {
      tell(id, kind, payload)
    } else {
      leaving.delete(id)
      settle(id, kind, payload, /** @type {number} */ (batch[index + 3]))
    }
  }
}

/**
 * @param {number} id
 * @param {number} kind
 * @param {any} payload
 */
function tell(id, kind, payload) {
  const watch = waiting.get(id)?.watch ?? leaving.get(id)
  try {
    switch (kind) {
      case WARNING:
        process.emitWarning(`layer1: ${payload}`)
        break
      case ATTEMPT:
        watch?.attemptEnded(payload)
        break
      case GRANT_BEGAN:
        if (watch !== undefined) grantBegan(payload, watch)
        break
      case GRANT_ENDED:
        grantEnded(payload)
        break
    }
  } catch {
    // A subscriber may have frozen its event: that must not keep the calls of this batch from being settled.
  }
}

module.exports = { door, expect, settle, FAILED, TOKEN, WARM, ABORTED, CLOSED }
