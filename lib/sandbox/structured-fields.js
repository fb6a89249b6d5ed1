'use strict'

/**
 * @typedef {object} Item a bare item and its parameters (RFC 8941 §3.3)
 * @property {'integer' | 'string' | 'token' | 'bytes' | 'boolean'} type
 * @property {string} value what it says; of bytes the base64
 * @property {string} text how it is written, the one right way
 * @property {Map<string, Item>} parameters
 */

/**
 * @typedef {object} Member of a dictionary: one item, or a list of them
 * @property {Item[] | undefined} list
 * @property {Item | undefined} item
 * @property {Map<string, Item>} parameters of the whole
 */

/** @type {[type: Item['type'], pattern: RegExp][]} */
const BARE_ITEMS = [
  ['integer', /(-?\d{1,15})(?![\d.])/y],
  ['string', /"((?:[ !#-[\]-~]|\\["\\])*)"/y],
  ['bytes', /:([A-Za-z0-9+/]*={0,2}):/y],
  ['boolean', /\?([01])/y],
  ['token', /([A-Za-z*][!#$%&'*+\-.^_`|~\w:/]*)/y],
]

const KEY = /[a-z*][a-z0-9_\-.*]*/y

/**
 * Parse a dictionary (RFC 8941 §4.2.2), as far as signatures and digests need it: no dates, no decimals.
 * Throws a `SyntaxError` for anything else.
 *
 * @param {string} text
 * @returns {Map<string, Member>}
 */
function parseDictionary(text) {
  const scanner = new Scanner(text.trim())
  /** @type {Map<string, Member>} */
  const members = new Map()
  while (true) {
    const key = scanner.need(KEY)
    // A member that comes again takes the place of the one before (§3.2).
    members.delete(key)
    members.set(key, scanner.take(/=/y) === undefined ? truth(scanner) : member(scanner))
    if (scanner.isAtEnd) return members
    scanner.need(/[ \t]*,[ \t]*/y)
  }
}

/**
 * Write a list of items the one right way (RFC 8941 §4.1.1.1), which is what is signed of it.
 *
 * @param {Member} member
 */
function serializeList({ list = [], parameters }) {
  const items = list.map((item) => item.text + serializeParameters(item.parameters))
  return `(${items.join(' ')})${serializeParameters(parameters)}`
}

/** @param {Map<string, Item>} parameters */
function serializeParameters(parameters) {
  return [...parameters].map(([key, { text }]) => (text === '?1' ? `;${key}` : `;${key}=${text}`)).join('')
}

/** A text and how far it was read. */
class Scanner {
  #text
  #at = 0

  /** @param {string} text */
  constructor(text) {
    this.#text = text
  }

  get isAtEnd() {
    return this.#at === this.#text.length
  }

  /**
   * Read what fits a sticky pattern: its group, if it has one; `undefined` if nothing fits.
   *
   * @param {RegExp} pattern
   */
  take(pattern) {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (!match) return undefined
    this.#at = pattern.lastIndex
    return match[1] ?? match[0]
  }

  /** @param {RegExp} pattern */
  need(pattern) {
    const taken = this.take(pattern)
    return taken === undefined ? this.fail() : taken
  }

  /** @returns {never} */
  fail() {
    throw new SyntaxError(`it cannot be read from character ${this.#at + 1} on`)
  }
}

/**
 * @param {Scanner} scanner
 * @returns {Member}
 */
function member(scanner) {
  if (scanner.take(/\( */y) === undefined) {
    const item = readItem(scanner)
    return { item, list: undefined, parameters: item.parameters }
  }
  /** @type {Item[]} */
  const list = []
  while (scanner.take(/\)/y) === undefined) {
    list.push(readItem(scanner))
    scanner.need(/ +|(?=\))/y)
  }
  return { item: undefined, list, parameters: readParameters(scanner) }
}

/**
 * @param {Scanner} scanner
 * @returns {Item}
 */
function readItem(scanner) {
  const bare = readBareItem(scanner)
  return { ...bare, parameters: readParameters(scanner) }
}

/**
 * @param {Scanner} scanner
 * @returns {Item}
 */
function readBareItem(scanner) {
  for (const [type, pattern] of BARE_ITEMS) {
    const taken = scanner.take(pattern)
    if (taken !== undefined) return bareItem(type, taken)
  }
  return scanner.fail()
}

/**
 * @param {Item['type']} type
 * @param {string} taken
 * @returns {Item}
 */
function bareItem(type, taken) {
  const parameters = new Map()
  if (type === 'integer') return { type, value: String(Number(taken)), text: String(Number(taken)), parameters }
  if (type === 'string') return { type, value: taken.replaceAll(/\\(.)/g, '$1'), text: `"${taken}"`, parameters }
  if (type === 'bytes') return { type, value: taken, text: `:${taken}:`, parameters }
  return { type, value: taken, text: type === 'boolean' ? `?${taken}` : taken, parameters }
}

/**
 * @param {Scanner} scanner
 * @returns {Map<string, Item>}
 */
function readParameters(scanner) {
  /** @type {Map<string, Item>} */
  const parameters = new Map()
  while (scanner.take(/; */y) !== undefined) {
    const key = scanner.need(KEY)
    parameters.delete(key)
    parameters.set(key, scanner.take(/=/y) === undefined ? bareItem('boolean', '1') : readBareItem(scanner))
  }
  return parameters
}

/**
 * A member without a value is true.
 *
 * @param {Scanner} scanner
 * @returns {Member}
 */
function truth(scanner) {
  const item = { ...bareItem('boolean', '1'), parameters: readParameters(scanner) }
  return { item, list: undefined, parameters: item.parameters }
}

module.exports = { parseDictionary, serializeList }
