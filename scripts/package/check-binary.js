'use strict'
// Whether a binary is what its name says: `node scripts/package/check-binary.js FILE…`

const fs = require('node:fs')
const path = require('node:path')
const binaryKind = require('../../lib/binary-kind.js')
const { readNeeds } = require('./elf.js')
const { listTargets } = require('./targets.js')
const { GLIBC_FLOOR } = require('./zigbuild.js')

/**
 * Tells what a binary is, or throws a sentence if that is not what its platform needs.
 *
 * @param {string} file
 * @param {import('./targets.js').Target} target
 */
function checkBinary(file, { platform, arch, abi }) {
  const bytes = fs.readFileSync(file)
  const kind = binaryKind(bytes)
  if (kind !== `${platform}-${arch}`) {
    throw new Error(`${file} has to be for ${platform}-${arch}, and is ${kind ? `for ${kind}` : 'no binary'}.`)
  }
  return platform === 'linux' ? `${kind}, ${checkLibc(file, readNeeds(bytes), abi === 'musl')}` : kind
}

/**
 * @param {string} file
 * @param {{ libraries: string[], versions: string[] }} needs
 * @param {boolean} isMusl
 */
function checkLibc(file, { libraries, versions }, isMusl) {
  const glibc = versions.flatMap((version) => version.match(/^GLIBC_(\d.*)$/)?.[1] ?? []).sort(compareVersions)
  const newest = glibc.at(-1)
  const hasGlibc = newest !== undefined || libraries.some((name) => /^(libc\.so\.6|ld-linux.*)$/.test(name))
  if (isMusl) {
    if (hasGlibc) {
      throw new Error(`${file} is for musl, and needs glibc: ${libraries.join(', ')}.`)
    }
    return `no glibc (needs ${libraries.join(', ')})`
  }
  if (newest === undefined) {
    throw new Error(`${file} is for glibc, and needs no symbol of it: ${libraries.join(', ')}.`)
  }
  if (compareVersions(newest, GLIBC_FLOOR) > 0) {
    throw new Error(`${file} needs glibc ${newest}, and may need ${GLIBC_FLOOR} at most: build it by "npm run pack".`)
  }
  return `nothing above GLIBC_${newest}`
}

/**
 * @param {string} left
 * @param {string} right
 */
function compareVersions(left, right) {
  return left.localeCompare(right, 'en', { numeric: true })
}

/** @param {string} file `layer1.linux-x64-gnu.node` and the like */
function targetOf(file) {
  const target = listTargets().find(({ suffix }) => path.basename(file) === `layer1.${suffix}.node`)
  if (!target) {
    throw new Error(`${file} is not named after a platform: layer1.PLATFORM.node.`)
  }
  return target
}

module.exports = { checkBinary }

if (require.main === module) {
  try {
    for (const file of process.argv.slice(2)) {
      console.log(`${file}: ${checkBinary(file, targetOf(file))}`)
    }
  } catch (error) {
    console.error(/** @type {Error} */ (error).message)
    process.exitCode = 1
  }
}
