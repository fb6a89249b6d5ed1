'use strict'
// In the JavaScript of old Nodes: see index.js.

/** The oldest Node that runs the package, as `engines` in package.json says. */
var OLDEST_MAJOR = 20
var OLDEST_MINOR = 17

/**
 * Tells what is wrong with a Node that is too old. The other errors of the package are classes that it could not load.
 *
 * @param {string} version
 * @returns {Error | undefined}
 */
module.exports = function oldNode(version) {
  var major = parseInt(version, 10)
  var minor = parseInt(version.slice(version.indexOf('.') + 1), 10)
  if (major > OLDEST_MAJOR || (major === OLDEST_MAJOR && minor >= OLDEST_MINOR)) return undefined
  var error = new Error(
    'layer1 cannot run on Node ' +
      version +
      ': it needs ' +
      OLDEST_MAJOR +
      '.' +
      OLDEST_MINOR +
      ' or newer. Install a newer Node, or choose one with your version manager (nvm install --lts).',
  )
  Object.defineProperty(error, Symbol.for('layer1.error.classes'), { value: ['Layer1Error'] })
  Object.defineProperty(error, 'name', { value: 'Layer1Error', writable: true, configurable: true })
  return Object.assign(error, { code: 'ERR_LAYER1_PLATFORM', retryable: false })
}
