'use strict'

const { Layer1RequestError } = require('./errors.js')

/**
 * Makes the error of a call that is wrong: nothing was sent.
 *
 * @param {string} message without its full stop
 * @param {import('./failure.js').Place} place
 * @param {unknown} [cause]
 */
function requestError(message, place, cause) {
  const where = place.method ? `${place.method} ${place.path}: ` : ''
  return new Layer1RequestError(`${where}${message}.`, {
    code: 'ERR_LAYER1_REQUEST',
    attempts: 0,
    retryable: false,
    ...place,
    cause,
  })
}

module.exports = { requestError }
