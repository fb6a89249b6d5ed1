'use strict'

/**
 * @typedef {object} Call
 * @property {string[]} operands as many as the command names
 * @property {Record<string, any>} options
 * @property {(text: string) => Promise<void>} print
 * @property {(text: string) => Promise<void>} printJson
 * @property {(text: string) => void} say
 */

/**
 * @typedef {object} Command
 * @property {string} name
 * @property {string} summary
 * @property {string} [details]
 * @property {string[]} operands
 * @property {boolean} [callsLayer1] whether it takes the options of authentication
 * @property {Record<string, import('../options.js').Option>} options its own, by the way they are written
 * @property {(call: Call) => Promise<number | void>} run gives an exit code, if it is not 0
 */

/** @type {Record<string, Command>} */
const commands = {
  token: require('./token.js'),
  get: require('./get.js'),
  post: require('./post.js'),
  sandbox: require('./sandbox.js'),
  doctor: require('./doctor.js'),
}

module.exports = { commands }
