// Package managers, each from an empty project to the main job.

const assert = require('node:assert/strict')
const path = require('node:path')

const DONE = 'job: 3 parts, true, true, true\n'

/** @typedef {InstanceType<typeof import('../world.js').World>} World */

module.exports = () => [
  { name: 'npm', run: npm },
  { name: 'pnpm', run: pnpm },
  { name: 'bun install', run: bun },
]

/** @param {World} world */
async function npm(world) {
  assert.equal(await world.run(process.execPath, ['job.cjs']), DONE)
  const tarballs = world.registry.asked.filter((url) => url.endsWith('.tgz'))
  assert.ok(
    tarballs.every((url) => url.startsWith('/layer1-linux') || url.startsWith('/layer1/')),
    tarballs.join(),
  )
}

/** @param {World} world */
async function pnpm(world) {
  const folder = world.project('pnpm')
  const program = path.join(world.tools, 'node_modules', 'pnpm', 'bin', 'pnpm.cjs')
  const places = [`--registry=${world.registry.url}`, `--store-dir=${path.join(folder, 'store')}`]
  const env = { XDG_CACHE_HOME: path.join(folder, 'cache') }
  await world.run(process.execPath, [program, 'add', 'layer1', ...places], { cwd: folder, env })
  assert.equal(await world.run(process.execPath, ['job.cjs'], { cwd: folder }), DONE)
}

/** @param {World} world */
async function bun(world) {
  const folder = world.project('bun')
  const program = world.program('@oven/bun-linux-x64-baseline', 'bin/bun')
  const env = { BUN_INSTALL_CACHE_DIR: path.join(folder, 'cache') }
  await world.run(program, ['add', 'layer1', `--registry=${world.registry.url}`], { cwd: folder, env })
  assert.equal(await world.run(program, ['run', 'job.mjs'], { cwd: folder }), DONE)
}
