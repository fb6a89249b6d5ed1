'use strict'
// Counts what is tried for a row of the catalogue, for the table at the end of all tests.

/** One row's count of what was tried, and what failed. */
class Ledger {
  #t
  #tried = 0
  /** @type {Error[]} */
  #failures = []

  /** @param {import('node:test').TestContext} t */
  constructor(t) {
    this.#t = t
  }

  /**
   * Tries one variant; one that fails does not keep the others from being tried.
   *
   * @param {string} name
   * @param {() => unknown} attempt
   */
  async enter(name, attempt) {
    this.#tried += 1
    await this.check(name, attempt)
  }

  /**
   * Checks what holds for all variants together.
   *
   * @param {string} name
   * @param {() => unknown} attempt
   */
  async check(name, attempt) {
    try {
      await attempt()
    } catch (error) {
      this.#failures.push(new Error(`${name}: ${/** @type {Error} */ (error).message}`, { cause: error }))
    }
  }

  /** Tells how many there were, in the words that scripts/test.js reads, and fails if one did. */
  close() {
    this.#t.diagnostic(`Fault: ${this.#tried} variants, ${this.#failures.length} failures: ${this.#t.name}`)
    if (this.#failures.length > 0) {
      throw new AggregateError(this.#failures, this.#failures.map(({ message }) => message).join('\n'))
    }
  }
}

module.exports = { Ledger }
