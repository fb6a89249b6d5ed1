'use strict'
// What a token store asks of Redis, in the words of either library. Neither is loaded: a client is known by its shape.

const { configError } = require('../config-readers.js')

/**
 * @typedef {object} Commands
 * @property {(key: string) => Promise<string | null>} get
 * @property {(key: string, value: string, ttlMs: number) => Promise<unknown>} set
 * @property {(key: string, value: string, ttlMs: number) => Promise<boolean>} setIfFree tells whether there was none
 * @property {(key: string) => Promise<unknown>} drop
 * @property {(key: string, value: string) => Promise<unknown>} dropIf drops that value, and no other
 */

/** One key, so that it runs in a Cluster too. */
const DROP_IF = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

const BASICS = ['get', 'set', 'del', 'eval']

/**
 * @param {unknown} client
 * @returns {Commands}
 * @throws {Layer1ConfigError} if it is of neither library
 */
function commandsOf(client) {
  const commands = recognise(/** @type {any} */ (client))
  if (commands === undefined) {
    throw configError(
      'client is none that layer1/redis knows: it takes those of ioredis (Redis, Cluster) and of redis (createClient, ' +
        'createCluster, createSentinel, createClientPool). Pass the client itself, not its URL or a promise of it. ' +
        'Any other store that has get and set can be a tokenStore as it is.',
    )
  }
  return commands
}

/**
 * @param {any} client
 * @returns {Commands | undefined}
 */
function recognise(client) {
  try {
    // A pipeline has the commands too, but no connection to end.
    if (has(client, [...BASICS, 'call', 'defineCommand', 'disconnect'])) return ofIoredis(client)
    if (!has(client, [...BASICS, 'GET', 'SET', 'DEL', 'EVAL'])) return undefined
    // The older Clusters of redis 4 do not say whether they are open, and the newest Sentinels have no disconnect().
    if (typeof client.isOpen !== 'boolean' && !has(client, ['disconnect'])) return undefined
    // In the legacy mode of redis 4 the commands with promises are elsewhere.
    return ofNodeRedis(client.options?.legacyMode === true ? client.v4 : client)
  } catch {
    // A Proxy, or a getter, that cannot be read.
    return undefined
  }
}

/**
 * @param {any} client
 * @param {string[]} methods
 */
function has(client, methods) {
  return typeof client === 'object' && client !== null && methods.every((name) => typeof client[name] === 'function')
}

/**
 * @param {any} client
 * @returns {Commands}
 */
function ofIoredis(client) {
  return {
    get: async (key) => toText(await client.get(key)),
    set: async (key, value, ttlMs) => client.set(key, value, 'PX', ttlMs),
    setIfFree: async (key, value, ttlMs) => isOk(await client.set(key, value, 'PX', ttlMs, 'NX')),
    drop: async (key) => client.del(key),
    dropIf: async (key, value) => client.eval(DROP_IF, 1, key, value),
  }
}

/**
 * @param {any} client
 * @returns {Commands}
 */
function ofNodeRedis(client) {
  return {
    get: async (key) => toText(await client.get(key)),
    // Later versions have other names for these options, and know these too.
    set: async (key, value, ttlMs) => client.set(key, value, { PX: ttlMs }),
    setIfFree: async (key, value, ttlMs) => isOk(await client.set(key, value, { PX: ttlMs, NX: true })),
    drop: async (key) => client.del(key),
    async dropIf(key, value) {
      // eval() of a Cluster of redis 4 goes to any node, and is told a few times that the key is elsewhere.
      return has(client, ['getSlotMaster'])
        ? client.sendCommand(key, false, ['EVAL', DROP_IF, '1', key, value])
        : client.eval(DROP_IF, { keys: [key], arguments: [value] })
    },
  }
}

/**
 * A client can be told to give bytes.
 *
 * @param {unknown} reply
 */
function toText(reply) {
  if (Buffer.isBuffer(reply)) return reply.toString()
  return typeof reply === 'string' ? reply : null
}

/** @param {unknown} reply */
function isOk(reply) {
  return toText(reply) === 'OK'
}

module.exports = { commandsOf }
