'use strict'
// A process that begins cold: node measure/cold-start.js STEP [CLIENT OPTIONS], where STEP is `empty`, `load` or `call`.
// It loads nothing that the client does not.

const [, , step, key, options = '{}'] = process.argv

async function run() {
  if (step !== 'empty') {
    /** @type {import('../types.d.ts').ClientModule} */
    const { load, create } = require(`../clients/${key}.js`)
    if (step === 'load') {
      await load()
    } else {
      const { path, ...rest } = JSON.parse(options)
      const client = await create(rest)
      await client.authorize()
      await client.get(path)
    }
  }
  // Counted from the start of the process.
  const ready = performance.now()
  const { countThreads } = require('./threads.js')
  process.stdout.write(JSON.stringify({ ready, threads: countThreads(), rss: process.memoryUsage.rss() }), () =>
    process.exit(0),
  )
}

run().catch((error) => {
  console.error(error)
  process.exit(1)
})
