'use strict'
// layer1/redis when Redis goes, comes back, hangs, and when its client is closed.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { setTimeout: sleep } = require('node:timers/promises')
const { redisTokenStore } = require('layer1/redis')
const { runChild } = require('./support/child.js')
const { startRedis, withoutRedis } = require('./support/redis.js')
const { clients } = require('./support/redis-clients.js')

/** Long enough that nothing ends while a test runs, in ms. */
const LONG = 300_000

for (const [name, open] of Object.entries(clients)) {
  describe(`given ${name}`, { skip: withoutRedis, timeout: 60_000 }, () => {
    it('when its client is closed, then every promise rejects', async (t) => {
      const server = await startRedis()
      t.after(() => server.close())
      const { client, close } = await open(server.port)
      const store = redisTokenStore(client)
      assert.equal(await store.acquire('held', LONG), true)
      await close()
      await assert.rejects(store.get('key'), /clos/i)
      await assert.rejects(store.set('key', 'value', LONG), /clos/i)
      await assert.rejects(store.delete('key'), /clos/i)
      await assert.rejects(store.acquire('key', LONG), /clos/i)
      await assert.rejects(store.release('held'), /clos/i)
    })
  })
}

for (const name of ['ioredis 6', 'ioredis 5', 'redis 6']) {
  const open = /** @type {import('./support/redis-clients.js').Opener} */ (clients[name])
  describe(`given ${name}`, { skip: withoutRedis, timeout: 60_000 }, () => {
    it('when Redis ends and starts again, then the same store works again', async (t) => {
      const server = await startRedis()
      t.after(() => server.close())
      const { client, close } = await open(server.port)
      t.after(close)
      const store = redisTokenStore(client)
      await store.set('key', 'value', LONG)
      assert.equal(await store.acquire('key', LONG), true)
      await server.stop()
      await server.start()
      while ((await store.get('key').catch(() => 'refused')) !== null) await sleep(5)
      // Its own lock is gone with the server: somebody else has it now.
      assert.equal(await redisTokenStore(client).acquire('key', LONG), true)
      await store.release('key')
      assert.equal(await store.acquire('key', LONG), false)
      await store.set('key', 'another', LONG)
      assert.equal(await store.get('key'), 'another')
    })

    it('when Redis hangs, then the promises wait, and are kept when it goes on', async (t) => {
      const server = await startRedis()
      t.after(() => server.close())
      const { client, close } = await open(server.port)
      t.after(close)
      const store = redisTokenStore(client)
      server.pause()
      let settled = 0
      const asked = [store.set('key', 'value', LONG), store.get('key'), store.acquire('key', LONG)]
      for (const promise of asked) void promise.finally(() => (settled += 1))
      await sleep(50)
      assert.equal(settled, 0)
      server.resume()
      assert.deepEqual(await Promise.all(asked), [undefined, 'value', true])
    })
  })
}

describe('given a program with a store', { skip: withoutRedis, timeout: 60_000 }, () => {
  for (const library of ['ioredis', 'redis']) {
    it(`given ${library}, when Redis dies in the midst of it all and each promise is caught, then nothing is uncaught`, async (t) => {
      const server = await startRedis()
      t.after(() => server.close())
      const { code, stdout, stderr } = await runChild(t, dieInTheMidst, { library, url: server.url, pid: server.pid() })
      assert.deepEqual([code, stderr], [0, ''])
      assert.match(stdout, /^[1-9]\d* settled, 0 uncaught\n$/)
    })
  }
})

/** @param {{ library: string, url: string, pid: number }} data */
async function dieInTheMidst({ library, url, pid }) {
  const { redisTokenStore } = require('layer1/redis')
  /** @type {unknown[]} */
  const uncaught = []
  process.on('uncaughtException', (error) => uncaught.push(error))
  process.on('unhandledRejection', (error) => uncaught.push(error))
  const { Redis } = require('ioredis')
  const { createClient } = require('redis')
  const client =
    library === 'redis'
      ? createClient({ url, socket: { reconnectStrategy: false } })
      : new Redis(url, { retryStrategy: () => null })
  client.on('error', () => {})
  if ('isOpen' in client) await client.connect()
  const store = redisTokenStore(client)
  let settled = 0
  const count = () => {
    settled += 1
  }
  const round = () =>
    [store.set('a', 'b', 9_000), store.get('a'), store.acquire('a', 9_000), store.release('a'), store.delete('a')].map(
      (promise) => promise.then(count, count),
    )
  await Promise.all(round())
  const asked = Array.from({ length: 50 }, round).flat()
  process.kill(pid, 'SIGKILL')
  await Promise.all([...asked, ...round()])
  await new Promise((resolve) => setTimeout(resolve, 50))
  console.log(`${settled} settled, ${uncaught.length} uncaught`)
}
