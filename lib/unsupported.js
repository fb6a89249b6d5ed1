'use strict'
// What bundlers take in place of the package for browsers and edge runtimes.

throw Object.assign(
  new Error(
    "layer1 cannot run in a browser or on an edge runtime: it is native code, and a client secret belongs on a server. Import it only in code that runs on Node.js, Bun or Deno. In Next.js choose runtime = 'nodejs'; in Jest, testEnvironment 'node'.",
  ),
  { name: 'Layer1Error', code: 'ERR_LAYER1_PLATFORM', retryable: false },
)
