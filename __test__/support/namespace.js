'use strict'
// A network of one's own for a process: its own loopback, name server, hosts file and local ports. Linux namespaces give
// it to anybody, where the machine allows it.

const { execFileSync } = require('node:child_process')
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')

/**
 * @typedef {object} World what the process finds
 * @property {string} [hosts] as its /etc/hosts
 * @property {string} [resolver] as its /etc/resolv.conf
 * @property {[number, number]} [localPorts] for its connections
 * @property {string[]} [hidden] directories that are empty in it
 */

/** @type {string | undefined} */
let directory
let count = 0

const UNSHARE = ['unshare', '--user', '--map-root-user', '--net', '--mount']

/** Why tests that need a network of their own cannot run; `false` where they can. */
const skip = canUnshare() ? false : 'this machine gives no network namespaces (unshare, ip): the test was NOT run'

function canUnshare() {
  try {
    const [program = '', ...args] = [...launcher({ hosts: '', resolver: '', localPorts: [40_000, 50_000] }), 'true']
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/**
 * Gives the launcher of a process in a world of its own, for `startChild`.
 *
 * @param {World} world
 */
function launcher({ hosts, resolver, localPorts, hidden = [] }) {
  const steps = ['ip link set lo up']
  if (hosts !== undefined) steps.push(`mount --bind '${file('hosts', hosts)}' /etc/hosts`)
  if (resolver !== undefined) steps.push(`mount --bind '${file('resolv.conf', resolver)}' /etc/resolv.conf`)
  if (localPorts) steps.push(`echo '${localPorts.join(' ')}' > /proc/sys/net/ipv4/ip_local_port_range`)
  for (const directory of hidden) steps.push(`if [ -d '${directory}' ]; then mount -t tmpfs none '${directory}'; fi`)
  return [...UNSHARE, 'sh', '-c', `set -e; ${steps.join('; ')}; exec "$0" "$@"`]
}

/**
 * @param {string} name
 * @param {string} content
 */
function file(name, content) {
  if (directory === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'layer1-namespace-'))
    process.once('exit', () => rmSync(made, { recursive: true, force: true }))
    directory = made
  }
  const place = join(directory, `${++count}-${name}`)
  writeFileSync(place, content)
  return place
}

module.exports = { launcher, skip }
