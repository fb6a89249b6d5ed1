'use strict'
// What to do about each kind of failure.
// LAYER1_CLIENT_ID=… LAYER1_CLIENT_SECRET=… node examples/errors.js

const { Layer1, Layer1ApiError, Layer1AuthError, Layer1Error, Layer1RequestError } = require('layer1')

/**
 * Tells what to do about a failed call.
 *
 * @param {unknown} error
 */
function advise(error) {
  if (error instanceof Layer1ApiError && error.status === 404) {
    return `There is no such thing (${error.apiStatus}, ${error.apiCode}).`
  }
  if (error instanceof Layer1ApiError && error.status === 400) {
    return `The API did not like the call: ${JSON.stringify(error.details)}`
  }
  if (error instanceof Layer1AuthError && !error.retryable) {
    return `The credentials are refused (${error.oauthError}). Has the secret been rotated?`
  }
  if (error instanceof Layer1RequestError) {
    return `A defect of this program; nothing was sent. ${error.message}`
  }
  if (error instanceof Layer1Error) {
    return `${error.code}. ${error.retryable ? 'Try again later.' : 'Trying again will not help.'} ${error.message}`
  }
  throw error
}

/** @param {() => Promise<unknown>} call */
async function attempt(call) {
  try {
    await call()
  } catch (error) {
    console.log(advise(error))
  }
}

async function main() {
  const layer1 = new Layer1()
  await attempt(() => layer1.get('/digital/v1/asset-pools/00000000-0000-4000-8000-000000000000'))
  await attempt(() => layer1.get('/digital/v1/asset-pools', { query: { pageSize: 0 } }))
  await attempt(() => layer1.get('https://elsewhere.example/asset-pools'))
  await layer1.close()

  const stranger = new Layer1({ clientSecret: 'not-the-secret' })
  await attempt(() => stranger.getToken())
  await stranger.close()

  // The port is one where nothing listens.
  const lost = new Layer1({ baseUrl: 'http://127.0.0.1:1', tokenUrl: 'http://127.0.0.1:1/token' })
  await attempt(() => lost.get('/digital/v1/asset-pools'))
  await lost.close()
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
