'use strict'
// One process whose workers are terminated with calls in flight: `node host.js '{"options":…,"workers":…,"seed":…}'`.

const { once } = require('node:events')
const path = require('node:path')
const { setTimeout: sleep } = require('node:timers/promises')
const { Worker } = require('node:worker_threads')
const { Layer1 } = require('layer1')
const { Random } = require('../random.js')

const { options, workers, seed } = JSON.parse(String(process.argv[2]))
const AT_ONCE = 5

async function main() {
  const client = new Layer1(options)
  const random = new Random(seed)
  let started = 0
  let busy = 0
  const line = async () => {
    while (started < workers) {
      started += 1
      const wait = random.between(0, 59)
      const worker = new Worker(path.join(__dirname, 'worker.js'), { workerData: options })
      const isBusy = once(worker, 'message').then(() => {
        busy += 1
      })
      // Every other in the midst of its calls, the rest at any moment of its first steps.
      if (started % 2 === 0) await isBusy
      else await sleep(wait)
      const ended = once(worker, 'exit')
      await worker.terminate()
      await ended
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, line))
  const answer = await next(client)
  await client.close()
  console.log(
    `Workers: ${started} terminated, at least ${busy} of them with calls in flight; the process lives, its next call gave ${JSON.stringify(answer)}`,
  )
}

/** Makes the call that is answered: of two, the server answers one. @param {Layer1} client */
async function next(client) {
  const controller = new AbortController()
  const answer = await Promise.any([0, 1].map(() => client.get('/next', { signal: controller.signal })))
  controller.abort()
  return answer
}

main()
