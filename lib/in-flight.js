'use strict'

const { onAbort } = require('./abort.js')
const { defect } = require('./defect.js')
const { expect, settle, FAILED, ABORTED, CLOSED } = require('./door.js')

/** @typedef {import('./diagnostics.js').Watch} Watch */
/** @typedef {{ kind: number, payload: unknown, attempts: number }} Outcome */

/** The calls of one client that are not settled. */
class InFlight {
  #cancel
  /** @type {Set<number>} */
  #ids = new Set()

  /** @param {(id: number) => void} cancel stops the native work of a call */
  constructor(cancel) {
    this.#cancel = cancel
  }

  get size() {
    return this.#ids.size
  }

  /**
   * Starts native work and waits for its end, its caller's abort, or the end of the client.
   *
   * @param {AbortSignal | undefined} signal
   * @param {Watch | undefined} watch
   * @param {(id: number) => void} begin
   * @returns {Promise<Outcome>}
   */
  start(signal, watch, begin) {
    if (signal?.aborted) {
      return Promise.resolve({ kind: ABORTED, payload: signal.reason, attempts: 0 })
    }
    return new Promise((resolve) => {
      /** @type {(() => void) | undefined} */
      let endInterest
      const id = expect((kind, payload, attempts = 0) => {
        this.#ids.delete(id)
        endInterest?.()
        resolve({ kind, payload, attempts })
      }, watch)
      this.#ids.add(id)
      if (signal) {
        endInterest = onAbort(signal, () => {
          this.#cancel(id)
          settle(id, ABORTED, signal.reason)
        })
      }
      try {
        begin(id)
      } catch (error) {
        settle(id, FAILED, defect(error))
      }
    })
  }

  /** Ends every call: its client is closed. */
  close() {
    for (const id of [...this.#ids]) {
      settle(id, CLOSED, undefined)
    }
  }
}

module.exports = { InFlight }
