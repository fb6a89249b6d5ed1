'use strict'
// `npm run pack`: writes to artifacts/ the tarballs of the root package and of this machine's platform.
// `npm run pack -- --all FOLDER`: those of the root and of all platforms, with the binaries layer1.*.node in FOLDER.
// `npm run pack -- --binary`: only this machine's binary, for a later --all.

const { execFile } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { parseArgs, promisify } = require('node:util')
const zlib = require('node:zlib')
const { installIfStale } = require('./setup.js')

const root = path.join(__dirname, '..')
const artifacts = path.join(root, 'artifacts')

/** @typedef {import('./package/targets.js').Target} Target */

async function main() {
  const { values } = parseArgs({ options: { all: { type: 'string' }, binary: { type: 'boolean' } } })
  await installIfStale()
  fs.rmSync(artifacts, { recursive: true, force: true })
  fs.mkdirSync(artifacts)
  const binaries = values.all ? collect(values.all) : [await buildHost()]
  const { checkBinary } = require('./package/check-binary.js')
  for (const { target, file } of binaries) {
    console.log(`${path.basename(file)}: ${checkBinary(file, target)}, ${sizes(file)}`)
  }
  if (values.binary) {
    for (const { file } of binaries) fs.copyFileSync(file, path.join(artifacts, path.basename(file)))
    return
  }
  await packAll(binaries)
}

/**
 * Builds the binary of this machine as it ships.
 *
 * @returns {Promise<{ target: Target, file: string }>}
 */
async function buildHost() {
  const { hostTarget } = require('./package/targets.js')
  const target = hostTarget()
  if (!target) {
    throw new Error(`There is no package for ${process.platform}-${process.arch}.`)
  }
  const file = path.join(root, 'target', 'shipped', `layer1.${target.suffix}.node`)
  const { buildShipped } = require('./package/build-shipped.js')
  await buildShipped(target, file)
  return { target, file }
}

/**
 * Finds the binary of every platform.
 *
 * @param {string} folder
 * @returns {{ target: Target, file: string }[]}
 */
function collect(folder) {
  const { listTargets } = require('./package/targets.js')
  const binaries = listTargets().map((target) => ({ target, file: path.join(folder, `layer1.${target.suffix}.node`) }))
  const missing = binaries.filter(({ file }) => !fs.existsSync(file))
  if (missing.length > 0) {
    throw new Error(`There is no binary ${missing.map(({ file }) => file).join(', ')}.`)
  }
  return binaries
}

/** @param {{ target: Target, file: string }[]} binaries */
async function packAll(binaries) {
  const { stageRoot, stagePlatforms } = require('./package/stage.js')
  const platforms = await stagePlatforms()
  for (const { target, file } of binaries) {
    const folder = platforms[target.suffix] ?? ''
    fs.copyFileSync(file, path.join(folder, path.basename(file)))
    await pack(folder)
  }
  await pack(await stageRoot())
}

/** @param {string} folder */
async function pack(folder) {
  const { stdout } = await promisify(execFile)(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', artifacts],
    { cwd: folder, shell: process.platform === 'win32' },
  )
  const [packed] = Object.values(JSON.parse(stdout))
  console.log(
    `artifacts/${packed.filename}: ${packed.entryCount} files, ${bytes(packed.size)}, unpacked ${bytes(packed.unpackedSize)}`,
  )
}

/** @param {string} file */
function sizes(file) {
  const content = fs.readFileSync(file)
  return `${bytes(content.length)}, gzipped ${bytes(zlib.gzipSync(content, { level: 9 }).length)}`
}

/** @param {number} count */
function bytes(count) {
  return count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(2)} MB`
}

main().catch((error) => {
  console.error(`Packing failed: ${error.message}`)
  process.exitCode = 1
})
