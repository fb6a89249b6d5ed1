'use strict'
// The host process of the chaos: node scripts/soak/chaos.js SECONDS SEED. It makes calls for so long, and ends with 0 only
// if every invariant held.

const { setTimeout: sleep } = require('node:timers/promises')
const { Caller } = require('./caller.js')
const { makeCertificates } = require('./certificates.js')
const { Disturbances } = require('./disturbances.js')
const { Fleet } = require('./fleet.js')
const { endWith, judgeDescriptors, watchProcess } = require('./host.js')
const { Invariants } = require('./invariants.js')
const { Peer } = require('./peer.js')
const { planCall } = require('./plan.js')
const { Random } = require('../random.js')
const { printChaos } = require('./report.js')
const { descriptors, growthOf, megabytes, residentBytes } = require('./vitals.js')

/** @typedef {InstanceType<typeof Fleet>} Hosts */
/** @typedef {InstanceType<typeof Invariants>} Watched */
/** @typedef {{ resident: number, descriptors: number | undefined }} Sample */

/** How long calls are made between two looks at what is left of them, in ms. */
const ROUND = 5_000
const CALLERS = 96
const FAULTY_GRANTS = 0.2
/** The share of the time that belongs to warming up: pools, caches and arenas find their size in it. In ms, the least. */
const WARM_UP = 0.25
const LEAST_WARM_UP = 15_000
/** By how much the memory may grow after that. */
const MOST_GROWTH = 16 * 1024 * 1024

/** @param {number} seconds @param {number} seed */
async function chaos(seconds, seed) {
  const invariants = new Invariants()
  watchProcess(invariants)
  const { ca, certificates } = makeCertificates()
  const peer = await Peer.start({ seed, faultyGrants: FAULTY_GRANTS, certificates }, (name, detail) =>
    invariants.report(name, detail),
  )
  const random = new Random(seed)
  const fleet = new Fleet(peer.ports, ca)
  const caller = new Caller(fleet, invariants, peer)
  const disturbances = new Disturbances(random.of(-1), fleet, (identity) => peer.revoke(identity))
  const doors = Object.keys(peer.ports.broken)
  const start = await residentBytes()
  const rest = await atRest(fleet, peer.ports.plain)
  fleet.launch()

  const began = performance.now()
  const end = began + seconds * 1_000
  const isWarm = began + Math.max(LEAST_WARM_UP, seconds * 1_000 * WARM_UP)
  /** @type {Sample[]} */
  const samples = []
  let warm = 0
  let number = 0
  while (performance.now() < end) {
    const until = Math.min(end, performance.now() + Math.min(ROUND, seconds * 200))
    const work = async () => {
      while (performance.now() < until) await caller.call(planCall(random, number++, fleet.members.length, doors))
    }
    await Promise.all([disturbances.run(until), ...Array.from({ length: CALLERS }, work)])
    samples.push(await lookAround(invariants, caller, fleet, rest))
    if (performance.now() < isWarm) warm = samples.length
    peer.tidy()
  }
  await fleet.close()
  judgeMemory(invariants, samples.slice(warm))
  await judgeDescriptors(invariants, rest)
  const tally = await peer.tally()
  await peer.stop()
  invariants.count(tally.checks)
  printChaos({ seconds, seed, caller, disturbances, invariants, samples, warm, start, rest, tally })
  return invariants.isAnyBroken ? 1 : 0
}

/**
 * Counts the descriptors of a host that has called and closed: threads and the like are there, connections are not.
 *
 * @param {Hosts} fleet
 * @param {string} url
 */
async function atRest(fleet, url) {
  const { client } = fleet.visit({ url, codes: [] })
  await client.getToken().catch(() => {})
  await client.close()
  await sleep(500)
  return descriptors()
}

/**
 * Looks at what is left when every call is settled.
 *
 * @param {Watched} invariants
 * @param {InstanceType<typeof Caller>} caller
 * @param {Hosts} fleet
 * @param {number | undefined} rest
 * @returns {Promise<Sample>}
 */
async function lookAround(invariants, caller, fleet, rest) {
  const { started, settled, listeners } = caller
  invariants.check('settled = started', started === settled, `${started} started, ${settled} settled`)
  for (const { client, identity } of fleet.members) {
    const { inFlight } = client.stats()
    invariants.check('nothing in flight at rest', inFlight === 0, `${inFlight} of ${identity}`)
  }
  invariants.check('no listener left', listeners === 0, `${listeners} on one signal`)
  invariants.check('no prototype changed', !('polluted' in {}))
  const sample = { resident: await residentBytes(), descriptors: descriptors() }
  if (sample.descriptors !== undefined && rest !== undefined) {
    const most = rest + fleet.mostConnections
    invariants.check('descriptors flat', sample.descriptors <= most, `${sample.descriptors}, at most ${most} are due`)
  }
  return sample
}

/** @param {Watched} invariants @param {Sample[]} samples those after the warm-up */
function judgeMemory(invariants, samples) {
  const growth = growthOf(samples.map(({ resident }) => resident))
  // A run that is too short says nothing of it.
  if (growth === undefined) return
  invariants.check('memory flat', growth < MOST_GROWTH, `it grew by ${megabytes(growth)}`)
}

const [seconds = 60, seed = 1] = process.argv.slice(2).map(Number)
chaos(seconds, seed).then(endWith, (error) => {
  console.error(error)
  process.exit(1)
})
