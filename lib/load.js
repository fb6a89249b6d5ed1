'use strict'

/**
 * Loads the native addon for this platform: a local build if there is one, otherwise the package made for it.
 *
 * Nothing is probed beforehand. Where two binaries fit a platform (glibc and musl on Linux), package managers install
 * the right one, and the wrong one does not load: so each is tried, and only a failure looks for its reasons.
 *
 * @param {Record<string, string[]>} platforms the suffixes of the binaries that may fit, by `platform-arch`
 * @returns {any}
 */
module.exports = function load(platforms) {
  const suffixes = platforms[`${process.platform}-${process.arch}`] ?? []
  const failures = []
  for (const suffix of suffixes) {
    for (const place of [`./layer1.${suffix}.node`, `layer1-${suffix}`]) {
      try {
        return require(place)
      } catch (error) {
        failures.push({ place, error: /** @type {NodeJS.ErrnoException} */ (error) })
      }
    }
  }
  throw explain(Object.keys(platforms), failures)
}

/**
 * @param {string[]} supported
 * @param {{ place: string, error: NodeJS.ErrnoException }[]} failures
 */
function explain(supported, failures) {
  const { Layer1Error } = require('./errors.js')
  const here = describePlatform()
  const broken = failures.find(
    ({ error, place }) => error.code !== 'MODULE_NOT_FOUND' || !error.message.includes(place),
  )
  const reason = broken
    ? `its binary is there and does not load: ${broken.error.message.split('\n')[0]}. Delete node_modules and the lock file's entry for it, and install again on the machine that runs it.`
    : failures.length > 0
      ? 'its binary is not installed. In a clone of the repository, run "npm run build". Otherwise install again with optional dependencies (no --omit=optional, no --no-optional), on the platform that runs it.'
      : `there is no binary for it. There are binaries for ${supported.join(', ')}.`
  return new Layer1Error(`layer1 cannot run on ${here}: ${reason}`, {
    code: 'ERR_LAYER1_PLATFORM',
    cause: broken?.error ?? failures[0]?.error,
  })
}

function describePlatform() {
  const report = process.platform === 'linux' ? /** @type {any} */ (process.report?.getReport()) : undefined
  const glibc = report?.header?.glibcVersionRuntime
  const libc = report ? (glibc ? ` with glibc ${glibc}` : ' with musl') : ''
  return `${process.platform}-${process.arch}${libc} (Node ${process.version})`
}
