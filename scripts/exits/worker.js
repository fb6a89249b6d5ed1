'use strict'
// One worker that calls on and on.

const { parentPort, workerData } = require('node:worker_threads')
const { Layer1 } = require('layer1')

const client = new Layer1({ ...workerData, maxRetries: 0 })
for (let index = 0; index < 10; index++) {
  /** @returns {Promise<unknown>} */
  const again = () => client.get('/a', { timeout: 50 }).then(again, again)
  again()
}
client.getToken().then(() => parentPort?.postMessage('busy'))
