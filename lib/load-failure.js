'use strict'
// Why the addon did not load, and what mends it, in one sentence for a person. Runs only after it did not.

const fs = require('node:fs')
const binaryKind = require('./binary-kind.js')
const { Layer1Error } = require('./errors.js')
const { REPAIRS, installedBinaries, packageManager } = require('./install.js')
const { here, readLibc, runtime } = require('./machine.js')

/** @import { LoadFailure } from './load.js' */

/**
 * @param {string[]} supported the platforms that have binaries
 * @param {LoadFailure[]} failures
 * @param {boolean} isClone
 */
function explain(supported, failures, isClone) {
  const libc = readLibc()
  const broken = failures.find((failure) => !isMissing(failure))
  const reason = reasonOf(supported, failures, broken, libc, isClone)
  return new Layer1Error(`layer1 cannot run on ${here}${libc ? ` with ${libc}` : ''} (${runtime()}): ${reason}`, {
    code: 'ERR_LAYER1_PLATFORM',
    retryable: false,
    cause: broken?.error ?? failures[0]?.error,
  })
}

/**
 * @param {string[]} supported
 * @param {LoadFailure[]} failures
 * @param {LoadFailure | undefined} broken
 * @param {string | undefined} libc
 * @param {boolean} isClone
 */
function reasonOf(supported, failures, broken, libc, isClone) {
  if (failures.length === 0) {
    return `there is no binary for it. There are binaries for ${supported.join(', ')}.`
  }
  const manager = packageManager(__dirname)
  if (broken) {
    const repair = isClone ? 'npm run build' : REPAIRS[manager].broken
    return `its binary ${faultOf(broken, libc)}. Repair it, on the machine that runs it, with "${repair}".`
  }
  if (isClone) {
    return 'its binary is not installed: this is a clone that is not built. Build it with "npm run build".'
  }
  const wanted = failures.map(({ suffix }) => suffix).filter((suffix) => !suffix.endsWith(libcOfOthers(libc)))
  const others = installedBinaries(__dirname)
  const causes =
    others.length > 0
      ? `only that of ${others.join(' and ')} is, so ${manager} installed it on or for another platform`
      : `${manager} left optional dependencies out, as with --omit=optional or --no-optional, or took a lock file or node_modules from another platform, or a bundler did not take it along`
  return `its binary, the package layer1-${wanted[0]}, is not installed: ${causes}. Repair it with "${REPAIRS[manager].missing}"; if that changes nothing, delete node_modules and the lock file first.`
}

/**
 * @param {LoadFailure} failure
 * @param {string | undefined} libc
 */
function faultOf({ suffix, error }, libc) {
  const said = error.message.split('\n')[0] ?? ''
  const file = said.match(/(?:[A-Za-z]:)?[\\/][^:'"()]*?\.node/)?.[0]
  if (suffix.endsWith(libcOfOthers(libc))) {
    return `is the one for ${suffix}: ${said}`
  }
  const kind = file && fs.existsSync(file) ? binaryKind(readStart(file)) : here
  if (kind === undefined) {
    return `is damaged: ${said}`
  }
  return kind === here ? `does not load: ${said}` : `was made for ${kind}: ${said}`
}

/** @param {LoadFailure} failure */
function isMissing({ error, suffix }) {
  return error.code === 'MODULE_NOT_FOUND' && error.message.includes(suffix)
}

/** @param {string | undefined} libc */
function libcOfOthers(libc) {
  return libc === 'musl' ? '-gnu' : libc === undefined ? '-none' : '-musl'
}

/** @param {string} file */
function readStart(file) {
  const descriptor = fs.openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(4096)
    return bytes.subarray(0, fs.readSync(descriptor, bytes, 0, bytes.length, 0))
  } finally {
    fs.closeSync(descriptor)
  }
}

module.exports = { explain }
