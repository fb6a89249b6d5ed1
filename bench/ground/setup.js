'use strict'
// Makes a fresh clone ready for the bench, and lays the ground that its suites stand on.

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { build, isFresh } = require('../../scripts/build.js')
const { run } = require('../../scripts/run.js')
const { installIfStale } = require('../../scripts/setup.js')
const { writeAnswers } = require('./bodies.js')
const { startNginx } = require('./nginx.js')
const { installPackage } = require('./package.js')
const { atTheEnd, capture } = require('./processes.js')
const { startRustServer } = require('./rust-server.js')
const { obtain } = require('./tools.js')

const root = path.join(__dirname, '..', '..')
const bench = path.join(root, 'bench')
const native = path.join(
  bench,
  'native',
  'target',
  'release',
  `layer1-bench${process.platform === 'win32' ? '.exe' : ''}`,
)

/** Builds and installs what is missing or stale. */
async function prepare() {
  await installIfStale()
  if (!isFresh() || readJson(path.join(root, 'target', 'addon.stamp.json'))?.profile !== 'release') {
    await build('release')
  }
  const nativeArgs = ['build', '--release', '--locked', '--quiet', '--target-dir', 'target']
  await run('cargo', nativeArgs, { cwd: path.join(bench, 'native') })
  if (!arePeersInstalled()) {
    await run('npm', ['install', '--no-save', '--no-fund', '--no-audit'], { cwd: bench })
  }
  await installPackage(root)
}

/** npm keeps a copy of what it installed. */
function arePeersInstalled() {
  const wanted = readJson(path.join(bench, 'package-lock.json')).packages
  const installed = readJson(path.join(bench, 'node_modules', '.package-lock.json'))?.packages ?? {}
  return Object.keys(wanted).every(
    (name) => name === '' || wanted[name].optional || installed[name]?.version === wanted[name].version,
  )
}

/**
 * Starts the server, and says what the suites are to use.
 *
 * @param {{ isQuick: boolean, usesOwnServer: boolean, say: (text: string) => void }} options
 * @returns {Promise<import('../types.d.ts').Ground>}
 */
async function layGround({ isQuick, usesOwnServer, say }) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'layer1-bench-'))
  atTheEnd(() => fs.rmSync(directory, { recursive: true, force: true }))
  await capture(native, ['certificates', directory])
  writeAnswers(directory)
  const nginx = usesOwnServer ? undefined : await obtain('nginx', "the bench's own server takes its place")
  const wrk = await obtain('wrk', 'its rows are left out')
  const caFile = path.join(directory, 'ca.pem')
  return {
    server: nginx ? await startNginx(nginx, directory) : await startRustServer(native, directory),
    ca: { pem: fs.readFileSync(caFile, 'utf8'), file: caFile },
    native,
    wrk,
    isQuick,
    say,
    ...(isQuick
      ? { rounds: 1, coldRounds: 3, warmUp: 200, measure: 300 }
      : { rounds: 5, coldRounds: 15, warmUp: 400, measure: 1_000 }),
  }
}

/**
 * @param {string} file
 * @returns {any} undefined if there is none
 */
function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

module.exports = { prepare, layGround, readJson, root }
