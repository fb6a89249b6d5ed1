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

module.exports = { descriptors, megabytes, residentBytes }
