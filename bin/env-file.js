'use strict'

const { parseEnv } = require('node:util')
const { readFile } = require('./file.js')

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
  for (const [name, value] of Object.entries(readEnvFile(file))) {
    if (!variables[name]) {
      variables[name] = value
    }
  }
}

/**
 * Gives the variables that a dotenv file names.
 *
 * @param {string} file
 * @returns {NodeJS.Dict<string>}
 */
function readEnvFile(file) {
  return parseEnv(readFile('--env-file', file).toString())
}

module.exports = { loadEnvFile, readEnvFile }
