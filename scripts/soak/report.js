'use strict'
// What a run prints at its end.

const { growthOf, megabytes } = require('./vitals.js')

/**
 * @typedef {object} ChaosRun
 * @property {number} seconds
 * @property {number} seed
 * @property {InstanceType<typeof import('./caller.js').Caller>} caller
 * @property {InstanceType<typeof import('./disturbances.js').Disturbances>} disturbances
 * @property {InstanceType<typeof import('./invariants.js').Invariants>} invariants
 * @property {{ resident: number, descriptors: number | undefined }[]} samples
 * @property {number} warm how many of them belong to the warm-up
 * @property {number} start RSS before the first call, in bytes
 * @property {number | undefined} rest descriptors before the first call
 * @property {import('./peer.js').Tally} tally
 */

/** @param {ChaosRun} run */
function printChaos({ seconds, seed, caller, disturbances, invariants, samples, warm, start, rest, tally }) {
  const injected = Object.values(tally.injected).reduce((sum, count) => sum + count, 0)
  const { started, settled, endings } = caller
  print(`Calls: ${started} started, ${settled} settled, in ${seconds} s`)
  print(`Ended: ${list(endings)}`)
  print(
    `Server: ${tally.requests} API requests, ${tally.grants} token requests, held up for ${tally.stall.toFixed(0)} ms at most`,
  )
  print(`Disturbances: ${list(disturbances.made)}`)
  print(`Faults injected: ${injected} of ${Object.keys(tally.injected).length} kinds`)
  for (const line of columns(tally.injected)) print(`  ${line}`)
  print(
    `RSS: ${describeMemory(
      start,
      samples.map(({ resident }) => resident),
      warm,
    )}`,
  )
  const held = samples.map((sample) => sample.descriptors ?? 0)
  print(`Descriptors: ${rest ?? 'not to be had here'} before, at most ${Math.max(...held)} between rounds`)
  printInvariants(invariants)
  print(`Seed: ${seed}; repeat it with: npm run soak -- --seconds ${seconds} --seed ${seed}`)
}

/**
 * @param {number} start
 * @param {number[]} resident
 * @param {number} warm how many of them belong to the warm-up
 */
function describeMemory(start, resident, warm) {
  const [growth, last = 0] = [growthOf(resident.slice(warm)), resident.at(-1)]
  const grown = growth === undefined ? 'too short to tell growth' : `growth after warm-up ${megabytes(growth)}`
  return `${megabytes(start)} at the start, ${megabytes(last)} at the end, at most ${megabytes(Math.max(...resident))}; ${grown}`
}

/** @param {InstanceType<typeof import('./invariants.js').Invariants>} invariants */
function printInvariants(invariants) {
  const all = invariants.list()
  const held = all.filter(({ broken }) => broken === 0)
  print(`Invariants held: ${held.length} of ${all.length}`)
  for (const { name, checks, broken } of all) {
    print(`  ${broken === 0 ? 'held' : `BROKEN ${broken} times`}: ${name} (${checks} checks)`)
  }
}

/** @param {Record<string, number>} counts */
function list(counts) {
  const byCount = Object.entries(counts).sort(([, one], [, other]) => other - one)
  return byCount.map(([name, count]) => `${name} ${count}`).join(', ') || 'none'
}

/** @param {Record<string, number>} counts */
function columns(counts) {
  const names = Object.keys(counts).sort()
  const cells = names.map((name) => `${name} ${counts[name]}`.padEnd(46))
  const lines = []
  for (let at = 0; at < cells.length; at += 3)
    lines.push(
      cells
        .slice(at, at + 3)
        .join('')
        .trimEnd(),
    )
  return lines
}

/** @param {string} line */
function print(line) {
  console.log(line)
}

module.exports = { print, printChaos, printInvariants }
