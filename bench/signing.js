'use strict'
// What signing costs, and whom: 2,000 signed calls at 16 callers, beside the same calls with a token alone, and beside
// crypto.sign in JavaScript in the same run. Run it on a release build: node bench/signing.js

const { fork } = require('node:child_process')
const { generateKeyPairSync, randomBytes, sign } = require('node:crypto')
const { once } = require('node:events')
const { readdirSync, readFileSync } = require('node:fs')
const http = require('node:http')
const { performance } = require('node:perf_hooks')
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads')
const { Layer1 } = require('..')
const { quantile } = require('./measure/meter.js')

/** @typedef {Awaited<ReturnType<typeof load>> & { probes: Float64Array }} Figures */
/** @typedef {Record<'token' | 'token, as slow' | 'signature', Figures[]>} Rounds */

const CALLS = 2_000
const CALLERS = 16
const ROUNDS = 5
const BODY = {
  reference: 'REF-1',
  network: 'ethereum',
  assetPoolId: '3f1c2c1e-7c52-4b1f-9d0e-5a1f6f0c2b11',
  amount: '0.1',
}

/** A server in a process of its own: what it does is not to be counted. */
async function serve() {
  const token = JSON.stringify({ access_token: 'a'.repeat(900), token_type: 'Bearer', expires_in: 300 })
  const server = http.createServer((request, response) => {
    const delay = Number(/delay=([\d.]+)/.exec(request.url ?? '')?.[1] ?? 0)
    const answer = () => response.end(request.url === '/token' ? token : '{"ok":true}')
    request.resume().on('end', () => (delay > 0 ? setTimeout(answer, delay) : answer()))
  })
  server.keepAliveTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  process.send?.(/** @type {import('node:net').AddressInfo} */ (server.address()).port)
  process.once('disconnect', () => process.exit())
}

/**
 * Calls without a signature, one after the other, from a thread with an event loop of its own: they go through the same
 * I/O thread, so whatever holds that up holds them up.
 */
