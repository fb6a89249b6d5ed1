'use strict'

const fs = require('node:fs')

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
    const { code } = /** @type {NodeJS.ErrnoException} */ (error)
    const reason = { ENOENT: 'there is no such file', EISDIR: 'it is a directory', EACCES: 'it may not be read' }
    throw new Error(
      `the file of ${option}, ${file}, cannot be read: ${reason[/** @type {'ENOENT'} */ (code)] ?? code}.`,
    )
  }
}

module.exports = { readFile }
