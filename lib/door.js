'use strict'
// This environment's side of the door: which call waits for which id. A worker thread has its own.

const { Door } = require('./binding.js')

/** How a call ended, besides the HTTP status of an answer. */
const FAILED = 0
const TOKEN = 1
const WARNING = 2
const ABORTED = -1
const CLOSED = -2

/** @typedef {(kind: number, payload: unknown, attempts?: number) => void} Settle */

/** @type {Map<number, Settle>} */
const waiting = new Map()

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
 */
function expect(settle) {
  lastId += 1
  waiting.set(lastId, settle)
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
    call(kind, payload, attempts)
  }
}

/** @param {unknown[]} batch `id, kind, payload, attempts` of each call that is ready */
function settleBatch(batch) {
  for (let index = 0; index < batch.length; index += 4) {
    const kind = /** @type {number} */ (batch[index + 1])
    if (kind === WARNING) {
      process.emitWarning(`layer1: ${batch[index + 2]}`)
    } else {
      const id = /** @type {number} */ (batch[index])
      settle(id, kind, batch[index + 2], /** @type {number} */ (batch[index + 3]))
    }
  }
}

module.exports = { door, expect, settle, FAILED, TOKEN, ABORTED, CLOSED }
