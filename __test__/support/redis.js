'use strict'
// Real Redis servers on loopback: alone, three as a Cluster, or one watched by a Sentinel. They keep nothing, and end with
// the test process.

const { execFileSync, spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')
const { setTimeout: sleep } = require('node:timers/promises')
const { Redis } = require('ioredis')

/** Why a test that needs Redis is skipped, if it is. */
const withoutRedis = isThere()
  ? false
  : 'there is no redis-server, so nothing is shown against a real Redis; on Debian, "apt-get install redis-server" brings it'

/** Somebody else may take a port between its being found and its being used; not often. */
const TRIES = 5
/** A Cluster that is not whole by then never will be, in ms. */
const LONGEST_MEETING = 30_000
/** Hash slots of a Redis Cluster. */
const SLOTS = 16_384

/** @typedef {Awaited<ReturnType<typeof startRedis>>} RedisServer */

/**
 * Starts a server that keeps nothing, at a free port.
 *
 * @param {(port: number, directory: string) => Promise<string[]> | string[]} [more] further arguments of redis-server
 */
async function startRedis(more = () => []) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'layer1-redis-'))
  const { port, args, child } = await launchAnywhere(directory, more)
  let running = child

  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    /** The number of the process. */
    pid: () => Number(running.pid),
    /**
     * Ends the server and every connection to it; what it held is gone.
     *
     * @param {NodeJS.Signals} [signal]
     */
    async stop(signal = 'SIGTERM') {
      running.kill('SIGCONT')
      await end(running, signal)
    },
    /** Starts it again, at the same port. */
    async start() {
      if (hasEnded(running)) running = await launch(args)
    },
    /** Lets it answer nobody, without ending a connection. */
    pause: () => void running.kill('SIGSTOP'),
    /** Lets it go on after `pause()`. */
    resume: () => void running.kill('SIGCONT'),
    /** Ends it, and removes its directory. */
    async close() {
      running.kill('SIGCONT')
      await end(running, 'SIGKILL')
      fs.rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Starts a Cluster of three masters that share all slots. */
async function startRedisCluster() {
  const servers = await Promise.all(
    Array.from({ length: 3 }, () =>
      startRedis(async () => [
        ...['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf', '--cluster-node-timeout', '15000'],
        // By default it is 10,000 above the port, and that may be none.
        ...['--cluster-port', String(await findPort())],
      ]),
    ),
  )
  const clients = servers.map(({ port }) => new Redis({ port, host: '127.0.0.1' }))
  try {
    await join(clients)
  } finally {
    for (const client of clients) client.disconnect()
  }
  return {
    servers,
    ports: servers.map(({ port }) => port),
    close: () => Promise.all(servers.map((server) => server.close())),
  }
}

/**
 * Starts a Sentinel that watches a server under the name `fleet`.
 *
 * @param {RedisServer} master
 */
function startSentinel(master) {
  return startRedis((_port, directory) => {
    // It writes down what it learns, so it has to have a file of its own.
    const file = path.join(directory, 'sentinel.conf')
    fs.writeFileSync(file, `sentinel monitor fleet 127.0.0.1 ${master.port} 1\n`)
    return [file, '--sentinel']
  })
}

/** @param {Redis[]} clients one of each master */
async function join(clients) {
  const share = Math.ceil(SLOTS / clients.length)
  await Promise.all(
    clients.map((client, index) => {
      const first = index * share
      return client.call('CLUSTER', 'ADDSLOTSRANGE', first, Math.min(first + share, SLOTS) - 1)
    }),
  )
  const [one, ...others] = clients
  for (const other of others) {
    const [, , bus] = /:(\d+)@(\d+)/.exec(String(await other.call('CLUSTER', 'NODES'))) ?? []
    await one?.call('CLUSTER', 'MEET', '127.0.0.1', String(other.options.port), String(bus))
  }
  const latest = Date.now() + LONGEST_MEETING
  while (!(await Promise.all(clients.map((client) => isWhole(client, clients.length)))).every(Boolean)) {
    if (Date.now() > latest) throw new Error('The Redis Cluster does not come together.')
    await sleep(20)
  }
}

/**
 * @param {Redis} client
 * @param {number} size
 */
async function isWhole(client, size) {
  const info = String(await client.call('CLUSTER', 'INFO'))
  return info.includes('cluster_state:ok') && info.includes(`cluster_size:${size}\r`)
}

/**
 * @param {string} directory
 * @param {(port: number, directory: string) => Promise<string[]> | string[]} more
 */
async function launchAnywhere(directory, more) {
  for (let tries = 1; ; tries += 1) {
    const port = await findPort()
    const settings = {
      port,
      bind: '127.0.0.1',
      dir: directory,
      save: '',
      appendonly: 'no',
      daemonize: 'no',
      logfile: '',
    }
    const named = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
    const args = [...(await more(port, directory)), ...named]
    try {
      return { port, args, child: await launch(args) }
    } catch (error) {
      if (tries === TRIES) throw error
    }
  }
}

/**
 * Runs redis-server until it takes connections.
 *
 * @param {string[]} args
 */
async function launch(args) {
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  let output = ''
  child.stdout.setEncoding('utf8')
  for await (const text of child.stdout.iterator({ destroyOnReturn: false })) {
    output += text
    if (/Ready to accept connections|Sentinel ID is/.test(output)) {
      child.stdout.resume()
      return child
    }
  }
  throw new Error(`redis-server does not start: ${output.trim().split('\n').slice(-3).join(' ')}`)
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
async function end(child, signal) {
  if (hasEnded(child)) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}

/** @param {import('node:child_process').ChildProcess} child */
function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null
}

async function findPort() {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  await once(server, 'close')
  return port
}

function isThere() {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

module.exports = { startRedis, startRedisCluster, startSentinel, withoutRedis }
