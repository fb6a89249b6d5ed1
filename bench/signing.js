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

/** @typedef {{ probes: Float64Array, timers: Float64Array }} Probes in ms, sorted */
/** @typedef {Awaited<ReturnType<typeof load>> & Probes} Figures */
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
 * I/O thread, so whatever holds that up holds them up. Between them, a timer of 1 ms of that same thread: what makes it late is
 * that too few processors are there for all threads, and not the I/O thread.
 */
async function probe() {
  const client = new Layer1(workerData.options)
  await client.get('/probe')
  let seen = { probes: /** @type {number[]} */ ([]), timers: /** @type {number[]} */ ([]) }
  parentPort?.on('message', (word) => {
    if (word === 'read') parentPort?.postMessage(seen)
    seen = { probes: [], timers: [] }
  })
  for (;;) {
    const began = performance.now()
    await client.get('/probe')
    const ended = performance.now()
    await new Promise((resolve) => setTimeout(resolve, 1))
    seen.probes.push(ended - began)
    seen.timers.push(Math.max(0, performance.now() - ended - 1))
  }
}

/** Wakes the main thread by an empty message, so many times a second. */
function wake() {
  const { pace, count } = workerData
  const never = new Int32Array(new SharedArrayBuffer(4))
  for (let index = 0; index < count; index++) {
    Atomics.wait(never, 0, 0, 1_000 / pace)
    parentPort?.postMessage(0)
  }
}

/**
 * What it takes of this thread to be woken and to do nothing, in µs.
 *
 * @param {number} pace times a second
 */
async function beingWoken(pace) {
  const waker = new Worker(__filename, { workerData: { pace, count: CALLS + 100 } })
  let left = 100
  waker.on('message', () => left--)
  while (left > 0) await once(waker, 'message')
  const own = ownTime()
  left = CALLS
  await new Promise((resolve) => waker.once('exit', resolve))
  return (ownTime() - own) / CALLS
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

/**
 * @param {Worker} prober
 * @returns {Promise<Probes>}
 */
async function readProbe(prober) {
  prober.postMessage('read')
  const [{ probes, timers }] = await once(prober, 'message')
  return { probes: Float64Array.from(probes).sort(), timers: Float64Array.from(timers).sort() }
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
  /** @type {number[]} */
  const woken = []
  /** @type {Probes[]} */
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
    woken.push(await beingWoken(pace))
    for (const [name, run] of Object.entries(runs)) {
      prober.postMessage('forget')
      const figures = await run()
      rounds[/** @type {keyof Rounds} */ (name)].push({ ...figures, ...(await readProbe(prober)) })
    }
  }
  report(rounds, median(inJavaScript), median(woken), idle)
  await prober.terminate()
  for (const client of Object.values(clients)) await client.close()
  server.disconnect()
}

/**
 * @param {Rounds} rounds
 * @param {number} inJavaScript
 * @param {number} woken
 * @param {Probes[]} idle
 */
function report(rounds, inJavaScript, woken, idle) {
  console.log(`${CALLS} calls at ${CALLERS} callers, RSA of 2048 bits, medians of ${ROUNDS} rounds`)
  for (const [name, figures] of Object.entries(rounds)) {
    const of = (/** @type {'callsPerSecond' | 'js' | 'io' | 'work'} */ key) => median(figures.map((one) => one[key]))
    const cpu = `JS thread ${of('js').toFixed(1)} µs, I/O thread ${of('io').toFixed(1)} µs, signing threads ${of('work').toFixed(0)} µs a call`
    console.log(`${name.padEnd(14)} ${of('callsPerSecond').toFixed(0).padStart(6)} calls/s; ${cpu}`)
    tellProbes(figures)
  }
  console.log('without load')
  tellProbes(idle)
  const js = median(rounds.signature.map((one) => one.js))
  // Beside its neighbour in time: the pace of the machine changes between rounds.
  const added = median(rounds.signature.map((one, round) => one.js - (rounds['token, as slow'][round]?.js ?? 0)))
  const share = (/** @type {number} */ micros) => `${((100 * micros) / inJavaScript).toFixed(1)} %`
  const micros = (/** @type {number} */ value) => `${value.toFixed(1)} µs`
  console.log(
    `crypto.sign in JavaScript takes ${micros(inJavaScript)} of the JS thread. Beside that, of the JS thread,`,
  )
  console.log(`  a whole signed call takes ${micros(js)}: ${share(js)}`)
  console.log(`  being woken once at that pace, to do nothing, ${micros(woken)}: ${share(woken)}`)
  console.log(`  what signing adds to a call with a token at that pace, ${micros(added)}: ${share(added)}`)
}

/** @param {Probes[]} rounds */
function tellProbes(rounds) {
  console.log(`${''.padEnd(14)} a probe through the I/O thread: ${describe(rounds.map(({ probes }) => probes))}`)
  console.log(`${''.padEnd(14)} a timer beside it is late by: ${describe(rounds.map(({ timers }) => timers))}`)
}

/** @param {Float64Array[]} rounds sorted times, in ms */
function describe(rounds) {
  const of = (/** @type {number} */ share) => median(rounds.map((times) => quantile(times, share))).toFixed(2)
  const worst = Math.max(...rounds.map((times) => quantile(times, 1)))
  return `median ${of(0.5)} ms, p99 ${of(0.99)} ms, longest of all rounds ${worst.toFixed(2)} ms`
}

if (process.argv[2] === 'serve') serve()
else if (isMainThread) main()
else if (workerData.pace) wake()
else probe()
