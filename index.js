'use strict'

const { Layer1 } = require('./lib/client.js')
const {
  Layer1Error,
  Layer1ConfigError,
  Layer1RequestError,
  Layer1AuthError,
  Layer1ApiError,
  Layer1ConnectionError,
  Layer1TimeoutError,
  Layer1ResponseError,
  Layer1ClosedError,
} = require('./lib/errors.js')
const { path } = require('./lib/path.js')

/** @satisfies {typeof import('./index.d.ts')} */
module.exports = {
  Layer1,
  path,
  Layer1Error,
  Layer1ConfigError,
  Layer1RequestError,
  Layer1AuthError,
  Layer1ApiError,
  Layer1ConnectionError,
  Layer1TimeoutError,
  Layer1ResponseError,
  Layer1ClosedError,
}
