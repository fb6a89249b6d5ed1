'use strict'
// What happens to all calls at once: tokens revoked, clients closed, workers killed.

const path = require('node:path')
const { setTimeout: sleep } = require('node:timers/promises')
const { Worker } = require('node:worker_threads')

/** @typedef {InstanceType<typeof import('../random.js').Random>} Random */
/** @typedef {InstanceType<typeof import('./fleet.js').Fleet>} Fleet */

class Disturbances {
  #random
  #fleet
  #revoke
  /** @type {Record<string, number>} */
  made = {}

  /**
   * @param {Random} random
   * @param {Fleet} fleet
   * @param {(identity: string) => void} revoke
   */
  constructor(random, fleet, revoke) {
    this.#random = random
    this.#fleet = fleet
    this.#revoke = revoke
  }

  /** Goes on until a moment of `performance.now()`. @param {number} until */
  async run(until) {
    const kinds = [() => this.#revokeOne(), () => this.#closeOne(), () => this.#killWorker(), () => this.#forceOne()]
    while (performance.now() < until) {
      await sleep(this.#random.between(20, 250))
      await this.#random.pick(kinds)()
    }
  }

  #revokeOne() {
    this.#count('tokens revoked')
    this.#revoke(this.#pickMember().identity)
  }

  async #closeOne() {
    this.#count('clients closed')
    await this.#fleet.replace(this.#random.between(0, this.#fleet.members.length - 1))
  }

  /** Asks for another token: by a caller who insists, or by all who come next. */
  async #forceOne() {
    const { client } = this.#pickMember()
    this.#count('tokens forced')
    if (this.#random.chance(0.5)) client.invalidateToken()
    else await client.getToken({ forceRefresh: true, timeout: 1_000 }).catch(() => {})
  }

  async #killWorker() {
    this.#count('workers killed')
    const worker = new Worker(path.join(__dirname, 'worker.js'), { workerData: { options: this.#fleet.shared } })
    const failed = new Promise((_, reject) => worker.once('error', reject))
    await Promise.race([sleep(this.#random.between(0, 400)), failed])
    await worker.terminate()
  }

  #pickMember() {
    return this.#random.pick(this.#fleet.members)
  }

  /** @param {string} name */
  #count(name) {
    this.made[name] = (this.made[name] ?? 0) + 1
  }
}

module.exports = { Disturbances }
