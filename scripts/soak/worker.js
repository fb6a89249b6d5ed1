'use strict'
// A worker thread that makes calls without end: it is killed in the midst of them.

const { threadId, workerData } = require('node:worker_threads')
const { Layer1 } = require('../../index.js')
const { targetOf } = require('./api.js')

const CALLERS = 8
const client = new Layer1(workerData.options)
let last = 0

async function call() {
  last += 1
  const id = `w${threadId}-${last}`
  const target = targetOf({ id, kind: 'none', times: 0, mayRepeat: false, knownDead: 0, beganAt: Date.now() })
  await client.post(target, { id }, { timeout: 5_000 }).catch(() => {})
  call()
}

for (let caller = 0; caller < CALLERS; caller++) call()
