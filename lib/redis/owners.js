'use strict'

/** Locks live seconds; who has not released one by then, in ms, never will. */
const LONGEST_USE = 60_000

/**
 * Remembers under which names a store has acquired its locks, so that it releases those alone.
 *
 * A lock may end while its holder is at work, and be acquired anew by the same store: two holders of one key. The first to
 * release is given the oldest name. That may be the other's, but never a name whose lock somebody still relies on: when the
 * newest name is handed out, all who held the lock have released it.
 */
class Owners {
  /** In the order they were acquired. @type {{ lock: string, owner: string, since: number }[]} */
  #held = []
  #now

  /** @param {() => number} [now] ms of a clock that is never set back */
  constructor(now = () => performance.now()) {
    this.#now = now
  }

  /**
   * @param {string} lock
   * @param {string} owner
   */
  add(lock, owner) {
    const since = this.#now()
    this.#held = this.#held.filter((held) => since - held.since < LONGEST_USE)
    this.#held.push({ lock, owner, since })
  }

  /** @param {string} lock */
  take(lock) {
    const index = this.#held.findIndex((held) => held.lock === lock)
    return index < 0 ? undefined : this.#held.splice(index, 1)[0]?.owner
  }
}

module.exports = { Owners }
