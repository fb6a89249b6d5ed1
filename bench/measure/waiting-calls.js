'use strict'
// What a call that waits for its answer takes of memory: many of them, to an endpoint that never answers.

const { setTimeout: wait } = require('node:timers/promises')

/** @param {import('../types.d.ts').Load & { silentPath: string }} load */
async function waitingCalls(load) {
  const { create } = require(`../clients/${load.client}.js`)
  const client = await create(load.options)
  await client.authorize()
  await client.get(load.path)
  await wait(load.warmUp)
  const before = process.memoryUsage.rss()
  const all = Array.from({ length: load.callers }, () => client.get(load.silentPath))
  const failure = Promise.all(all)
  await Promise.race([wait(load.measure), failure])
  return { bytesPerCall: (process.memoryUsage.rss() - before) / load.callers }
}

module.exports = { measure: waitingCalls }
