'use strict'

const { spawn } = require('node:child_process')

/**
 * Runs a command with this terminal's output; rejects with a sentence unless it exits with 0.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<void>}
 */
function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    // npm and npx are .cmd files on Windows, which only a shell starts.
    const child = spawn(command, args, { stdio: 'inherit', shell: process.platform === 'win32', ...options })
    const what = [command, ...args].join(' ')
    child.on('error', (error) => reject(new Error(`"${what}" could not be started: ${error.message}`)))
    child.on('exit', (code, signal) => {
      if (code === 0) {
        resolve()
      } else {
        reject(new Error(`"${what}" ended with ${signal ?? `exit code ${code}`}.`))
      }
    })
  })
}

module.exports = { run }
