'use strict'
// Builds the addon for old Linuxes: zig links against the symbols of whichever glibc one names.

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { run } = require('../run.js')
const { cacheFolder } = require('./cache.js')

const root = path.join(__dirname, '..', '..')

/** The oldest glibc that the Linux binaries run on: RHEL 7 and Amazon Linux 2 and whatever is newer. */
const GLIBC_FLOOR = '2.17'

/** From PyPI; pinned, for they decide what ships. */
const TOOLS = ['ziglang==0.17.1', 'cargo-zigbuild==0.24.1']

/**
 * Builds for a Linux with glibc, with the symbols of {@link GLIBC_FLOOR}.
 *
 * @param {string} triple
 * @returns {Promise<string>} the library
 */
async function zigbuild(triple) {
  const bin = await installTools()
  // Outside of the repository: what does not change between clones is compiled once.
  const targetFolder = cacheFolder('target')
  // Where a panic happened is told without naming folders of the machine that built it.
  const cargoHome = process.env.CARGO_HOME || path.join(os.homedir(), '.cargo')
  const flags = `${process.env.RUSTFLAGS ?? ''} --remap-path-prefix=${cargoHome}=cargo`.trim()
  await run(
    'cargo',
    ['zigbuild', '--locked', '--release', '--target', `${triple}.${GLIBC_FLOOR}`, '--target-dir', targetFolder],
    {
      cwd: root,
      env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}`, RUSTFLAGS: flags },
    },
  )
  return path.join(targetFolder, triple, 'release', 'liblayer1.so')
}

/** Installs zig and cargo-zigbuild into an environment of their own, once. @returns {Promise<string>} its programs */
async function installTools() {
  const folder = path.join(cacheFolder('zigbuild'), TOOLS.join('+').replaceAll('==', '-'))
  const done = path.join(folder, 'installed')
  const bin = path.join(folder, 'bin')
  if (!fs.existsSync(done)) {
    const python = process.env.PYTHON || 'python3'
    await run(python, ['-m', 'venv', '--clear', folder])
    await run(path.join(bin, 'python'), ['-m', 'pip', 'install', '--quiet', ...TOOLS])
    fs.writeFileSync(done, '')
  }
  return bin
}

module.exports = { zigbuild, GLIBC_FLOOR }
