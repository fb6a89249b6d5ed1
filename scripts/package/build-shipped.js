'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { run } = require('../run.js')
const { zigbuild } = require('./zigbuild.js')

const root = path.join(__dirname, '..', '..')

/**
 * Builds the binary of a platform as it ships. For a Linux with glibc that is on any Linux; otherwise on the platform.
 *
 * @param {import('./targets.js').Target} target
 * @param {string} file where it goes
 */
async function buildShipped(target, file) {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  if (target.abi === 'gnu') {
    fs.copyFileSync(await zigbuild(target.triple), file)
    return
  }
  const output = path.join(root, 'target', 'napi')
  const args = [
    '--release',
    '--platform',
    '--no-js',
    '--target',
    target.triple,
    '--output-dir',
    path.relative(root, output),
  ]
  await run('npx', ['--no-install', 'napi', 'build', ...args, '--', '--locked'], {
    cwd: root,
    env: environment(target),
  })
  fs.copyFileSync(path.join(output, `layer1.${target.suffix}.node`), file)
}

/** @param {import('./targets.js').Target} target */
function environment(target) {
  // Rust links musl in; a library that Node loads has to use the musl that Node runs on.
  const flags = target.abi === 'musl' ? { RUSTFLAGS: '-C target-feature=-crt-static' } : {}
  return { ...process.env, ...flags }
}

module.exports = { buildShipped }
