'use strict'
// What the API does to a call, by name, and how the call may end then. The server acts, the host judges.

const { bodies } = require('./bodies.js')
const { frames } = require('./frames.js')
const { heads } = require('./heads.js')

/** @typedef {InstanceType<typeof import('../exchange.js').Exchange>} Exchange */

/**
 * @typedef {object} Fault
 * @property {string[]} codes how a call may end that meets it with every attempt: `ok`, or the end of its error's code
 * @property {boolean} [passes] whether a later attempt may be answered
 * @property {boolean} [refuses] whether it says that nothing was done: then a payment may be sent again
 * @property {() => unknown} [value] what a call gets that succeeds: `undefined` is anything; its own id if this is absent
 * @property {(exchange: Exchange, trap: number) => void} act
 */

/** @typedef {Record<string, Fault>} Faults */

/** @type {Faults} */
const faults = {
  ...frames,
  ...heads,
  ...bodies,
}

/** @type {Fault} */
const none = { codes: ['ok'], act: (exchange) => exchange.answer() }

module.exports = { faults, none }
