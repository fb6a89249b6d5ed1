'use strict'
// Token stores in memory, for fleets whose members are clients of one process that share nothing else.

const { makeClient } = require('./peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {{ name: string, args: unknown[] }} Operation */

/** Keeps values and locks, and a list of all that it was asked, as it was asked. */
class MemoryStore {
  /** @type {Map<string, { value: string, ends: number }>} */
  values = new Map()
  /** @type {Map<string, number>} */
  locks = new Map()
  /** @type {Operation[]} */
  seen = []

  /** @param {string} key */
  async get(key) {
    this.seen.push({ name: 'get', args: [key] })
    const kept = this.values.get(key)
    return kept !== undefined && kept.ends > Date.now() ? kept.value : undefined
  }

  /** @param {string} key @param {string} value @param {number} ttlMs */
  async set(key, value, ttlMs) {
    this.seen.push({ name: 'set', args: [key, value, ttlMs] })
    this.values.set(key, { value, ends: Date.now() + ttlMs })
  }

  /** @param {string} key */
  async delete(key) {
    this.seen.push({ name: 'delete', args: [key] })
    this.values.delete(key)
  }

  /** @param {string} key @param {number} ttlMs */
  async acquire(key, ttlMs) {
    this.seen.push({ name: 'acquire', args: [key, ttlMs] })
    if ((this.locks.get(key) ?? 0) > Date.now()) return false
    this.locks.set(key, Date.now() + ttlMs)
    return true
  }

  /** @param {string} key */
  async release(key) {
    this.seen.push({ name: 'release', args: [key] })
    this.locks.delete(key)
  }

  names() {
    return this.seen.map(({ name }) => name)
  }

  /** Puts another value in the place of each. @param {(value: string) => string} change */
  replace(change) {
    for (const kept of this.values.values()) kept.value = change(kept.value)
  }
}

/** What of a store a plain Keyv has: no lock. @param {MemoryStore} store */
function withoutLock(store) {
  return {
    get: (/** @type {string} */ key) => store.get(key),
    set: (/** @type {string} */ key, /** @type {string} */ value, /** @type {number} */ ttlMs) =>
      store.set(key, value, ttlMs),
  }
}

/**
 * Makes members of a fleet: as far apart as processes are, but for their store.
 *
 * @param {TestContext} t
 * @param {import('layer1').Layer1Options} options
 * @param {import('layer1').TokenStore} tokenStore
 * @param {number} count
 */
function makeFleet(t, options, tokenStore, count) {
  return Array.from({ length: count }, () => makeClient(t, { ...options, shareToken: false, tokenStore }))
}

module.exports = { MemoryStore, makeFleet, withoutLock }
