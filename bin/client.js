'use strict'

/**
 * Makes a client from the global options, uses it, and closes it.
 *
 * @template T
 * @param {Record<string, any>} options
 * @param {(layer1: import('../index.d.ts').Layer1) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function withClient({ environment, scope, timeout }, use) {
  // Loaded here, so that help and the sandbox work where the native binary does not.
  const { Layer1 } = require('../index.js')
  const layer1 = new Layer1({ environment, scope, timeout })
  try {
    return await use(layer1)
  } finally {
    await layer1.close()
  }
}

module.exports = { withClient }
