'use strict'

/** The answers that are being held back. Ending them lets a server close at once. */
class Waits {
  /** @type {Map<NodeJS.Timeout, () => void>} */
  #pending = new Map()

  /**
   * Wait; resolves to `false` if the waits were ended first.
   *
   * @param {number} delay ms
   * @returns {Promise<boolean>}
   */
  wait(delay) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#pending.delete(timer)
        resolve(true)
      }, delay)
      this.#pending.set(timer, () => resolve(false))
    })
  }

  end() {
    for (const [timer, giveUp] of this.#pending) {
      clearTimeout(timer)
      giveUp()
    }
    this.#pending.clear()
  }
}

exports.Waits = Waits
