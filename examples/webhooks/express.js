'use strict'
// Takes webhooks with Express, beside routes that want JSON.
// LAYER1_WEBHOOK_KEY=MFYw… PORT=3000 node examples/webhooks/express.js

const express = require('express')
const { Layer1WebhookError, verifyWebhook } = require('layer1')

const app = express()

// This route before express.json(): whichever parser comes first has the body, and only this one leaves it as it is.
app.post('/webhooks', express.raw({ type: '*/*', limit: '1mb' }), (request, response) => {
  const publicKey = process.env.LAYER1_WEBHOOK_KEY ?? ''
  const event = verifyWebhook({ body: request.body, signature: request.headers['x-signature'], publicKey })
  // Note it and be done: what takes long comes later. The same event may come again.
  console.log(`${event.event} at ${event.timestamp}: ${JSON.stringify(event.data)}`)
  response.sendStatus(200)
})

app.use(express.json())
app.post('/orders', (request, response) => {
  response.json({ items: request.body.items.length })
})

/** @type {express.ErrorRequestHandler} */
const refuse = (error, _request, response, next) => {
  if (!(error instanceof Layer1WebhookError)) return next(error)
  console.log(`refused: ${error.message}`)
  response.sendStatus(error.reason === 'signature' ? 401 : 500)
}
app.use(refuse)

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  console.log(`listening on http://127.0.0.1:${port}/webhooks`)
})
