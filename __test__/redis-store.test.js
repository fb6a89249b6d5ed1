'use strict'
// layer1/redis against real servers, by every kind and major version of the clients that it takes.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { randomUUID } = require('node:crypto')
const { after, before, describe, it } = require('node:test')
const { setTimeout: sleep } = require('node:timers/promises')
const { Cluster, Redis } = require('ioredis')
const { redisTokenStore } = require('layer1/redis')
const { startRedis, startRedisCluster, startSentinel, withoutRedis } = require('./support/redis.js')
const { clients, clusters, sentinels } = require('./support/redis-clients.js')

/** @typedef {import('./support/redis-clients.js').Opened} Opened */
/** @typedef {{ open: Record<string, () => Promise<Opened>>, look: Redis | Cluster, close: () => Promise<unknown> }} Place */

/** Long enough that nothing ends while a test runs, in ms. */
const LONG = 300_000

/** What the clients can be connected to. @type {Record<string, { names: string[], start: () => Promise<Place> }>} */
const places = {
  'a server': {
    names: Object.keys(clients),
    async start() {
      const server = await startRedis()
      const look = new Redis(server.port)
      return { open: bind(clients, server.port), look, close: () => end(look, server) }
    },
  },
  'a Cluster of three': {
    names: Object.keys(clusters),
    async start() {
      const cluster = await startRedisCluster()
      const look = new Cluster(cluster.ports.map((port) => ({ host: '127.0.0.1', port })))
      return { open: bind(clusters, cluster.ports), look, close: () => end(look, cluster) }
    },
  },
  'a server with a Sentinel': {
    names: Object.keys(sentinels),
    async start() {
      const server = await startRedis()
      const sentinel = await startSentinel(server)
      const look = new Redis(server.port)
      return { open: bind(sentinels, sentinel.port), look, close: () => end(look, sentinel, server) }
    },
  },
}

