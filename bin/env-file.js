'use strict'

const fs = require('node:fs')
const { parseEnv } = require('node:util')

/**
 * Sets the variables that a dotenv file names. Those that are set already win; an empty one counts as unset, as it does
 * for the client.
 *
 * Node itself reads a script's `--env-file` too (nodejs/node#54232), with the same parser and precedence: what it took
 * is set by now. A file it cannot read ends the process with Node's sentence and its exit code 9, before this runs.
 *
 * @param {string} file
 * @param {NodeJS.ProcessEnv} variables
 */
function loadEnvFile(file, variables) {
  for (const [name, value] of Object.entries(parseEnv(read(file)))) {
    if (!variables[name]) {
      variables[name] = value
    }
  }
}

/** @param {string} file */
function read(file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error)
    const reason = { ENOENT: 'there is no such file', EISDIR: 'it is a directory', EACCES: 'it may not be read' }
    throw new Error(
      `the file of --env-file, ${file}, cannot be read: ${reason[/** @type {'ENOENT'} */ (code)] ?? code}.`,
    )
  }
}

module.exports = { loadEnvFile }
