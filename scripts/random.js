'use strict'
// Numbers that look random and come again with their seed.

class Random {
  #state

  /** @param {number} seed any integer */
  constructor(seed) {
    this.#state = seed >>> 0
  }

  /** Makes the source for the thing of this number: the same one, whatever was drawn for other things. @param {number} number */
  of(number) {
    return new Random(mix(this.#state ^ mix(number + 0x9e3779b9)))
  }

  /** Gives a number from 0 up to, but not including, 1 (mulberry32). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let bits = this.#state
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }

  /** @param {number} least @param {number} most */
  between(least, most) {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  /** @param {number} share from 0, never, to 1, always */
  chance(share) {
    return this.next() < share
  }

  /**
   * @template Value
   * @param {readonly Value[]} values
   * @returns {Value}
   */
  pick(values) {
    return /** @type {Value} */ (values[this.between(0, values.length - 1)])
  }
}

/** Spreads an integer over 32 bits (the end of MurmurHash3). @param {number} number */
function mix(number) {
  let bits = number >>> 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

module.exports = { Random }
