// What is wrong with an installation is told in one sentence, whichever way the package is loaded.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { hostTarget } = require('../../../scripts/package/targets.js')

const suffix = hostTarget()?.suffix ?? ''
const binary = path.join('node_modules', `layer1-${suffix}`, `layer1.${suffix}.node`)

/** @typedef {InstanceType<typeof import('../world.js').World>} World */

module.exports = () => [
  { name: 'npm install --omit=optional, and the repair that the error names', run: omitted },
  { name: 'node_modules made for another platform', run: foreign },
  { name: 'a binary for another CPU', run: wrongCpu },
  {
    name: 'a damaged binary',
    run: (/** @type {World} */ world) => damaged(world, 'text', Buffer.from('no binary at all')),
  },
  { name: 'an empty binary', run: (/** @type {World} */ world) => damaged(world, 'empty', Buffer.alloc(0)) },
  { name: 'a binary cut short after its header', run: cut },
  { name: 'a platform without a binary', run: unsupported },
  ...[16, 18].map((major) => ({ name: `Node ${major}`, run: (/** @type {World} */ world) => oldNode(world, major) })),
]

/** @param {World} world */
async function omitted(world) {
  const folder = await world.install('omitted', ['--omit=optional'])
  const message = await refusal(world, folder)
  assert.match(
    message,
    new RegExp(`the package layer1-${suffix}, is not installed: npm left optional dependencies out`),
  )
  const [, repair = ''] = message.match(/Repair it with "npm ([^"]+)"/) ?? []
  await world.npm(folder, repair.split(' '))
  assert.deepEqual(JSON.parse(await world.run(process.execPath, ['load.cjs'], { cwd: folder })), { loaded: 'function' })
}

/** @param {World} world */
async function foreign(world) {
  const folder = world.copy('foreign')
  const modules = path.join(folder, 'node_modules')
  fs.renameSync(path.join(modules, `layer1-${suffix}`), path.join(modules, 'layer1-darwin-arm64'))
  assert.match(
    await refusal(world, folder),
    /only that of darwin-arm64 is, so npm installed it on or for another platform/,
  )
}

/** @param {World} world */
async function wrongCpu(world) {
  const content = fs.readFileSync(path.join(world.app, binary))
  if (process.platform === 'linux') content.writeUInt16LE(process.arch === 'x64' ? 0xb7 : 0x3e, 18)
  const message = await refusal(world, replaced(world, 'wrong-cpu', content))
  assert.match(message, process.arch === 'x64' ? /was made for linux-arm64: / : /was made for linux-x64: /)
  assert.match(message, /"rm -rf node_modules\/layer1-\* && npm install/)
}

/**
 * @param {World} world
 * @param {string} name
 * @param {Buffer} content
 */
async function damaged(world, name, content) {
  assert.match(await refusal(world, replaced(world, name, content)), /its binary is damaged: /)
}

/** @param {World} world */
async function cut(world) {
  const content = fs.readFileSync(path.join(world.app, binary))
  const message = await refusal(world, replaced(world, 'cut', content.subarray(0, 128)))
  assert.match(message, /its binary does not load: .*Repair it/)
}

/** @param {World} world */
async function unsupported(world) {
  const { name, code, message } = JSON.parse(await world.run(process.execPath, ['load.cjs', 'sunos']))
  assert.deepEqual([name, code], ['Layer1Error', 'ERR_LAYER1_PLATFORM'])
  assert.match(
    message,
    /^layer1 cannot run on sunos-\w+ .*there is no binary for it\. There are binaries for .*win32-arm64\.$/,
  )
}

/**
 * @param {World} world
 * @param {number} major
 */
async function oldNode(world, major) {
  for (const file of ['load.cjs', 'load.mjs']) {
    const told = JSON.parse(await world.run(world.node(major), [file]))
    assert.equal(told.code, 'ERR_LAYER1_PLATFORM')
    assert.equal(told.name, 'Layer1Error')
    assert.match(told.message, new RegExp(`^layer1 cannot run on Node ${major}\\..*: it needs 20\\.17 or newer\\.`))
  }
}

/**
 * Loads the package in both ways, and gives the sentence that both said.
 *
 * @param {World} world
 * @param {string} folder
 * @returns {Promise<string>}
 */
async function refusal(world, folder) {
  const [cjs, esm] = await Promise.all(
    ['load.cjs', 'load.mjs'].map(async (file) =>
      JSON.parse(await world.run(process.execPath, [file], { cwd: folder })),
    ),
  )
  assert.deepEqual([cjs.name, cjs.code], ['Layer1Error', 'ERR_LAYER1_PLATFORM'], JSON.stringify(cjs))
  assert.deepEqual(esm, cjs)
  assert.ok(cjs.message.startsWith(`layer1 cannot run on ${process.platform}-${process.arch}`), cjs.message)
  assert.ok(!cjs.message.includes('\n'), cjs.message)
  return cjs.message
}

/**
 * Makes a project whose binary is another file.
 *
 * @param {World} world
 * @param {string} name
 * @param {Buffer} content
 */
function replaced(world, name, content) {
  const folder = world.copy(name)
  fs.rmSync(path.join(folder, binary))
  fs.writeFileSync(path.join(folder, binary), content)
  return folder
}
