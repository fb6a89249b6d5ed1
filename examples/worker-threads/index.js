'use strict'
// Threads that each have a client, and one token for all of them: clients with the same credentials share it.
// LAYER1_CLIENT_ID=… LAYER1_CLIENT_SECRET=… node examples/worker-threads/index.js

const { once } = require('node:events')
const { isMainThread, parentPort, Worker, workerData } = require('node:worker_threads')
const { Layer1 } = require('layer1')

const THREADS = 4

/** Gets one page in this thread, and tells what it saw. */
async function work() {
  const layer1 = new Layer1()
  const query = { pageNumber: workerData.page, pageSize: 5 }
  /** @type {{ content: unknown[] }} */
  const { content } = await layer1.get('/digital/v1/asset-pools', { query })
  parentPort?.postMessage({ page: workerData.page, pools: content.length, ...layer1.stats() })
  await layer1.close()
}

async function main() {
  const threads = Array.from({ length: THREADS }, (_, page) => new Worker(__filename, { workerData: { page } }))
  const reports = await Promise.all(threads.map(async (thread) => (await once(thread, 'message'))[0]))
  for (const { page, pools } of reports) console.log(`page ${page}: ${pools} asset pools`)
  // What is counted of tokens is that of all who share one.
  const tokenRequests = Math.max(...reports.map((report) => report.tokenRequests))
  console.log(`Threads: ${THREADS}. Token requests: ${tokenRequests}.`)
}

const run = isMainThread ? main : work
run().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
