// The main job in two worker threads at once, and one that is terminated in the middle of it.

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

const job = new URL('./job.mjs', import.meta.url)
const ended = Promise.all([1, 2].map(async () => (await once(new Worker(job), 'exit'))[0]))
const doomed = new Worker(job)
await once(doomed, 'online')
await doomed.terminate()
console.log(`workers: ${(await ended).join()}`)
