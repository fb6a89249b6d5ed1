'use strict'
// One process of a fleet: it makes a client with a store, and does what its parent tells it to.

const { Layer1 } = require('layer1')

/** @typedef {'ioredis' | 'redis' | 'keyv'} StoreKind */
/** @typedef {{ kind: StoreKind, redisUrl: string, options: import('layer1').Layer1Options }} MemberData */
/** @typedef {{ token?: string, ms?: number, calls?: number[], failures?: string[], stats: import('layer1').Layer1Stats }} Told */

/** @param {MemberData} data */
async function openStore({ kind, redisUrl }) {
  const ignore = () => {}
  if (kind === 'keyv') {
    const [{ default: Keyv }, { default: KeyvRedis }] = [require('keyv'), require('@keyv/redis')]
    return new Keyv(new KeyvRedis(redisUrl)).on('error', ignore)
  }
  const { redisTokenStore } = require('layer1/redis')
  if (kind === 'redis') {
    const client = require('redis').createClient({ url: redisUrl }).on('error', ignore)
    await client.connect()
    return redisTokenStore(client)
  }
  const { Redis } = require('ioredis')
  const redis = new Redis(redisUrl, { retryStrategy: () => 50 }).on('error', ignore)
  await redis.ping()
  return redisTokenStore(redis)
}

/**
 * Calls steadily until it is told to stop, and gives how long each call took, in ms.
 *
 * @param {import('layer1').Layer1} client
 * @param {number} pause
 * @param {{ isStopped: boolean }} state
 */
async function callSteadily(client, pause, state) {
  /** @type {number[]} */
  const calls = []
  /** @type {string[]} */
  const failures = []
  while (!state.isStopped) {
    const began = performance.now()
    await client.get('/api/v1/asset-pools').catch((error) => failures.push(String(error)))
    calls.push(performance.now() - began)
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
  return { calls, failures }
}

async function main() {
  /** @type {MemberData} */
  const data = JSON.parse(String(process.argv[2]))
  const client = new Layer1({ ...data.options, tokenStore: /** @type {any} */ (await openStore(data)) })
  let state = { isStopped: false }
  const tell = (/** @type {object} */ told) => process.send?.({ ...told, stats: client.stats() })
  process.on('message', async (/** @type {{ do: string, pause?: number }} */ message) => {
    if (message.do === 'token') {
      const began = performance.now()
      const token = await client.getToken().catch(String)
      tell({ token, ms: performance.now() - began })
    } else if (message.do === 'calls') {
      state = { isStopped: false }
      tell(await callSteadily(client, message.pause ?? 100, state))
    } else {
      state.isStopped = true
    }
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.('ready')
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
