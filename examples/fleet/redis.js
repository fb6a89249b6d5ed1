'use strict'
// One token for a fleet: start this as often as you like, on as many machines, and one of them asks for the token.
// REDIS_URL=redis://… LAYER1_CLIENT_ID=… LAYER1_CLIENT_SECRET=… node examples/fleet/redis.js

const { Redis } = require('ioredis')
const { Layer1 } = require('layer1')
const { redisTokenStore } = require('layer1/redis')

/** @typedef {{ totalElements: number }} AssetPoolPage */

async function main() {
  const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379')
  // Without Redis each process gets its own token, and the calls go on.
  redis.on('error', (error) => console.error(`Redis: ${error.message}`))

  try {
    const layer1 = new Layer1({ tokenStore: redisTokenStore(redis, { prefix: 'shop:layer1:' }) })
    const { totalElements } = /** @type {AssetPoolPage} */ (await layer1.get('/api/v1/asset-pools'))
    console.log(`${totalElements} asset pools. Token requests of this process: ${layer1.stats().tokenRequests}.`)
    await layer1.close()
  } finally {
    redis.disconnect()
  }
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
