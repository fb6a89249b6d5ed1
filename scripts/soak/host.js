'use strict'
// What the processes that make calls have in common.

const { setTimeout: sleep } = require('node:timers/promises')
const { descriptors } = require('./vitals.js')

/** @typedef {InstanceType<typeof import('./invariants.js').Invariants>} Invariants */

/** How long a closed client's connections may take to be gone, in ms. */
const LINGER = 15_000

/** What Node itself complains of breaks an invariant. @param {Invariants} invariants */
function watchProcess(invariants) {
  const name = 'no warning and no unhandled rejection'
  invariants.check(name, true)
  process.on('warning', (warning) => invariants.report(name, String(warning)))
  process.on('unhandledRejection', (reason) => invariants.report(name, String(reason)))
}

/**
 * Waits until no more descriptors are open than before the first call.
 *
 * @param {Invariants} invariants
 * @param {number | undefined} rest
 */
async function judgeDescriptors(invariants, rest) {
  if (rest === undefined) return
  const end = performance.now() + LINGER
  let left = descriptors() ?? 0
  while (left > rest && performance.now() < end) {
    await sleep(100)
    left = descriptors() ?? 0
  }
  invariants.check('descriptors flat', left <= rest, `${left} are left of ${rest} before`)
}

/** Ends the process once everything is printed. @param {number} code */
function endWith(code) {
  process.stdout.write('', () => process.exit(code))
}

module.exports = { endWith, judgeDescriptors, watchProcess }
