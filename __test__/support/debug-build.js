'use strict'
// The package with a debug build of its addon, whichever build is in lib/: only that has fault points.

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const root = path.join(__dirname, '..', '..')
const target = path.join(root, 'target')
/** @type {Record<string, string>} */
const libraries = { linux: 'liblayer1.so', darwin: 'liblayer1.dylib' }

/** Says why no such package can be made here, or `false`. */
function whyNoDebugBuild() {
  if (libraries[process.platform] === undefined) return 'debug builds are made on Linux and macOS only'
  try {
    execFileSync('cargo', ['--version'], { stdio: 'ignore' })
    return false
  } catch {
    return 'cargo, which makes the debug build, is not installed'
  }
}

/** Makes the package, and gives where it is, for `require`. */
function makeDebugPackage() {
  const args = ['build', '--locked', '--lib', '--quiet', '--target-dir', target]
  execFileSync('cargo', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'layer1-debug-'))
  fs.mkdirSync(path.join(folder, 'lib'))
  for (const file of ['index.js', 'package.json', 'lib/old-node.js', 'lib/entry.js', 'lib/face.js']) {
    fs.copyFileSync(path.join(root, file), path.join(folder, file))
  }
  const name = fs.readdirSync(path.join(root, 'lib')).find((file) => file.endsWith('.node'))
  const addon = path.join(folder, 'lib', String(name))
  fs.copyFileSync(path.join(target, 'debug', String(libraries[process.platform])), addon)
  return { folder, addon, remove: () => fs.rmSync(folder, { recursive: true, force: true }) }
}

module.exports = { makeDebugPackage, whyNoDebugBuild }
