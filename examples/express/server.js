'use strict'
// A server that calls Layer1, and ends well: on SIGTERM it stops accepting, waits for what is under way, and closes.
// LAYER1_CLIENT_ID=… LAYER1_CLIENT_SECRET=… PORT=3000 node examples/express/server.js

const express = require('express')
const { Layer1, Layer1ApiError, Layer1Error, path } = require('layer1')

/** What is under way has this long after SIGTERM, in ms: less than the platform waits until SIGKILL. */
const GRACE = Number(process.env.GRACE_MS ?? 10_000)

const layer1 = new Layer1()
const app = express()

app.use((_request, response, next) => {
  // A connection that is kept alive would keep the server from its end.
  response.on('finish', () => server.listening || server.closeIdleConnections())
  next()
})

app.get('/pools/:id', async (request, response) => {
  /** @type {{ name: string }} */
  const { name } = await layer1.get(path`/digital/v1/asset-pools/${request.params.id}`)
  response.json({ name })
})

/** @type {express.ErrorRequestHandler} */
const tell = (error, _request, response, next) => {
  if (!(error instanceof Layer1Error)) return next(error)
  if (error instanceof Layer1ApiError && error.status === 404) {
    response.status(404).json({ error: 'there is no such pool' })
    return
  }
  console.error(error.message)
  const isPassing = error.retryable || error.code === 'ERR_LAYER1_CLOSED'
  response.status(isPassing ? 503 : 500).json({ error: error.code })
}
app.use(tell)

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  console.log(`listening on http://127.0.0.1:${port}/`)
})

process.once('SIGTERM', async () => {
  // Closing the client ends the calls that take longer: their requests are answered with 503.
  const timer = setTimeout(() => layer1.close(), GRACE)
  await new Promise((resolve) => server.close(resolve))
  clearTimeout(timer)
  await layer1.close()
  console.log('closed')
})
