'use strict'
// What the package exports; index.js gives it, from the one file that the build makes of these modules.

const { Layer1 } = require('./client.js')
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
  Layer1WebhookError,
} = require('./errors.js')
const { path } = require('./path.js')
const { verifyWebhook } = require('./webhook.js')

/** @satisfies {Record<keyof typeof import('../index.d.ts'), unknown>} */
module.exports = {
  Layer1,
  path,
  verifyWebhook,
  Layer1Error,
  Layer1ConfigError,
  Layer1RequestError,
  Layer1AuthError,
  Layer1ApiError,
  Layer1ConnectionError,
  Layer1TimeoutError,
  Layer1ResponseError,
  Layer1ClosedError,
  Layer1WebhookError,
}

// Putting the modules into one file renames classes and functions, and loggers print these names.
for (const [name, value] of Object.entries(module.exports)) {
  Object.defineProperty(value, 'name', { value: name, configurable: true })
}
