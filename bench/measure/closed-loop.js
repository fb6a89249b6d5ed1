'use strict'
// So many callers, each of which makes its next call when its last has ended.

const { performance } = require('node:perf_hooks')
const { Meter } = require('./meter.js')
const { TimerWatch } = require('./timer.js')

/** @typedef {import('../types.d.ts').Client} Client */
/** @typedef {import('../types.d.ts').Figures} Figures */
/** @typedef {Pick<import('../types.d.ts').Load, 'path' | 'callers' | 'warmUp' | 'measure' | 'watchesTimer'>} Load */

/** Callers that go on, without being drained, from warm-up to measurement and to its end. */
class Callers {
  #meter = new Meter()
  /** @type {InstanceType<typeof TimerWatch> | undefined} */
  #timer
  #load
  #isWarm = false
  #isOver = false
  /** When the present phase ends. */
  #deadline
  /** @type {(figures: Figures) => void} */
  #finish = () => {}

  /** @param {Load} load */
  constructor(load) {
    this.#load = load
    this.#deadline = performance.now() + load.warmUp
    this.#timer = load.watchesTimer ? new TimerWatch() : undefined
  }

  /**
   * @param {Client[]} clients the callers take them in turn
   * @returns {Promise<Figures>}
   */
  run(clients) {
    return new Promise((resolve, reject) => {
      this.#finish = resolve
      for (let caller = 0; caller < this.#load.callers; caller++) {
        this.#callOn(/** @type {Client} */ (clients[caller % clients.length])).catch(reject)
      }
    })
  }

  /** @param {Client} client */
  async #callOn(client) {
    const { path } = this.#load
    while (!this.#isOver) {
      const began = performance.now()
      await client.get(path)
      const now = performance.now()
      this.#meter.record(now - began)
      // Not by a timer: a client that holds the event loop up would hold up the end of its measurement too.
      if (now >= this.#deadline) this.#goOn(now)
    }
  }

  /** @param {number} now */
  #goOn(now) {
    if (!this.#isWarm) {
      this.#isWarm = true
      this.#deadline = now + this.#load.measure
      this.#timer?.restart()
      this.#meter.start()
    } else if (!this.#isOver) {
      this.#isOver = true
      this.#finish({ ...this.#meter.stop(), ...this.#timer?.figures() })
    }
  }
}

/**
 * @param {Client[]} clients
 * @param {Load} load
 */
function runCallers(clients, load) {
  return new Callers(load).run(clients)
}

/** @param {import('../types.d.ts').Load} load */
async function closedLoop(load) {
  const { create } = require(`../clients/${load.client}.js`)
  const client = await create(load.options)
  await client.authorize()
  return await runCallers([client], load)
}

module.exports = { measure: closedLoop, runCallers }
