'use strict'
// Runs the child processes that all suites are made of.

const path = require('node:path')
const { unsteered } = require('../../scripts/environment.js')
const { clientOf } = require('../clients/index.js')
const { capture } = require('../ground/processes.js')

/** @typedef {import('../types.d.ts').Ground} Ground */
/** @typedef {{ cell: string, runner: string, measure: () => Promise<import('../types.d.ts').Figures> }} Job */

const credentials = { clientId: 'bench', clientSecret: 'not-a-secret' }

/** More connections than this no client gets: it is layer1's default. */
const MOST_CONNECTIONS = 128

/** Bytes of a body that takes milliseconds to parse. */
const LARGE = 1_000_000

/**
 * Does every job once a round, each round beginning with another one, so that none is always the first or the last.
 *
 * @param {number} rounds
 * @param {Job[]} jobs
 * @param {InstanceType<typeof import('../report/ledger.js').Ledger>} ledger
 * @param {(text: string) => void} say
 */
async function runRounds(rounds, jobs, ledger, say) {
  for (let round = 0; round < rounds; round++) {
    const first = Math.floor((round * jobs.length) / rounds)
    for (const { cell, runner, measure } of [...jobs.slice(first), ...jobs.slice(0, first)]) {
      say(`round ${round + 1} of ${rounds}: ${cell}, ${runner}`)
      try {
        ledger.note(cell, runner, await measure())
      } catch (error) {
        ledger.noteFailure(cell, runner, /** @type {Error} */ (error))
      }
    }
  }
}

/**
 * Measures in a process of its own.
 *
 * @param {string} measurement a file in measure/
 * @param {object & { client?: string }} load
 * @param {Ground} ground
 * @returns {Promise<import('../types.d.ts').Figures>}
 */
async function inChild(measurement, load, ground) {
  const file = path.join(__dirname, '..', 'measure', 'child.js')
  const env = environmentFor(load.client, ground)
  const { output } = await capture(process.execPath, [file, measurement, JSON.stringify(load)], { env })
  return JSON.parse(output)
}

/**
 * @param {string | undefined} client
 * @param {Ground} ground
 */
function environmentFor(client, ground) {
  const env = unsteered(process.env)
  const needsVariable = client !== undefined && client !== 'none' && clientOf(client).trustsByVariable
  return needsVariable ? { ...env, NODE_EXTRA_CA_CERTS: ground.ca.file } : env
}

/**
 * @param {Ground} ground
 * @param {'plain' | 'tls'} scheme
 * @param {number} connections
 * @returns {import('../types.d.ts').ClientOptions}
 */
function optionsFor(ground, scheme, connections) {
  const ca = scheme === 'tls' ? ground.ca.pem : undefined
  return { origin: ground.server[scheme], credentials, ca, connections: Math.min(connections, MOST_CONNECTIONS) }
}

/**
 * How long calls for such bodies are measured: of large ones, the usual time holds too few to tell clients apart.
 *
 * @param {Ground} ground
 * @param {number} bytes
 */
function measureFor({ measure }, bytes) {
  return bytes < LARGE ? measure : 2 * measure
}

module.exports = { runRounds, inChild, measureFor, environmentFor, optionsFor }
