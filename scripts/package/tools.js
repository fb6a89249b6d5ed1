'use strict'

const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')
const { cacheFolder } = require('./cache.js')
const { run } = require('../run.js')

/** What says which tools, and in which versions. */
const FILES = ['package.json', 'package-lock.json', '.npmrc']

/**
 * Installs the tools of a folder that has a lock file of its own: once, outside of the repository.
 *
 * @param {string} source
 * @param {string} name of them
 * @returns {Promise<string>} the folder where they are
 */
async function installTools(source, name) {
  const hash = createHash('sha256')
  for (const file of FILES) hash.update(fs.readFileSync(path.join(source, file)))
  const folder = cacheFolder(`${name}-${hash.digest('hex').slice(0, 12)}`)
  const done = path.join(folder, 'installed')
  if (!fs.existsSync(done)) {
    for (const file of FILES) fs.copyFileSync(path.join(source, file), path.join(folder, file))
    await run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
    })
    fs.writeFileSync(done, '')
  }
  return folder
}

module.exports = { installTools }