for (const [what, { names, start }] of Object.entries(places)) {
  describe(`given ${what}`, { skip: withoutRedis, timeout: 120_000 }, () => {
    /** @type {Place} */
    let place
    before(async () => {
      place = await start()
    })
    after(() => place?.close())

    for (const name of names) {
      describe(`and ${name}`, () => {
        /** @type {Opened} */
        let opened
        before(async () => {
          opened = await /** @type {() => Promise<Opened>} */ (place.open[name])()
        })
        after(() => opened?.close())

        const newStore = () => redisTokenStore(opened.client)

        it('when a value is set, then any store there gets it, as it was, until its time is over', async () => {
          const [key, value] = [randomUUID(), Buffer.alloc(6_144, randomUUID()).toString('base64')]
          await newStore().set(key, 'an older one', LONG)
          await newStore().set(key, value, LONG - 0.5)
          assert.equal(await newStore().get(key), value)
          const left = await place.look.pttl(`layer1:${key}`)
          assert.ok(left > 0 && left <= LONG, `${left} ms are left`)
          await newStore().set(key, value, 1)
          await until(async () => (await newStore().get(key)) === null)
        })

        it('when there is no value, then null is got; and one that is deleted is no more', async () => {
          const [store, key] = [newStore(), randomUUID()]
          assert.equal(await store.get(key), null)
          await store.delete(key)
          await store.set(key, 'value', LONG)
          await store.delete(key)
          assert.equal(await store.get(key), null)
          assert.equal(await place.look.exists(`layer1:${key}`), 0)
        })

        it('when many acquire a lock at once, then one has it, for its time and no longer', async () => {
          const [key, stores] = [randomUUID(), Array.from({ length: 20 }, newStore)]
          const got = await Promise.all(stores.map((store) => store.acquire(key, LONG)))
          assert.equal(got.filter(Boolean).length, 1)
          assert.ok(got.every((isOurs) => typeof isOurs === 'boolean'))
          const left = await place.look.pttl(`layer1:${key}:lock`)
          assert.ok(left > 0 && left <= LONG, `${left} ms are left`)
          await place.look.pexpire(`layer1:${key}:lock`, 1)
          await until(() => newStore().acquire(key, LONG))
        })

        it('when a lock is released by its owner, then it is free; by another, then it is not', async () => {
          const [key, owner, other] = [randomUUID(), newStore(), newStore()]
          assert.equal(await owner.acquire(key, LONG), true)
          await other.release(key)
          assert.equal(await other.acquire(key, LONG), false)
          await other.release(key)
          assert.equal(await other.acquire(key, LONG), false)
          await owner.release(key)
          assert.equal(await other.acquire(key, LONG), true)
        })

        it('when a lock has ended and passed to another, then its former owner does not release it', async () => {
          const [key, former, owner] = [randomUUID(), newStore(), newStore()]
          assert.equal(await former.acquire(key, LONG), true)
          await place.look.del(`layer1:${key}:lock`)
          assert.equal(await owner.acquire(key, LONG), true)
          await former.release(key)
          assert.equal(await newStore().acquire(key, LONG), false)
          await owner.release(key)
          assert.equal(await newStore().acquire(key, LONG), true)
        })

        it('when a lock has ended and the same store has it again, then the first release leaves it', async () => {
          const [key, store] = [randomUUID(), newStore()]
          assert.equal(await store.acquire(key, LONG), true)
          await place.look.del(`layer1:${key}:lock`)
          assert.equal(await store.acquire(key, LONG), true)
          await store.release(key)
          assert.equal(await newStore().acquire(key, LONG), false)
          await store.release(key)
          assert.equal(await newStore().acquire(key, LONG), true)
        })

        it('when one store has several locks, then each is released alone', async () => {
          const [store, ...keys] = [newStore(), randomUUID(), randomUUID(), randomUUID()]
          assert.deepEqual(await Promise.all(keys.map((key) => store.acquire(key, LONG))), [true, true, true])
          await store.release(String(keys[1]))
          const got = await Promise.all(keys.map((key) => newStore().acquire(key, LONG)))
          assert.deepEqual(got, [false, true, false])
        })

        it('when it is used, then only servers are asked that have the key', async () => {
          const store = newStore()
          const before = await misdirected(place.look)
          for (const key of Array.from({ length: 20 }, () => randomUUID())) {
            await store.set(key, 'value', LONG)
            assert.equal(await store.acquire(key, LONG), true)
            assert.equal(await store.get(key), 'value')
            await store.release(key)
            await store.delete(key)
          }
          assert.equal(await misdirected(place.look), before)
        })

        it('when a value and a lock have the same key, then they do not meet', async () => {
          const [store, key] = [newStore(), randomUUID()]
          await store.set(key, 'value', LONG)
          assert.equal(await store.acquire(key, LONG), true)
          assert.equal(await store.get(key), 'value')
          await store.delete(key)
          assert.equal(await newStore().acquire(key, LONG), false)
          await store.set(key, 'another', LONG)
          await store.release(key)
          assert.equal(await store.get(key), 'another')
        })

        for (const prefix of ['shop:', '{fleet}:', '']) {
          it(`when the prefix is ${JSON.stringify(prefix)}, then tokens and locks are there, and nowhere else`, async () => {
            const [store, key] = [redisTokenStore(opened.client, { prefix }), randomUUID()]
            await store.set(key, 'value', LONG)
            await store.acquire(key, LONG)
            assert.equal(await place.look.get(`${prefix}${key}`), 'value')
            assert.equal(await place.look.exists(`${prefix}${key}:lock`), 1)
            assert.deepEqual((await keysOf(place.look)).filter((found) => found.includes(key)).sort(), [
              `${prefix}${key}`,
              `${prefix}${key}:lock`,
            ])
            assert.equal(await newStore().get(key), null)
          })
        }

        it('when Redis holds something else under a key, then the promises reject, and a store that works stays so', async () => {
          const [store, key] = [newStore(), randomUUID()]
          await place.look.lpush(`layer1:${key}`, 'no text')
          await assert.rejects(store.get(key), /WRONGTYPE/)
          await store.set(key, 'value', LONG)
          assert.equal(await store.get(key), 'value')
        })
      })
    }
  })
}

/**
 * @template P
 * @param {Record<string, (where: P) => Promise<Opened>>} openers
 * @param {P} where
 * @returns {Record<string, () => Promise<Opened>>}
 */
function bind(openers, where) {
  return Object.fromEntries(Object.entries(openers).map(([name, open]) => [name, () => open(where)]))
}

/**
 * @param {Redis | Cluster} look
 * @param {{ close: () => Promise<unknown> }[]} servers
 */
async function end(look, ...servers) {
  look.disconnect()
  await Promise.all(servers.map((server) => server.close()))
}

/** @param {Redis | Cluster} look */
async function keysOf(look) {
  return (await Promise.all(serversOf(look).map((server) => server.keys('*')))).flat()
}

/**
 * Counts how often a server had to say that a key is elsewhere.
 *
 * @param {Redis | Cluster} look
 */
async function misdirected(look) {
  const infos = await Promise.all(serversOf(look).map((server) => server.info('errorstats')))
  const counts = infos.map((info) => Number(/errorstat_MOVED:count=(\d+)/.exec(info)?.[1] ?? 0))
  return counts.reduce((sum, count) => sum + count, 0)
}

/** @param {Redis | Cluster} look */
function serversOf(look) {
  return look instanceof Cluster ? look.nodes('master') : [look]
}

/** @param {() => Promise<boolean>} isSo */
async function until(isSo) {
  while (!(await isSo())) await sleep(5)
}
