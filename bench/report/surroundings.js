'use strict'
// Where a run took place, and with what.

const { execFileSync } = require('node:child_process')
const os = require('node:os')
const path = require('node:path')
const { clients } = require('../clients/index.js')
const { readJson, root } = require('../ground/setup.js')

/**
 * @param {import('../types.d.ts').Ground} ground
 * @param {{ loadBefore: number, minutes: number }} run
 * @returns {[name: string, value: string][]}
 */
function surroundings(ground, { loadBefore, minutes }) {
  const cpus = os.cpus()
  return [
    ['date', new Date().toISOString().slice(0, 10)],
    ['machine', `${cpus.length} × ${cpus[0]?.model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB`],
    ['system', `${os.type()} ${os.release()}, ${process.arch}`],
    ['Node.js', process.version],
    ['layer1', `${readJson(path.join(root, 'package.json')).version}, ${commit()}`],
    ['server', ground.server.name],
    ['Rust', firstLine('rustc', ['--version'])],
    ['wrk', ground.wrk ? firstLine(ground.wrk, ['-v']).replace(/^wrk | \[.*$/g, '') : 'could not be had'],
    ...peerVersions(),
    ['rounds', `${ground.rounds} (cold start ${ground.coldRounds}), of ${ground.measure} ms after ${ground.warmUp} ms`],
    ['took', `${minutes.toFixed(1)} minutes; load average before it ${loadBefore.toFixed(2)}`],
  ]
}

/** @returns {[string, string][]} */
function peerVersions() {
  const names = new Set(clients.flatMap((client) => client.package ?? []))
  return [...names].map((name) => [
    name,
    readJson(path.join(root, 'bench', 'node_modules', name, 'package.json'))?.version ?? 'not installed',
  ])
}

function commit() {
  const revision = firstLine('git', ['-C', root, 'rev-parse', '--short', 'HEAD'])
  const isChanged = firstLine('git', ['-C', root, 'status', '--porcelain', '--', 'lib', 'src', 'Cargo.lock']) !== ''
  return `commit ${revision}${isChanged ? ' with changes' : ''}`
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function firstLine(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0] ?? ''
  } catch (error) {
    // wrk ends with 1 after it has told its version.
    return String(/** @type {{ stdout?: string }} */ (error).stdout ?? '').split('\n')[0] || 'unknown'
  }
}

module.exports = { surroundings }
