'use strict'

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs/promises')
const http = require('node:http')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')
const { setTimeout: delay } = require('node:timers/promises')
const { unsteered } = require('../environment.js')
const { javaArguments } = require('./jvm.js')
const { REALM, realmImport } = require('./realm.js')
const { collect } = require('./run.js')

const READY_LIMIT_MS = 3 * 60_000
const POLL_MS = 200
const PORT_TRIES = 3

/** @typedef {import('./certificates.js').Certificates} Certificates */

/**
 * @typedef {object} Keycloak
 * @property {string} issuer
 * @property {string} tlsTokenUrl  the same token endpoint on TLS, which asks for a client certificate
 * @property {number} pid
 * @property {number} startedInMs
 * @property {() => Promise<void>} stop  returns when the process is gone
 */

/**
 * Start Keycloak on loopback with the realm imported, its data in memory, and wait until it answers.
 *
 * @param {{ java: string, distribution: string, certificates?: Certificates | undefined, signal: AbortSignal }} options
 * @returns {Promise<Keycloak>}
 * @throws with the end of Keycloak's log, when it ends early or is not ready in time
 */
async function startKeycloak(options) {
  for (let left = PORT_TRIES; ; left--) {
    try {
      return await startOnFreePorts(options)
    } catch (error) {
      // Between choosing a port and Keycloak's taking it, somebody else can.
      if (left <= 1 || !/already (bound|in use)/i.test(String(error))) throw error
    }
  }
}

/**
 * @param {{ java: string, distribution: string, certificates?: Certificates | undefined, signal: AbortSignal }} options
 * @returns {Promise<Keycloak>}
 */
async function startOnFreePorts({ java, distribution, certificates, signal }) {
  const [port, managementPort, tlsPort] = await freePorts(3)
  const home = await makeHome(distribution)
  const base = `http://127.0.0.1:${port}/auth`
  const begun = process.hrtime.bigint()
  const args = javaArguments(
    home,
    [...startCommand(base, port, managementPort), ...tlsOptions(tlsPort, certificates)],
    path.join(home, 'tmp'),
  )
  const child = spawn(java, args, { stdio: ['ignore', 'pipe', 'pipe'], env: unsteered(process.env) })
  const log = collect(child)
  const gone = new Promise((resolve) => {
    child.once('close', resolve)
    child.once('error', resolve)
  })
  // Its data is in memory and its folder is ours: there is nothing to shut down in order. The listener is for ends of this
  // process that run no `finally`.
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)

  async function stop() {
    kill()
    await gone
    process.removeListener('exit', kill)
    await fs.rm(home, { recursive: true, force: true })
  }

  try {
    await ready(`http://127.0.0.1:${managementPort}/auth/health/ready`, child, signal)
    const startedInMs = Number((process.hrtime.bigint() - begun) / 1_000_000n)
    const tlsTokenUrl = `https://127.0.0.1:${tlsPort}/auth/realms/${REALM}/protocol/openid-connect/token`
    return { issuer: `${base}/realms/${REALM}`, tlsTokenUrl, pid: child.pid ?? 0, startedInMs, stop }
  } catch (error) {
    await stop()
    signal.throwIfAborted()
    throw new Error(`${error instanceof Error ? error.message : error} The end of its log:\n${log.tail()}`)
  }
}

/** @param {string} base @param {number | undefined} port @param {number | undefined} managementPort */
function startCommand(base, port, managementPort) {
  return [
    'start',
    '--optimized',
    '--import-realm',
    '--cache=local',
    '--http-enabled=true',
    '--http-host=127.0.0.1',
    `--http-port=${port}`,
    `--http-management-port=${managementPort}`,
    `--hostname=${base}`,
  ]
}

/**
 * @param {number | undefined} port
 * @param {Certificates | undefined} certificates
 */
function tlsOptions(port, certificates) {
  if (certificates === undefined) return []
  const { caFile, certFile, keyFile } = certificates
  return [
    `--https-port=${port}`,
    `--https-certificate-file=${certFile}`,
    `--https-certificate-key-file=${keyFile}`,
    `--truststore-paths=${caFile}`,
    // It would follow the other one to TLS, and ask for certificates too.
    '--http-management-scheme=http',
  ]
}

/**
 * Make a Keycloak folder of its own from the shared one: only `data`, where the realm to import lies, differs.
 *
 * @param {string} distribution
 */
async function makeHome(distribution) {
  const home = await fs.mkdtemp(path.join(os.tmpdir(), 'layer1-keycloak-'))
  for (const folder of ['lib', 'conf', 'providers', 'themes']) {
    await fs.symlink(path.join(distribution, folder), path.join(home, folder), 'junction')
  }
  await fs.mkdir(path.join(home, 'tmp'))
  const imports = path.join(home, 'data', 'import')
  await fs.mkdir(imports, { recursive: true })
  await fs.writeFile(path.join(imports, `${REALM}-realm.json`), JSON.stringify(realmImport(), undefined, 2))
  return home
}

/**
 * @param {string} url
 * @param {import('node:child_process').ChildProcess} child
 * @param {AbortSignal} signal
 */
async function ready(url, child, signal) {
  /** @type {Error | undefined} */
  let failure
  child.once('error', (error) => {
    failure = error
  })
  const end = Date.now() + READY_LIMIT_MS
  while ((await statusOf(url)) !== 200) {
    signal.throwIfAborted()
    if (failure) throw new Error(`Keycloak could not be started: ${failure.message}.`)
    if (child.exitCode !== null) throw new Error(`Keycloak ended with exit code ${child.exitCode}.`)
    if (child.signalCode !== null) throw new Error(`Keycloak was ended by ${child.signalCode}.`)
    if (Date.now() > end) throw new Error(`Keycloak was not ready within ${READY_LIMIT_MS / 1000} s.`)
    await delay(POLL_MS)
  }
}

/** @param {string} url @returns {Promise<number | undefined>} */
function statusOf(url) {
  return new Promise((resolve) => {
    const req = http.get(url, { agent: false, timeout: 5_000 }, (res) => {
      res.resume()
      resolve(res.statusCode)
    })
    req.on('timeout', () => req.destroy())
    req.on('error', () => resolve(undefined))
  })
}

/** @param {number} count */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => /** @type {net.AddressInfo} */ (server.address()).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

module.exports = { startKeycloak }
