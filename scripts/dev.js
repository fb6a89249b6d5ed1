'use strict'
// `npm run dev`: builds what is stale (Rust as a debug build, in seconds), runs, and does both again on every change.
// `npm run dev -- FILE…`: what to run: test files, or one program with its arguments. Without any, the tests of the client.

const { spawn } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { build, isFresh } = require('./build.js')
const { bundleIfStale } = require('./bundle.js')
const { unsteered } = require('./environment.js')
const { installIfStale } = require('./setup.js')

const root = path.join(__dirname, '..')
const FOLDERS = ['src', 'lib', 'bin', '__test__', 'examples']
const SOURCES = /\.(rs|[cm]?js|[cm]?ts|toml|json)$/
/** What the build itself writes. */
const GENERATED = /^lib[\\/](face\.js|binding\.js|binding\.d\.ts)/
/** An editor writes several files in one go, and some of them twice: milliseconds to wait for its end. */
const SETTLE = 100

/** @param {string[]} argv */
async function main(argv) {
  await installIfStale()
  const args = argv.length > 0 ? argv : ['__test__/client.test.js']
  const isTest = args.every((arg) => /\.test\.[cm]?js$/.test(arg))
  const changes = watch()
  for (;;) {
    // What changes from here on is seen to in the next round.
    const changed = changes.next()
    await round(isTest ? ['--test', ...args] : args, changed)
    console.log('dev: waiting for a change')
    console.log(`\ndev: ${await changed} changed`)
  }
}

/**
 * Builds and runs once. A change ends the run.
 *
 * @param {string[]} args
 * @param {Promise<string>} changed
 */
async function round(args, changed) {
  try {
    bundleIfStale()
    if (!isFresh()) await build('debug')
  } catch (error) {
    console.log(`dev: not built: ${/** @type {Error} */ (error).message}`)
    return
  }
  const child = spawn(process.execPath, args, { cwd: root, env: unsteered(process.env), stdio: 'inherit' })
  const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? `exit code ${code}`)))
  changed.then(() => child.kill())
  console.log(`dev: ended with ${await ended}`)
}

/** Watches the sources. @returns {{ next(): Promise<string> }} resolves to the name of a file that changed */
function watch() {
  /** @type {(file: string) => void} */
  let tell = () => {}
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  for (const folder of FOLDERS) {
    fs.watch(path.join(root, folder), { recursive: true }, (_, name) => {
      const file = path.join(folder, name ?? '')
      if (!SOURCES.test(file) || GENERATED.test(file)) return
      clearTimeout(timer)
      timer = setTimeout(() => tell(file), SETTLE)
    })
  }
  return {
    next() {
      return new Promise((resolve) => {
        tell = resolve
      })
    },
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
