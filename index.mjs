// The same objects as `require('layer1')` gives.
import layer1 from './index.js'

export const {
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
} = layer1
