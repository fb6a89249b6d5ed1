'use strict'
// The binary, the runtime and the C library.

const fs = require('node:fs')
const path = require('node:path')
const { here, readLibc, runtime } = require('../../lib/machine.js')
const oldNode = require('../../lib/old-node.js')
const { name, version } = require('../../package.json')
const { failed, ok, warning } = require('./finding.js')

/** @typedef {import('./finding.js').Verdict} Verdict */

/** The oldest glibc that the binaries for Linux run on. */
const OLDEST_GLIBC = { major: 2, minor: 17 }

/**
 * Loads the package, and says which binary it has.
 *
 * @returns {{ verdict: Verdict, Layer1?: typeof import('../../index.d.ts').Layer1 }}
 */
function checkBinary() {
  try {
    const { Layer1 } = require('../../index.js')
    return { verdict: nameBinary(), Layer1 }
  } catch (error) {
    const { message } = /** @type {Error} */ (error)
    // The loader's sentence ends with what repairs it.
    const [, seen, mend] = message.match(/^(.*?) ((?:Repair|Build|Install) .*)$/s) ?? []
    return { verdict: failed(seen ?? message, mend ?? null) }
  }
}

/** @returns {Verdict} */
function nameBinary() {
  const file = Object.keys(require.cache).find((loaded) => /[\\/]layer1\.[^\\/]+\.node$/.test(loaded))
  if (!file) {
    return ok(`${name} ${version}, its binary is loaded`)
  }
  const manifest = readManifest(path.join(path.dirname(file), 'package.json'))
  if (!manifest) {
    return ok(`${name} ${version}, with a binary built here: ${file}`)
  }
  const found = `${name} ${version}, with its package ${manifest.name} ${manifest.version}`
  return manifest.version === version
    ? ok(found)
    : warning(found, 'Both have to be of one version: delete node_modules and install again.')
}

/** @param {string} file */
function readManifest(file) {
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined
}

/** @returns {Verdict} */
function checkRuntime() {
  const complaint = oldNode(process.versions.node)
  return complaint ? failed(`${runtime()} is too old`, complaint.message) : ok(`${runtime()} on ${here}`)
}

/** @returns {Verdict} */
function checkLibc() {
  const libc = readLibc()
  if (libc === undefined) {
    return ok(`nothing to choose on ${here}`)
  }
  const version = libc.match(/^glibc (\d+)\.(\d+)/)
  const [major, minor] = [Number(version?.[1]), Number(version?.[2])]
  const isOld = major < OLDEST_GLIBC.major || (major === OLDEST_GLIBC.major && minor < OLDEST_GLIBC.minor)
  const needed = `${OLDEST_GLIBC.major}.${OLDEST_GLIBC.minor}`
  return isOld
    ? failed(`${libc} is too old`, `layer1 needs glibc ${needed} or newer: use a newer system or image.`)
    : ok(libc)
}

module.exports = { checkBinary, checkLibc, checkRuntime }
