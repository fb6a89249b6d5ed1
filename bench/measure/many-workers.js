'use strict'
// Worker threads, each with a client of its own and its callers.

const { once } = require('node:events')
const { isMainThread, parentPort, Worker, workerData } = require('node:worker_threads')
const { measure: closedLoop } = require('./closed-loop.js')

/** For one worker to start and to load its client, in ms. */
const START_ALLOWANCE = 100

/** @param {import('../types.d.ts').Load & { workers: number }} load */
async function manyWorkers(load) {
  // All measure at the same time, however long each took to start.
  const measureAt = Date.now() + load.warmUp + START_ALLOWANCE * load.workers
  const workerData = { ...load, measureAt }
  const workers = Array.from({ length: load.workers }, () => new Worker(__filename, { workerData }))
  const reports = await Promise.all(workers.map((worker) => once(worker, 'message')))
  /** @type {import('../types.d.ts').Figures[]} */
  const figures = reports.map(([report]) => report)
  const callsPerSecond = figures.reduce((sum, { callsPerSecond = 0 }) => sum + callsPerSecond, 0)
  const p99 = Math.max(...figures.map(({ p99 = Number.NaN }) => p99))
  return { callsPerSecond, p99, rss: process.memoryUsage.rss() }
}

if (!isMainThread) {
  closedLoop({ ...workerData, warmUp: Math.max(0, workerData.measureAt - Date.now()) }).then((figures) =>
    parentPort?.postMessage(figures),
  )
}

module.exports = { measure: manyWorkers }