async function probe() {
  const client = new Layer1(workerData.options)
  await client.get('/probe')
  /** @type {number[]} */
  let latencies = []
  parentPort?.on('message', (word) => {
    if (word === 'read') parentPort?.postMessage(latencies)
    latencies = []
  })
  for (;;) {
    const began = performance.now()
    await client.get('/probe')
    latencies.push(performance.now() - began)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** CPU time by the name of the thread, in µs; Linux only. */
function threadTimes() {
  /** @type {Record<string, number>} */
  const times = {}
  try {
    for (const id of readdirSync('/proc/self/task')) {
      const name = readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim()
      const [nanos = '0'] = readFileSync(`/proc/self/task/${id}/schedstat`, 'utf8').split(' ')
      times[name] = (times[name] ?? 0) + Number(nanos) / 1_000
    }
  } catch {
    // Another system, or a thread that has ended meanwhile.
  }
  return times
}

/**
 * CPU time of this thread, in µs; where nothing tells it, the time that the clock shows, which holds what other programs
 * took as well.
 */
function ownTime() {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1_000
  } catch {
    return performance.eventLoopUtilization().active * 1_000
  }
}

/**
 * @param {Layer1} client
 * @param {number} [delay] ms that the server waits, on average, before it answers
 */
async function load(client, delay = 0) {
  let left = CALLS
  const threads = threadTimes()
  const own = ownTime()
  const began = performance.now()
  const caller = async () => {
    while (left-- > 0) {
      const query = { delay: (2 * delay * Math.random()).toFixed(2) }
      await client.post('/digital/v1/addresses', BODY, { query })
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  const seconds = (performance.now() - began) / 1_000
  const js = ownTime() - own
  const after = threadTimes()
  const perCall = (/** @type {string} */ name) => ((after[name] ?? 0) - (threads[name] ?? 0)) / CALLS
  return {
    callsPerSecond: CALLS / seconds,
    js: js / CALLS,
    io: perCall('layer1-io'),
    work: perCall('layer1-work'),
  }
}

/**
 * What crypto.sign takes in JavaScript, in µs, with a key that is parsed already.
 *
 * @param {import('node:crypto').KeyObject} key
 */
function signInJavaScript(key) {
  const base = randomBytes(300)
  const began = ownTime()
  for (let index = 0; index < 500; index++) sign('sha256', base, key)
  return (ownTime() - began) / 500
}

/** @param {Worker} prober */
async function readProbe(prober) {
  prober.postMessage('read')
  const [latencies] = await once(prober, 'message')
  return Float64Array.from(latencies).sort()
}

/** @param {number[]} values */
const median = (values) =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  )

async function main() {
  const server = fork(__filename, ['serve'])
  const [port] = await once(server, 'message')
  const origin = `http://127.0.0.1:${port}`
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const options = { clientId: 'a', clientSecret: 'b', baseUrl: origin, tokenUrl: `${origin}/token` }
  const prober = new Worker(__filename, { workerData: { options } })
  const clients = {
    token: new Layer1(options),
    signature: new Layer1({ ...options, auth: 'signature', privateKey: pem }),
  }
  /** @type {Rounds} */
  const rounds = { token: [], 'token, as slow': [], signature: [] }
  /** @type {number[]} */
  const inJavaScript = []
  /** @type {Float64Array[]} */
  const idle = []
  await load(clients.token)
  // Calls that come one by one cost the JavaScript thread more than those that come in batches: beside signed calls belong
  // others at their pace.
  const pace = (await load(clients.signature)).callsPerSecond
  const runs = {
    token: () => load(clients.token),
    'token, as slow': () => load(clients.token, (CALLERS * 1_000) / pace),
    signature: () => load(clients.signature),
  }
  for (let round = 0; round < ROUNDS; round++) {
    prober.postMessage('forget')
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    idle.push(await readProbe(prober))
    inJavaScript.push(signInJavaScript(privateKey))
    for (const [name, run] of Object.entries(runs)) {
      prober.postMessage('forget')
      const figures = await run()
      rounds[/** @type {keyof Rounds} */ (name)].push({ ...figures, probes: await readProbe(prober) })
    }
  }
  report(rounds, median(inJavaScript), idle)
  await prober.terminate()
  for (const client of Object.values(clients)) await client.close()
  server.disconnect()
}

/**
 * @param {Rounds} rounds
 * @param {number} inJavaScript
 * @param {Float64Array[]} idle
 */
function report(rounds, inJavaScript, idle) {
  console.log(`${CALLS} calls at ${CALLERS} callers, RSA of 2048 bits, medians of ${ROUNDS} rounds`)
  for (const [name, figures] of Object.entries(rounds)) {
    const of = (/** @type {'callsPerSecond' | 'js' | 'io' | 'work'} */ key) => median(figures.map((one) => one[key]))
    const cpu = `JS thread ${of('js').toFixed(1)} µs, I/O thread ${of('io').toFixed(1)} µs, signing threads ${of('work').toFixed(0)} µs a call`
    console.log(`${name.padEnd(14)} ${of('callsPerSecond').toFixed(0).padStart(6)} calls/s; ${cpu}`)
    console.log(`${''.padEnd(14)} a probe through the I/O thread: ${describe(figures.map(({ probes }) => probes))}`)
  }
  console.log(`without load a probe through the I/O thread: ${describe(idle)}`)
  const js = median(rounds.signature.map((one) => one.js))
  const added = js - median(rounds['token, as slow'].map((one) => one.js))
  const share = (/** @type {number} */ micros) => `${((100 * micros) / inJavaScript).toFixed(1)} %`
  console.log(`crypto.sign in JavaScript: ${inJavaScript.toFixed(0)} µs of the JS thread a signature`)
  console.log(
    `a whole signed call takes ${share(js)} of that of the JS thread; beyond a call with a token at the same pace, ${share(added)}`,
  )
}

/** @param {Float64Array[]} rounds sorted latencies, in ms */
function describe(rounds) {
  const of = (/** @type {number} */ share) => median(rounds.map((probes) => quantile(probes, share))).toFixed(2)
  const worst = Math.max(...rounds.map((probes) => quantile(probes, 1)))
  return `median ${of(0.5)} ms, p99 ${of(0.99)} ms, longest of all rounds ${worst.toFixed(2)} ms`
}

if (process.argv[2] === 'serve') serve()
else if (isMainThread) main()
else probe()
