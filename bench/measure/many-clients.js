'use strict'
// Many clients in one process: what each costs to make and to have, and what they reach together.

const { performance } = require('node:perf_hooks')
const { runCallers } = require('./closed-loop.js')
const { countThreads } = require('./threads.js')

/** How many clients make their first call at once. */
const AT_ONCE = 64

/** @param {import('../types.d.ts').Load & { clients: number }} load */
async function manyClients(load) {
  const { create, load: loadLibrary } = require(`../clients/${load.client}.js`)
  await loadLibrary()
  const rssBefore = process.memoryUsage.rss()
  const began = performance.now()
  const clients = []
  for (let made = 0; made < load.clients; made += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, load.clients - made) }, () => start(create, load))
    clients.push(...(await Promise.all(batch)))
  }
  const startMicros = ((performance.now() - began) * 1000) / load.clients
  const rssPerClient = (process.memoryUsage.rss() - rssBefore) / load.clients
  const threads = countThreads()
  return { ...(await runCallers(clients, load)), startMicros, rssPerClient, threads }
}

/**
 * Makes a client and its first call.
 *
 * @param {import('../types.d.ts').ClientModule['create']} create
 * @param {import('../types.d.ts').Load} load
 */
async function start(create, { options, path }) {
  const client = await create(options)
  await client.authorize()
  await client.get(path)
  return client
}

module.exports = { measure: manyClients }
