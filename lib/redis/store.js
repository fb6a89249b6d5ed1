'use strict'

/** @import { RedisTokenStore } from './index.d.ts' */

const { randomUUID } = require('node:crypto')
const { configError, guarded, readAll } = require('../config-readers.js')
const { requestError } = require('../request-error.js')
const { commandsOf } = require('./commands.js')
const { Owners } = require('./owners.js')

const DEFAULT_PREFIX = 'layer1:'
/** Keeps a lock apart from the value of the same key. */
const LOCK = ':lock'

/**
 * Makes a token store of a Redis client.
 *
 * @param {unknown} client
 * @param {unknown} [given] its options
 * @returns {RedisTokenStore}
 */
function redisTokenStore(client, given) {
  const redis = commandsOf(client)
  const prefix = guarded(() => readPrefix(readAll(given, ['prefix'])))
  const owners = new Owners()

  /** @param {unknown} key */
  const place = (key) => prefix + text(key, 'key')

  return {
    async get(key) {
      return redis.get(place(key))
    },
    async set(key, value, ttlMs) {
      await redis.set(place(key), text(value, 'value'), milliseconds(ttlMs))
    },
    async delete(key) {
      await redis.drop(place(key))
    },
    async acquire(key, ttlMs) {
      const lock = place(key) + LOCK
      const owner = randomUUID()
      const isOurs = await redis.setIfFree(lock, owner, milliseconds(ttlMs))
      if (isOurs) owners.add(lock, owner)
      return isOurs
    },
    async release(key) {
      const lock = place(key) + LOCK
      const owner = owners.take(lock)
      if (owner !== undefined) await redis.dropIf(lock, owner)
    },
  }
}

/** @param {Record<string, unknown>} options */
function readPrefix({ prefix = DEFAULT_PREFIX }) {
  // An empty one is of use to a client that has a prefix of its own.
  if (typeof prefix !== 'string' || !prefix.isWellFormed()) {
    throw configError('prefix has to be a string; it goes before every key.')
  }
  return prefix
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function text(value, name) {
  if (typeof value !== 'string') {
    throw requestError(`the ${name} of a token store has to be a string`, {})
  }
  return value
}

/**
 * Reads a time to live: Redis takes whole ones, and the libraries leave out what is undefined, so that it would never end.
 *
 * @param {unknown} value
 */
function milliseconds(value) {
  if (typeof value !== 'number' || !(value > 0 && value <= Number.MAX_SAFE_INTEGER)) {
    throw requestError('the ttlMs of a token store has to be a finite number of milliseconds above 0', {})
  }
  return Math.ceil(value)
}

module.exports = { redisTokenStore }
