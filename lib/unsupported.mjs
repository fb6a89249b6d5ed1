// Says the same to ES modules. The names are there so that a bundler gets as far as the sentence.

const never = undefined

export {
  never as Layer1,
  never as path,
  never as verifyWebhook,
  never as Layer1Error,
  never as Layer1ConfigError,
  never as Layer1RequestError,
  never as Layer1AuthError,
  never as Layer1ApiError,
  never as Layer1ConnectionError,
  never as Layer1TimeoutError,
  never as Layer1ResponseError,
  never as Layer1ClosedError,
  never as Layer1WebhookError,
  never as startSandbox,
  never as redisTokenStore,
}

throw Object.assign(
  new Error(
    "layer1 cannot run in a browser or on an edge runtime: it is native code, and a client secret belongs on a server. Import it only in code that runs on Node.js, Bun or Deno. In Next.js choose runtime = 'nodejs'; in Jest, testEnvironment 'node'.",
  ),
  { name: 'Layer1Error', code: 'ERR_LAYER1_PLATFORM', retryable: false },
)
