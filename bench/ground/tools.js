'use strict'
// Programs that are not part of a Node or Rust installation. They are installed where that is allowed, and missed loudly
// where it is not.

const fs = require('node:fs')
const path = require('node:path')
const { capture } = require('./processes.js')

/** Debian puts servers where only root looks. */
const PLACES = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin']

/** A package takes its time, in ms. */
const INSTALL_LIMIT = 300_000

/** @type {Record<string, string>} */
const DEBIAN_PACKAGES = { nginx: 'nginx-light', wrk: 'wrk', valgrind: 'valgrind' }

/**
 * Finds a program, after installing it if need be.
 *
 * @param {string} program
 * @param {string} otherwise what is done without it
 * @returns {Promise<string | undefined>}
 */
async function obtain(program, otherwise) {
  const present = find(program)
  if (present) {
    return present
  }
  const reason = await install(DEBIAN_PACKAGES[program] ?? program)
  const installed = find(program)
  if (!installed) {
    console.log(`MISSING: ${program} (${reason}); ${otherwise}.`)
  }
  return installed
}

/** @param {string} program */
function find(program) {
  return PLACES.map((place) => path.join(place, program)).find(isExecutable)
}

/** @param {string} file */
function isExecutable(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return fs.statSync(file).isFile()
  } catch {
    return false
  }
}

/**
 * @param {string} name
 * @returns {Promise<string>} why it may not be there afterwards
 */
async function install(name) {
  const apt = find('apt-get')
  if (!apt || process.getuid?.() !== 0) {
    return apt ? 'only root may install it' : 'there is no apt-get to install it with'
  }
  console.log(`Installing ${name} …`)
  // With this level, Debian's scripts do not start the service that a package brings.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const options = { env, timeout: INSTALL_LIMIT }
  const args = ['install', '-y', '-q', '--no-install-recommends', name]
  try {
    await capture(apt, args, options)
  } catch {
    try {
      await capture(apt, ['update', '-q'], options)
      await capture(apt, args, options)
    } catch {
      return `"apt-get install ${name}" failed`
    }
  }
  return 'its package does not hold it'
}

module.exports = { obtain }
