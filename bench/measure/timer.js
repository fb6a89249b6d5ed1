'use strict'
// What the rest of a program feels of its clients: how late a timer of 1 ms is.

const { performance } = require('node:perf_hooks')
const { quantile } = require('./meter.js')

class TimerWatch {
  /** @type {number[]} */
  #lateness = []
  #due = 0

  constructor() {
    this.#arm()
  }

  /** Forgets what was seen. */
  restart() {
    this.#lateness = []
  }

  /** @returns {import('../types.d.ts').Figures} */
  figures() {
    // The timer that is due and has not come counts too: a loop that is held up for the whole time has no other.
    const overdue = performance.now() - this.#due
    const sorted = [...this.#lateness, ...(overdue > 0 ? [overdue] : [])].sort((a, b) => a - b)
    return {
      latenessP50: quantile(sorted, 0.5),
      latenessP99: quantile(sorted, 0.99),
      latenessMost: sorted.at(-1) ?? Number.NaN,
    }
  }

  #arm() {
    this.#due = performance.now() + 1
    setTimeout(() => {
      this.#lateness.push(performance.now() - this.#due)
      this.#arm()
    }, 1)
  }
}

module.exports = { TimerWatch }
