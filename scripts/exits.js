'use strict'
// Processes that end, and worker threads that are terminated, with calls in flight: none may crash or hang.
// `node scripts/exits.js --processes 1000 --workers 200 [--seed 7]`; the ends and their moments follow from the seed.

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const http = require('node:http')
const path = require('node:path')
const { parseArgs } = require('node:util')
const { unsteered } = require('./environment.js')
const { ends } = require('./exits/ends.js')
const { Random } = require('./random.js')

/** How many processes run at a time: more than the cores of a small machine, so that they are stopped anywhere. */
const AT_ONCE = 4
/** What is not over by then hangs, in ms; the slowest of a thousand takes a hundredth of it. */
const LONGEST_LIFE = 60_000

async function main() {
  const { values } = parseArgs({
    options: { processes: { type: 'string' }, workers: { type: 'string' }, seed: { type: 'string' } },
  })
  const [processes, workers] = [count(values.processes ?? '60'), count(values.workers ?? '40')]
  const seed = count(values.seed ?? String(Date.now() % 100_000))
  const server = await startServer()
  console.log(`Seed: ${seed}`)
  const isGood = [await endProcesses(server, processes, seed), await terminateWorkers(server, workers, seed)]
  server.close()
  process.exitCode = isGood.every(Boolean) ? 0 : 1
}

/** @param {string} text */
function count(text) {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${text} is no count`)
  return value
}

/** Starts a token endpoint and an API, half of whose answers never come. */
async function startServer() {
  let calls = 0
  const server = http.createServer((request, response) => {
    const isToken = request.url === '/token'
    if (!isToken && ++calls % 2 === 0) return
    response.end(isToken ? '{"access_token":"token","token_type":"Bearer","expires_in":300}' : '{"ok":true}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`
  return {
    options: { clientId: 'exits', clientSecret: 'exits-secret', baseUrl: origin, tokenUrl: `${origin}/token` },
    calls: () => calls,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/**
 * Ends so many processes, each in its own way and moment, and tells what became of them.
 *
 * @param {Awaited<ReturnType<typeof startServer>>} server
 * @param {number} processes
 * @param {number} seed
 */
async function endProcesses({ options, calls }, processes, seed) {
  const random = new Random(seed)
  const plans = Array.from({ length: processes }, (_, index) => ({
    end: String(ends[index % ends.length]),
    wait: random.between(0, 59),
  }))
  const tally = { clean: 0, signal: 0, hanging: 0, other: 0 }
  let slowest = 0
  const next = plans.values()
  const line = async () => {
    for (const plan of next) {
      const { fate, took, shown } = await run('process.js', { options, ...plan })
      tally[fate] += 1
      slowest = Math.max(slowest, took)
      if (fate !== 'clean') console.log(`${fate}: ${JSON.stringify(plan)}\n${shown}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, line))
  console.log(
    `Processes: ${processes} ended with calls in flight, ${tally.clean} clean, ${tally.signal} by a signal, ` +
      `${tally.hanging} hanging, ${tally.other} otherwise; the slowest took ${slowest.toFixed(0)} ms; ${calls()} calls came`,
  )
  return tally.clean === processes
}

/**
 * Terminates so many workers of one process, and tells whether it lives.
 *
 * @param {Awaited<ReturnType<typeof startServer>>} server
 * @param {number} workers
 * @param {number} seed
 */
async function terminateWorkers({ options }, workers, seed) {
  const { fate, shown } = await run('host.js', { options, workers, seed })
  console.log(shown.trim())
  if (fate !== 'clean') console.log(`Workers: the process of ${workers} terminated workers ended: ${fate}`)
  return fate === 'clean'
}

/**
 * Runs one of the programs beside this one to its end.
 *
 * @param {string} program
 * @param {object} plan
 * @returns {Promise<{ fate: 'clean' | 'signal' | 'hanging' | 'other', took: number, shown: string }>}
 */
async function run(program, plan) {
  const began = performance.now()
  let hangs = false
  let shown = ''
  const child = spawn(process.execPath, [path.join(__dirname, 'exits', program), JSON.stringify(plan)], {
    env: unsteered(process.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const limit = setTimeout(() => {
    hangs = true
    child.kill('SIGKILL')
  }, LONGEST_LIFE)
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      shown += text
    })
  }
  const [code, signal] = await once(child, 'close')
  clearTimeout(limit)
  const fate = hangs ? 'hanging' : signal ? 'signal' : code === 0 ? 'clean' : 'other'
  return { fate, took: performance.now() - began, shown: `${shown}${signal ?? ''}` }
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
