'use strict'

// npm run test:keycloak: the tests of __test__/keycloak against a real Keycloak on loopback.

const fs = require('node:fs')
const path = require('node:path')
const { VERSION, ensureDistribution, hasDistribution } = require('./keycloak/distribution.js')
const { unsteered } = require('./environment.js')
const { LEAST_JAVA, findJava, hasMaven } = require('./keycloak/java.js')
const { makeCertificates } = require('./keycloak/certificates.js')
const { REALM, clients, keyedClients } = require('./keycloak/realm.js')
const { run } = require('./keycloak/run.js')
const { startKeycloak } = require('./keycloak/server.js')

const root = path.join(__dirname, '..')
const tests = path.join(root, '__test__', 'keycloak')

/** @returns {Promise<number>} the exit code */
async function main() {
  const java = findJava()
  if (!java) return skip(`no Java ${LEAST_JAVA} or newer was found (JAVA_HOME, then PATH)`)
  if (!(await hasDistribution()) && !hasMaven()) return skip('Maven (mvn), which downloads Keycloak, was not found')

  const interrupted = interruption()
  const { signal } = interrupted
  try {
    await require('./setup.js').ensureReady()
    signal.throwIfAborted()
    const distribution = await ensureDistribution({ java: java.command, signal, log })
    log(`Starting Keycloak ${VERSION} from ${distribution} on Java ${java.version} …`)
    const certificates = makeCertificates()
    const keycloak = await startKeycloak({ java: java.command, distribution, certificates, signal })
    const seconds = (keycloak.startedInMs / 1000).toFixed(1)
    log(`Keycloak is ready after ${seconds} s: ${keycloak.issuer} (pid ${keycloak.pid})`)
    let code = 1
    try {
      code = await runTests(keycloak, certificates, signal)
    } finally {
      await keycloak.stop()
    }
    log(`${code === 0 ? 'Passed' : 'FAILED'} against Keycloak ${VERSION}, realm ${REALM}; it is stopped.`)
    return code
  } catch (error) {
    if (!signal.aborted) throw error
    log(`Interrupted by ${interrupted.by()}; nothing is left running.`)
    return interrupted.exitCode()
  }
}

/**
 * @param {import('./keycloak/server.js').Keycloak} keycloak
 * @param {import('./keycloak/certificates.js').Certificates | undefined} certificates
 * @param {AbortSignal} signal
 */
function runTests({ issuer, tlsTokenUrl }, certificates, signal) {
  const files = fs.readdirSync(tests).filter((name) => /\.test\.m?js$/.test(name))
  const connect = `${issuer}/protocol/openid-connect`
  const tls = certificates && { tokenUrl: tlsTokenUrl, ca: certificates.ca, client: certificates.client }
  const urls = { issuer, tokenUrl: `${connect}/token`, jwksUrl: `${connect}/certs` }
  const underTest = { version: VERSION, ...urls, clients, keyedClients, tls }
  return run(
    process.execPath,
    ['--test', '--test-reporter=spec', ...files.sort().map((name) => path.join(tests, name))],
    { cwd: root, signal, env: { ...unsteered(process.env), KEYCLOAK_UNDER_TEST: JSON.stringify(underTest) } },
  )
}

/** Turn the first SIGINT, SIGTERM or SIGHUP into an abort; a second one ends the process at once. */
function interruption() {
  const controller = new AbortController()
  const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }
  /** @type {keyof typeof numbers} */
  let received = 'SIGTERM'
  for (const name of /** @type {(keyof typeof numbers)[]} */ (Object.keys(numbers))) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(128 + numbers[name])
      received = name
      controller.abort()
    })
  }
  return { signal: controller.signal, by: () => received, exitCode: () => 128 + numbers[received] }
}

/** @param {string} reason */
function skip(reason) {
  const required = Boolean(process.env.CI) && process.env.LAYER1_REQUIRE_KEYCLOAK === '1'
  log(`${required ? 'FAILED' : 'SKIPPED'}: ${reason}, so nothing was tested against a real Keycloak.`)
  return required ? 1 : 0
}

/** @param {string} line */
function log(line) {
  console.log(`test:keycloak: ${line}`)
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
