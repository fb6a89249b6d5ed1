import type { TokenStore } from '../../index.js'

/**
 * Make a token store of the Redis client that you have, so that a fleet shares one token: a client of `ioredis` 5 or 6
 * (`Redis`, `Cluster`), or of `redis` 4, 5 or 6 (`createClient`, `createCluster`, `createSentinel`, `createClientPool`).
 *
 * The client stays yours: connect it, listen to its `error` events, and close it after the `Layer1` that uses the
 * store. One that is not connected yet is fine. While Redis is away both libraries keep commands to send them later; with
 * `enableOfflineQueue: false` (`ioredis`) or `disableOfflineQueue: true` (`redis`) they refuse at once, and no call waits.
 *
 * @throws {Layer1ConfigError} for a client of neither library, and for an unknown or unusable option
 * @example
 * const layer1 = new Layer1({ tokenStore: redisTokenStore(redis) })
 *
 * @example
 * const tokenStore = redisTokenStore(redis, { prefix: 'shop:layer1:' })
 * const layer1 = new Layer1({ tokenStore })
 */
export function redisTokenStore(client: RedisClient, options?: RedisTokenStoreOptions): RedisTokenStore

/**
 * The options of {@link redisTokenStore}.
 *
 * @example
 * const options: RedisTokenStoreOptions = { prefix: 'shop:layer1:' }
 * const tokenStore = redisTokenStore(redis, options)
 */
export interface RedisTokenStoreOptions {
  /** Goes before the key of every token and lock. Default `'layer1:'`. */
  prefix?: string | undefined
}

/**
 * A client of either library.
 *
 * @example
 * const client: RedisClient = redis
 * const tokenStore = redisTokenStore(client)
 */
export type RedisClient = IoredisClient | NodeRedisClient

/**
 * What is known of a client of `ioredis`, whose own typings are not needed: a `Redis` or a `Cluster` fits.
 *
 * @example
 * const client: IoredisClient = redis
 * const tokenStore = redisTokenStore(client)
 */
export interface IoredisClient {
  /** Reads a value. */
  get(key: string): Promise<unknown>
  /** Sends any command. */
  call(command: string): Promise<unknown>
  /** Gives a script a name. */
  defineCommand(name: string, definition: { lua: string }): void
}

/**
 * What is known of a client of `redis`, whose own typings are not needed: a client, Cluster, Sentinel or pool fits.
 *
 * @example
 * const connect = async (client: NodeRedisClient) => redisTokenStore(client)
 */
export interface NodeRedisClient {
  /** Reads a value. */
  get(key: string): Promise<unknown>
  /** Reads a value: every command has both names. */
  GET(key: string): Promise<unknown>
  /** Runs a script. */
  EVAL(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/**
 * A token store in Redis. Promises reject with what the Redis client rejects with, and with a `Layer1RequestError` for
 * a key, value or time that Redis would misunderstand.
 *
 * @example
 * const tokenStore: RedisTokenStore = redisTokenStore(redis)
 * if (await tokenStore.acquire('nightly-report', 2_000)) {
 *   await tokenStore.release('nightly-report')
 * }
 */
export interface RedisTokenStore extends TokenStore {
  /** Reads a value: `GET`. */
  get(key: string): Promise<string | null>
  /** Keeps a value for `ttlMs` ms: `SET … PX`. */
  set(key: string, value: string, ttlMs: number): Promise<void>
  /** Drops a value: `DEL`. */
  delete(key: string): Promise<void>
  /**
   * Takes a lock for `ttlMs` ms if it is free, and tells whether it was: `SET … NX PX` under the key with `:lock` after it,
   * with a random value that stands for the owner.
   */
  acquire(key: string, ttlMs: number): Promise<boolean>
  /** Gives a lock back, by a script that drops it only if it still has its owner's value. */
  release(key: string): Promise<void>
}
