'use strict'
// What a process holds: memory and descriptors.

const { readdirSync } = require('node:fs')
const { setTimeout: sleep } = require('node:timers/promises')
const { setFlagsFromString } = require('node:v8')
const { runInNewContext } = require('node:vm')

setFlagsFromString('--expose-gc')
/** @type {() => void} */
const collectGarbage = runInNewContext('gc')

/** Gives the resident memory in bytes, after what nobody needs is gone. */
async function residentBytes() {
  for (let round = 0; round < 3; round++) {
    collectGarbage()
    // Finalizers run between turns of the event loop.
    await sleep(10)
  }
  return process.memoryUsage.rss()
}

/** Counts the open descriptors, where the system tells. @returns {number | undefined} */
function descriptors() {
  try {
    // The one for this very list is among them, always.
    return readdirSync('/proc/self/fd').length
  } catch {
    return undefined
  }
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}

/**
 * Says by how much something grew: from the middle value of its first third to that of its last, so that no single look
 * decides. There is no growth to tell of fewer than three.
 *
 * @param {readonly number[]} looks
 */
function growthOf(looks) {
  const third = Math.floor(looks.length / 3)
  return third === 0 ? undefined : median(looks.slice(-third)) - median(looks.slice(0, third))
}

/** @param {readonly number[]} values */
function median(values) {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
}

module.exports = { descriptors, growthOf, megabytes, residentBytes }
