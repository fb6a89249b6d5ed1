'use strict'

const fs = require('node:fs')
const { reasonOf } = require('./unreadable.js')

/**
 * Reads the file that an option names.
 *
 * @param {string} option as it is written
 * @param {string} file
 * @throws {Error} a sentence that says what is wrong with it
 */
function readFile(option, file) {
  try {
    return fs.readFileSync(file)
  } catch (error) {
    throw new Error(`the file of ${option}, ${file}, cannot be read: ${reasonOf(error)}.`)
  }
}

module.exports = { readFile }
