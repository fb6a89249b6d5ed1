'use strict'

const { createHash } = require('node:crypto')
const fs = require('node:fs/promises')
const os = require('node:os')
const path = require('node:path')
const { javaArguments } = require('./jvm.js')
const { run } = require('./run.js')

const VERSION = '26.7.3'
const ARTIFACT = `org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`
const UNPACK = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack'

/**
 * Options that Keycloak fixes when it is built. Built once, it starts in a third of the time of a first `start-dev`
 * (10 s to 30 s on two cores), and what is built is only read afterwards, so several runs can share it.
 */
const BUILD_OPTIONS = [
  '--db=dev-mem',
  '--health-enabled=true',
  '--http-relative-path=/auth',
  '--https-client-auth=request',
]

/** More than a slow download of 180 MB takes, less than a CI run. */
const DOWNLOAD_LIMIT_MS = 10 * 60_000
const LEFTOVER_AGE_MS = 24 * 3_600_000
const STAGING = '.staging-'

/** Where the built distribution is, or will be: a folder that exists is complete. */
function distributionPath() {
  const build = createHash('sha256').update(BUILD_OPTIONS.join(' ')).digest('hex').slice(0, 8)
  return path.join(cachePath(), `keycloak-${VERSION}-${build}`)
}

/** @returns {Promise<boolean>} */
async function hasDistribution() {
  return fs.access(distributionPath()).then(
    () => true,
    () => false,
  )
}

/**
 * Download, unpack and build Keycloak beside its final place, then move it there in one step: neither an interrupted run nor
 * two at once can leave half of one.
 *
 * @param {{ java: string, signal: AbortSignal, log: (line: string) => void }} options
 * @returns {Promise<string>} the path of the built distribution
 */
async function ensureDistribution({ java, signal, log }) {
  const ready = distributionPath()
  if (await hasDistribution()) return ready

  const cache = cachePath()
  await fs.mkdir(cache, { recursive: true })
  await removeLeftovers(cache)
  const staging = await fs.mkdtemp(path.join(cache, STAGING))
  try {
    log(`Downloading ${ARTIFACT} (180 MB, once) …`)
    const unpacked = await download(staging, signal, log)
    log('Building it (once) …')
    await run(java, javaArguments(unpacked, ['build', ...BUILD_OPTIONS]), { signal, quiet: true })
    await moveUnlessThere(unpacked, ready)
  } finally {
    await fs.rm(staging, { recursive: true, force: true })
  }
  return ready
}

/**
 * @param {string} staging
 * @param {AbortSignal} signal
 * @param {(line: string) => void} log
 * @returns {Promise<string>} the path of the unpacked distribution
 */
async function download(staging, signal, log) {
  const output = path.join(staging, 'unpacked')
  const args = ['--batch-mode', '--strict-checksums', '--quiet', UNPACK, `-Dartifact=${ARTIFACT}`]
  // From the staging folder, so that no pom.xml above it has a say.
  const options = {
    cwd: staging,
    shell: process.platform === 'win32',
    signal,
    quiet: true,
    timeout: DOWNLOAD_LIMIT_MS,
  }
  try {
    await run('mvn', [...args, `-DoutputDirectory=${output}`], options)
  } catch (error) {
    signal.throwIfAborted()
    // Maven trusts what lies in its own repository, though an earlier download may have been cut short.
    log(`${error instanceof Error ? error.message : error}\nOnce more, with an empty Maven repository …`)
    await fs.rm(output, { recursive: true, force: true })
    const repository = path.join(staging, 'repository')
    await run('mvn', [...args, `-DoutputDirectory=${output}`, `-Dmaven.repo.local=${repository}`], options)
  }
  return path.join(output, `keycloak-${VERSION}`)
}

/** @param {string} from @param {string} to */
async function moveUnlessThere(from, to) {
  try {
    await fs.rename(from, to)
  } catch (error) {
    if (!(await hasDistribution())) throw error
  }
}

/**
 * Remove what runs that were killed left behind, and leave alone what another run may be working on.
 *
 * @param {string} cache
 */
async function removeLeftovers(cache) {
  for (const name of await fs.readdir(cache)) {
    if (!name.startsWith(STAGING)) continue
    const leftover = path.join(cache, name)
    const stat = await fs.stat(leftover).catch(() => undefined)
    if (stat && Date.now() - stat.mtimeMs > LEFTOVER_AGE_MS) await fs.rm(leftover, { recursive: true, force: true })
  }
}

function cachePath() {
  const { LAYER1_CACHE, XDG_CACHE_HOME } = process.env
  return LAYER1_CACHE || path.join(XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'layer1')
}

module.exports = { VERSION, hasDistribution, ensureDistribution }
