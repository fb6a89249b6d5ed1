// The same objects as `require('layer1')` gives.
import load from './lib/esm.js'

export const {
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
} = load()
