'use strict'

const localBuilds = require('./local-builds.js')

/** @typedef {{ suffix: string, error: NodeJS.ErrnoException }} LoadFailure */

/**
 * Loads the native addon for this platform: a local build if there is one, otherwise the package made for it.
 *
 * Nothing is probed beforehand. Where two binaries fit a platform (glibc and musl on Linux), package managers install
 * the right one, and the wrong one does not load: so each is tried, and only a failure looks for its reasons.
 *
 * @param {Record<string, Record<string, (suffix: string) => any>>} platforms by `platform-arch`: the suffixes of the binaries that may
 * fit, each with what loads its package. Bundlers and tracers see a package only where its name is written out.
 * @returns {any}
 */
module.exports = function load(platforms) {
  const candidates = Object.entries(platforms[`${process.platform}-${process.arch}`] ?? {})
  /** @type {LoadFailure[]} */
  const failures = []
  for (const [suffix, loadPackage] of candidates) {
    for (const attempt of [...localBuilds, loadPackage]) {
      try {
        return attempt(suffix)
      } catch (error) {
        failures.push({ suffix, error: /** @type {NodeJS.ErrnoException} */ (error) })
      }
    }
  }
  throw require('./load-failure.js').explain(Object.keys(platforms), failures, localBuilds.length > 0)
}
