// Says the same to ES modules. The names are there so that a bundler gets as far as the sentence.
import './unsupported.js'

const never = undefined

export {
  never as Layer1,
  never as path,
  never as Layer1Error,
  never as Layer1ConfigError,
  never as Layer1RequestError,
  never as Layer1AuthError,
  never as Layer1ApiError,
  never as Layer1ConnectionError,
  never as Layer1TimeoutError,
  never as Layer1ResponseError,
  never as Layer1ClosedError,
  never as startSandbox,
}
