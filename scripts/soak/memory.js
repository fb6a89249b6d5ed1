'use strict'
// The host process of many calls: node scripts/soak/memory.js CALLS SEED [LEAK]. A tenth of them fail, a tenth are aborted; what
// they leave behind after the warm-up is measured. It ends with 0 only if that is nothing.
// With LEAK, in bytes, the host keeps so many for every call that fails: that has to be found.

const { getEventListeners } = require('node:events')
const { setTimeout: sleep } = require('node:timers/promises')
const { Layer1, Layer1Error } = require('../../index.js')
const { targetOf } = require('./api.js')
const { endWith, judgeDescriptors, watchProcess } = require('./host.js')
const { Invariants } = require('./invariants.js')
const { Peer } = require('./peer.js')
const { Random } = require('../random.js')
const { print, printInvariants } = require('./report.js')
const { SECRET_MARK } = require('./verdict.js')
const { descriptors, megabytes, residentBytes } = require('./vitals.js')

/** @typedef {InstanceType<typeof Random>} Chance */
/** @typedef {InstanceType<typeof Invariants>} Watched */
/** @typedef {InstanceType<typeof Peer>} Server */
/** @typedef {{ ok: number, failed: number, aborted: number }} Counts */

const CALLERS = 64
/** By how much the memory may grow after the warm-up: by pages here and there, and by a byte a call. */
const PAGES = 4 * 1024 * 1024
const BYTES_A_CALL = 1
/** A run of fewer calls may be over before the allocator has settled: it takes memory in pieces of 4 MiB. */
const SHORT_RUN = 100_000
/** The share of calls that belongs to warming up, and the fewest. */
const WARM_UP = 0.1
const LEAST_WARM_UP = 20_000
/** Looks at the memory after that. */
const LOOKS = 10
const FAILURES = ['404', '500', 'HTML for JSON', 'half of its gzip', 'reset', 'short body']

class Run {
  #client
  #random
  #invariants
  /** One signal for the calls of a whole run. */
  #watch = new AbortController()
  /** @type {Counts} */
  counts = { ok: 0, failed: 0, aborted: 0 }
  #last = 0
  #leak
  /** @type {Buffer[]} */
  #kept = []

  /**
   * @param {Layer1} client
   * @param {Chance} random
   * @param {Watched} invariants
   * @param {number} leak
   */
  constructor(client, random, invariants, leak) {
    this.#client = client
    this.#random = random
    this.#invariants = invariants
    this.#leak = leak
  }

  /** Makes calls up to this number. @param {number} number */
  async upTo(number) {
    const work = async () => {
      while (this.#last < number) {
        this.#last += 1
        await this.#call(this.#last)
      }
    }
    await Promise.all(Array.from({ length: CALLERS }, work))
    const { listeners } = this
    this.#invariants.check('no listener left', listeners === 0, `${listeners} on one signal`)
    const { inFlight } = this.#client.stats()
    this.#invariants.check('nothing in flight at rest', inFlight === 0, `${inFlight} calls`)
  }

  get listeners() {
    return getEventListeners(this.#watch.signal, 'abort').length
  }

  /** @param {number} number */
  async #call(number) {
    const draw = this.#random.of(number)
    const fate = draw.next()
    if (fate < 0.1) return await this.#fail(number, draw)
    if (fate < 0.2) return await this.#abort(number, draw)
    const signal = fate < 0.3 ? this.#watch.signal : null
    await this.#client.get(target(number, 'none'), { signal })
    this.counts.ok += 1
  }

  /** @param {number} number @param {Chance} draw */
  async #fail(number, draw) {
    const kind = draw.pick(FAILURES)
    try {
      await this.#client.post(target(number, kind), { id: `c${number}` }, { maxRetries: 0, signal: this.#watch.signal })
    } catch (error) {
      if (!(error instanceof Layer1Error)) throw error
      this.counts.failed += 1
      if (this.#leak > 0) this.#kept.push(Buffer.alloc(this.#leak, 1))
    }
  }

  /** @param {number} number @param {Chance} draw */
  async #abort(number, draw) {
    const controller = new AbortController()
    const { signal } = controller
    const after = draw.between(0, 4)
    if (after === 0) queueMicrotask(() => controller.abort(number))
    else setTimeout(() => controller.abort(number), after - 1)
    try {
      await this.#client.get(target(number, 'late answer'), { signal, maxRetries: 0 })
    } catch (error) {
      if (error === number) this.counts.aborted += 1
      else if (!(error instanceof Layer1Error)) throw error
    }
    this.#invariants.check('no listener left', getEventListeners(signal, 'abort').length === 0, `of call ${number}`)
  }
}

/** @param {number} number @param {string} kind */
function target(number, kind) {
  return targetOf({ id: `c${number}`, kind, times: 99, mayRepeat: true, knownDead: 0, beganAt: 0 })
}

/** @param {number} calls @param {number} seed @param {number} leak */
async function measure(calls, seed, leak) {
  const began = performance.now()
  const invariants = new Invariants()
  watchProcess(invariants)
  const peer = await Peer.start({ seed, faultyGrants: 0 }, (name, detail) => invariants.report(name, detail))
  const rest = await atRest(peer)
  const client = makeClient(peer)
  const run = new Run(client, new Random(seed), invariants, leak)
  const warmUp = Math.max(LEAST_WARM_UP, calls * WARM_UP)
  /** @type {number[]} */
  const resident = []
  for (let look = 0; look <= LOOKS; look++) {
    await run.upTo(Math.round(warmUp + (calls * look) / LOOKS))
    resident.push(await residentBytes())
    peer.tidy()
  }
  await client.close()
  await judgeDescriptors(invariants, rest)
  const [first = 0, last = 0] = [resident.at(0), resident.at(-1)]
  const growth = last - first
  const most = (calls < SHORT_RUN ? 2 * PAGES : PAGES) + calls * BYTES_A_CALL
  invariants.check('memory flat', growth < most, `it grew by ${megabytes(growth)}`)
  await peer.stop()
  const seconds = ((performance.now() - began) / 1_000).toFixed(0)
  const { ok, failed, aborted } = run.counts
  print(
    `Calls: ${calls} after ${warmUp} to warm up, in ${seconds} s: ${ok} ok, ${failed} failed, ${aborted} aborted in all`,
  )
  print(`RSS: ${resident.map(megabytes).join(', ')}`)
  print(`RSS growth after warm-up: ${megabytes(growth)}, at most ${megabytes(most)} are due`)
  print(`Descriptors: ${rest ?? 'not to be had here'} before, ${descriptors() ?? 'the same'} after`)
  print(`Listeners left: ${run.listeners}`)
  printInvariants(invariants)
  print(`Seed: ${seed}`)
  return invariants.isAnyBroken ? 1 : 0
}

/** Counts the descriptors of a host that has called and closed. @param {Server} peer */
async function atRest(peer) {
  const client = makeClient(peer)
  await client.get(target(0, 'none'))
  await client.close()
  await sleep(500)
  return descriptors()
}

/** @param {Server} peer */
function makeClient(peer) {
  const { plain } = peer.ports
  return new Layer1({
    clientId: 'memory',
    clientSecret: `${SECRET_MARK}memory`,
    baseUrl: plain,
    tokenUrl: `${plain}/token`,
    proxy: false,
  })
}

const [calls = 1_000_000, seed = 1, leak = 0] = process.argv.slice(2).map(Number)
measure(calls, seed, leak).then(endWith, (error) => {
  console.error(error)
  process.exit(1)
})
