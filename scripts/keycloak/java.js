'use strict'

const { spawnSync } = require('node:child_process')
const path = require('node:path')

const LEAST_JAVA = 17

/**
 * Find a Java that Keycloak runs on: the one of `JAVA_HOME`, otherwise the one on the `PATH`.
 *
 * @returns {{ command: string, version: string } | undefined}
 */
function findJava() {
  const home = process.env.JAVA_HOME
  const command = home ? path.join(home, 'bin', 'java') : 'java'
  // `java -version` has always printed to stderr: openjdk version "17.0.15" 2025-04-15
  const { stderr } = spawnSync(command, ['-version'], { encoding: 'utf8' })
  const version = /version "([^"]+)"/.exec(stderr ?? '')?.[1]
  return version !== undefined && Number.parseInt(version, 10) >= LEAST_JAVA ? { command, version } : undefined
}

/** Tell whether Maven can be called. */
function hasMaven() {
  return spawnSync('mvn', ['--version'], { stdio: 'ignore', shell: process.platform === 'win32' }).status === 0
}

module.exports = { LEAST_JAVA, findJava, hasMaven }
