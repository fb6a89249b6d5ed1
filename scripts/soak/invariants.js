'use strict'
// What has to hold throughout: how often each was looked at, and what broke it.

const SHOWN = 20

class Invariants {
  /** @type {Map<string, { checks: number, broken: string[] }>} */
  #entries = new Map()

  /**
   * @param {string} name
   * @param {boolean} holds
   * @param {string | (() => string)} [detail]
   */
  check(name, holds, detail = '') {
    const entry = this.#entry(name)
    entry.checks += 1
    if (!holds) this.#break(entry, name, typeof detail === 'string' ? detail : detail())
  }

  /** Takes in what the server found broken. @param {string} name @param {string} detail */
  report(name, detail) {
    this.#break(this.#entry(name), name, detail)
  }

  /** Takes in what the server looked at. @param {Record<string, number>} checks */
  count(checks) {
    for (const [name, count] of Object.entries(checks)) this.#entry(name).checks += count
  }

  get isAnyBroken() {
    return this.list().some(({ broken }) => broken > 0)
  }

  list() {
    return [...this.#entries].map(([name, { checks, broken }]) => ({ name, checks, broken: broken.length }))
  }

  /** @param {string} name */
  #entry(name) {
    const entry = this.#entries.get(name) ?? { checks: 0, broken: [] }
    this.#entries.set(name, entry)
    return entry
  }

  /** @param {{ broken: string[] }} entry @param {string} name @param {string} detail */
  #break(entry, name, detail) {
    entry.broken.push(detail)
    if (entry.broken.length <= SHOWN) console.error(`BROKEN: ${name}: ${detail}`)
  }
}

module.exports = { Invariants }
