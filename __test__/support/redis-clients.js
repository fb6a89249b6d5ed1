'use strict'
// Clients of every kind and major version that layer1/redis takes. That they fit its typings is checked with all the rest.

const { once } = require('node:events')
const ioredis5 = require('ioredis-5')
const ioredis6 = require('ioredis')
const redis4 = require('redis-4')
const redis5 = require('redis-5')
const redis6 = require('redis')

/**
 * @typedef {object} Opened
 * @property {import('layer1/redis').RedisClient} client connected
 * @property {() => unknown} close
 *
 * @typedef {(port: number) => Promise<Opened>} Opener
 * @typedef {(ports: number[]) => Promise<Opened>} ClusterOpener
 */

const host = '127.0.0.1'
/** @param {number} port */
const url = (port) => `redis://${host}:${port}`
// Both libraries report a connection that is lost in an event; a test that ends the server expects it.
const ignore = () => {}
/** Tries again soon, in ms, so that no test waits for it. */
const retryStrategy = () => 20

/** @type {Record<string, Opener>} */
const clients = {
  'ioredis 6': async (port) => openIoredis(new ioredis6.Redis(port, host, { retryStrategy })),
  'ioredis 5': async (port) => openIoredis(new ioredis5.Redis(port, host, { retryStrategy })),
  'redis 6': async (port) =>
    open(redis6.createClient({ url: url(port), socket: { reconnectStrategy: 20 } }), (client) => client.destroy()),
  'redis 6 with RESP2': async (port) =>
    open(redis6.createClient({ url: url(port), RESP: 2 }), (client) => client.destroy()),
  'redis 6 that gives bytes': async (port) => {
    const opened = await open(redis6.createClient({ url: url(port) }), (client) => client.destroy())
    const types = { [redis6.RESP_TYPES.BLOB_STRING]: Buffer, [redis6.RESP_TYPES.SIMPLE_STRING]: Buffer }
    return { ...opened, client: opened.client.withTypeMapping(types) }
  },
  'redis 6, a pool': async (port) => open(redis6.createClientPool({ url: url(port) }), (client) => client.destroy()),
  'redis 5': async (port) => open(redis5.createClient({ url: url(port) }), (client) => client.destroy()),
  'redis 5, a pool': async (port) => open(redis5.createClientPool({ url: url(port) }), (client) => client.destroy()),
  'redis 4': async (port) => open(redis4.createClient({ url: url(port) }), (client) => client.disconnect()),
  'redis 4 in legacy mode': async (port) =>
    open(redis4.createClient({ url: url(port), legacyMode: true }), (client) => client.disconnect()),
}

/** @type {Record<string, ClusterOpener>} */
const clusters = {
  'ioredis 6': async (ports) => openIoredis(new ioredis6.Cluster(ports.map((port) => ({ host, port })))),
  'ioredis 5': async (ports) => openIoredis(new ioredis5.Cluster(ports.map((port) => ({ host, port })))),
  'redis 6': async (ports) =>
    open(redis6.createCluster({ rootNodes: ports.map((port) => ({ url: url(port) })) }), (client) => client.destroy()),
  'redis 5': async (ports) =>
    open(redis5.createCluster({ rootNodes: ports.map((port) => ({ url: url(port) })) }), (client) => client.destroy()),
  'redis 4': async (ports) =>
    open(redis4.createCluster({ rootNodes: ports.map((port) => ({ url: url(port) })) }), (client) =>
      client.disconnect(),
    ),
}

/** By the port of a Sentinel, which calls what it watches `fleet`. @type {Record<string, Opener>} */
const sentinels = {
  'ioredis 6': async (port) => openIoredis(new ioredis6.Redis({ sentinels: [{ host, port }], name: 'fleet' })),
  'ioredis 5': async (port) => openIoredis(new ioredis5.Redis({ sentinels: [{ host, port }], name: 'fleet' })),
  'redis 6': async (port) =>
    open(redis6.createSentinel({ name: 'fleet', sentinelRootNodes: [{ host, port }] }), (client) => client.destroy()),
  'redis 5': async (port) =>
    open(redis5.createSentinel({ name: 'fleet', sentinelRootNodes: [{ host, port }] }), (client) => client.destroy()),
}

/**
 * @template {ioredis5.Redis | ioredis5.Cluster | ioredis6.Redis | ioredis6.Cluster} Client
 * @param {Client} client
 */
async function openIoredis(client) {
  const emitter = /** @type {import('node:events').EventEmitter} */ (client)
  emitter.on('error', ignore)
  if (client.status !== 'ready') await once(emitter, 'ready')
  return { client, close: () => client.disconnect() }
}

/**
 * @template {import('node:events').EventEmitter & { connect(): Promise<unknown> }} Client
 * @param {Client} client
 * @param {(client: Client) => unknown} close
 */
async function open(client, close) {
  client.on('error', ignore)
  await client.connect()
  return { client, close: () => close(client) }
}

module.exports = { clients, clusters, sentinels }
