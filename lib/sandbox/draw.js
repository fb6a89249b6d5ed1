'use strict'

const { createHash } = require('node:crypto')

/** Every date drawn lies in the year from here on, in ms since the epoch: 2025-01-01. */
const FIRST_DATE = Date.UTC(2025, 0, 1)
const YEAR = 365 * 24 * 60 * 60 * 1000

/** An endless supply of made-up values from a name: the same name gives the same values, in any process. */
class Draw {
  #name
  #round = 0
  #digits = ''

  /** @param {string} name such as `address 17` */
  constructor(name) {
    this.#name = name
  }

  /**
   * Draw this many hexadecimal digits.
   *
   * @param {number} length
   */
  hex(length) {
    while (this.#digits.length < length) {
      this.#digits += createHash('sha256').update(`${this.#name} ${this.#round}`).digest('hex')
      this.#round += 1
    }
    const drawn = this.#digits.slice(0, length)
    this.#digits = this.#digits.slice(length)
    return drawn
  }

  /**
   * Draw a whole number from 0 up to, not including, `limit`.
   *
   * @param {number} limit at most 2 ** 32
   */
  below(limit) {
    return Math.floor((Number.parseInt(this.hex(8), 16) / 2 ** 32) * limit)
  }

  /**
   * Draw one of a list.
   *
   * @template T
   * @param {readonly T[]} list
   * @returns {T}
   */
  one(list) {
    return /** @type {T} */ (list[this.below(list.length)])
  }

  /**
   * Draw this many characters of an alphabet.
   *
   * @param {string} alphabet
   * @param {number} length
   */
  characters(alphabet, length) {
    return Array.from({ length }, () => alphabet[this.below(alphabet.length)]).join('')
  }

  /** Draw a UUID, version 4 by its looks. */
  uuid() {
    const variant = this.one(['8', '9', 'a', 'b'])
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-${variant}${this.hex(3)}-${this.hex(12)}`
  }

  /**
   * Draw a decimal number, in digits: `whole` of them before the point and `decimals` after it, the last one not 0.
   *
   * @param {number} whole
   * @param {number} decimals
   */
  decimal(whole, decimals) {
    const before = whole === 0 ? '0' : this.characters('123456789', 1) + this.characters('0123456789', whole - 1)
    if (decimals === 0) return before
    return `${before}.${this.characters('0123456789', decimals - 1)}${this.characters('123456789', 1)}`
  }

  /** Draw an RFC 3339 date with 3 to 9 decimals, as Layer1 sends them. */
  date() {
    const time = new Date(FIRST_DATE + this.below(YEAR / 1000) * 1000)
    return time.toISOString().replace(/\.\d+Z$/, `.${this.characters('0123456789', this.one([3, 6, 6, 9]))}Z`)
  }
}

exports.Draw = Draw
