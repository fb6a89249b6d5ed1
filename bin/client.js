'use strict'

const { readAuth } = require('./auth-options.js')

/**
 * Gives what a client is made with, from the options of the command line.
 *
 * @param {Record<string, any>} options
 * @returns {Record<string, any>}
 */
function clientOptions(options) {
  const { environment, scope, timeout } = options
  return { environment, scope, timeout, ...readAuth(options) }
}

/**
 * Makes a client from the options of the command line, uses it, and closes it.
 *
 * @template T
 * @param {Record<string, any>} options
 * @param {(layer1: import('../index.d.ts').Layer1) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function withClient(options, use) {
  // Loaded here, so that help and the sandbox work where the native binary does not.
  const { Layer1 } = require('../index.js')
  const layer1 = new Layer1(clientOptions(options))
  try {
    return await use(layer1)
  } finally {
    await layer1.close()
  }
}

module.exports = { clientOptions, withClient }
