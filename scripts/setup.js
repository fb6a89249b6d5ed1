'use strict'
// Makes a fresh clone ready: packages installed, addon built.

const fs = require('node:fs')
const path = require('node:path')
const { run } = require('./run.js')

const root = path.join(__dirname, '..')

/** Installs the packages and builds the addon where either is missing or older than its sources. */
async function ensureReady() {
  await installIfStale()
  const { buildIfStale } = require('./build.js')
  await buildIfStale()
}

/** Installs the packages of package-lock.json unless they are there. */
async function installIfStale() {
  if (!isInstalled()) {
    // Not "npm ci": it refuses a lock file that was written where some tool's builds for other platforms could not be
    // had. "npm install" takes every version from the lock file all the same, and with --no-save it leaves that file alone.
    await run('npm', ['install', '--no-save', '--no-fund', '--no-audit'], { cwd: root })
  }
}

/** npm keeps a copy of what it installed: it lists the same packages as the lock file when nothing has changed. */
function isInstalled() {
  const wanted = readPackages('package-lock.json')
  const installed = readPackages('node_modules/.package-lock.json')
  if (!wanted || !installed) {
    return false
  }
  return Object.entries(wanted).every(
    ([name, entry]) => name === '' || entry.optional || installed[name]?.version === entry.version,
  )
}

/**
 * @param {string} file
 * @returns {Record<string, { version: string, optional?: boolean }> | undefined}
 */
function readPackages(file) {
  try {
    return JSON.parse(fs.readFileSync(path.join(root, file), 'utf8')).packages
  } catch {
    return undefined
  }
}

module.exports = { ensureReady, installIfStale }
