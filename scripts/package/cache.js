'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

/**
 * Gives a folder for tools that this repository needs and does not hold, outside of it, so that clones share them.
 *
 * @param {string} name
 */
function cacheFolder(name) {
  const base = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache')
  const folder = path.join(base, 'layer1', name)
  fs.mkdirSync(folder, { recursive: true })
  return folder
}

module.exports = { cacheFolder }
