'use strict'

const { indentJson } = require('./json-text.js')

// Without a listener, a reader that went away would end the process with a stack; each write hears of it by itself.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => {})
}

/**
 * Prints lines on stdout. A reader that has seen enough, as in `layer1 get … | head`, is no failure.
 *
 * @param {string} text
 * @returns {Promise<void>} when it is delivered
 */
function print(text) {
  return new Promise((resolve, reject) => {
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`, (error) => {
      if (error && /** @type {NodeJS.ErrnoException} */ (error).code !== 'EPIPE') {
        reject(new Error(`the output cannot be written: ${error.message}.`))
      } else {
        resolve()
      }
    })
  })
}

/**
 * Prints JSON on stdout: indented on a terminal, otherwise exactly as it is. Either way no number changes.
 *
 * @param {string} text valid JSON
 */
async function printJson(text) {
  await print(process.stdout.isTTY ? indentJson(text) : text)
}

/**
 * Says something to a person, on stderr. What a server sent cannot steer the terminal.
 *
 * @param {string} text
 */
function say(text) {
  process.stderr.write(`${text.replace(/(?!\n)\p{Cc}/gu, ' ')}\n`)
}

module.exports = { print, printJson, say }
