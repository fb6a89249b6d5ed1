// layer1/redis, without the typings of any Redis client.

import { Layer1, type TokenStore } from 'layer1'
import type { IoredisClient, NodeRedisClient, RedisTokenStore, RedisTokenStoreOptions } from 'layer1/redis'
import { redisTokenStore } from 'layer1/redis'
import { holds, type Same } from './same.js'

declare const ioredis: IoredisClient
declare const nodeRedis: NodeRedisClient
declare const either: IoredisClient | NodeRedisClient

export async function use(options: RedisTokenStoreOptions, prefix: string | undefined): Promise<TokenStore> {
  redisTokenStore(ioredis)
  redisTokenStore(nodeRedis, {})
  redisTokenStore(either, { prefix })
  const store = redisTokenStore(ioredis, options)
  holds<Same<typeof store, RedisTokenStore>>()
  const value = await store.get('key')
  holds<Same<typeof value, string | null>>()
  const isOurs = await store.acquire('key', 2_000)
  holds<Same<typeof isOurs, boolean>>()
  await Promise.all([store.set('key', 'value', 300_000), store.delete('key'), store.release('key')])
  new Layer1({ tokenStore: store })
  return store
}

// @ts-expect-error the URL of a server is no client
redisTokenStore('redis://127.0.0.1')
// @ts-expect-error nor is a promise of one
redisTokenStore(Promise.resolve(nodeRedis))
// @ts-expect-error nor is a Map
redisTokenStore(new Map<string, string>())
// @ts-expect-error a client is needed
redisTokenStore()
// @ts-expect-error a misspelt option
redisTokenStore(ioredis, { keyPrefix: 'a' })
// @ts-expect-error a prefix is text
redisTokenStore(ioredis, { prefix: 1 })
// @ts-expect-error null is no prefix
redisTokenStore(ioredis, { prefix: null })
// @ts-expect-error a time is needed
redisTokenStore(ioredis).set('key', 'value')
