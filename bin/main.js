'use strict'

const { version } = require('../package.json')
const { readCommandLine } = require('./arguments.js')
const { loadEnvFile } = require('./env-file.js')
const { help, usage } = require('./help.js')
const { print, printJson, say } = require('./output.js')
const { UsageError } = require('./usage-error.js')

const SUCCESS = 0
const FAILURE = 1
const WRONG_USAGE = 2

/**
 * Runs one command line.
 *
 * @param {string[]} argv what follows the program's name
 * @returns {Promise<number>} the exit code; never rejects
 */
async function main(argv) {
  try {
    return (await run(argv)) ?? SUCCESS
  } catch (error) {
    if (error instanceof UsageError) {
      say(`layer1: ${error.message}`)
      say(usage(error.command))
      return WRONG_USAGE
    }
    explain(error)
    return FAILURE
  }
}

/** @param {string[]} argv */
async function run(argv) {
  const { wish, command, operands, options } = readCommandLine(argv)
  if (wish === 'version') {
    return await print(version)
  }
  if (wish === 'help' || !command) {
    return await print(help(command))
  }
  if (options.envFile !== undefined) {
    loadEnvFile(options.envFile, process.env)
  }
  return await command.run({ operands, options, print, printJson, say })
}

/**
 * Says what failed, without its stack: that is for those who write programs.
 *
 * @param {unknown} error
 */
function explain(error) {
  const { message, code } = /** @type {{ message?: unknown, code?: unknown }} */ (error ?? {})
  say(`layer1: ${typeof message === 'string' && message !== '' ? message : 'something failed that has no message.'}`)
  if (code === 'ERR_LAYER1_CONFIG') {
    say('The command line takes variables from the environment, and from a file of them with --env-file FILE.')
  }
}

module.exports = { main }
