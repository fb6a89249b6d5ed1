'use strict'
// Takes webhooks with node:http alone.
// LAYER1_WEBHOOK_KEY=MFYw… PORT=3000 node examples/webhooks/http.js

const { createServer } = require('node:http')
const { Layer1WebhookError, verifyWebhook } = require('layer1')

/** Bytes; far more than a webhook has, and little enough for anyone to send. */
const MAX_BODY_LENGTH = 1024 * 1024

/**
 * Reads the raw body; `undefined` if it is too long.
 *
 * @param {import('node:http').IncomingMessage} request
 */
async function readRaw(request) {
  const chunks = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length <= MAX_BODY_LENGTH) chunks.push(chunk)
  }
  return length <= MAX_BODY_LENGTH ? Buffer.concat(chunks) : undefined
}

/**
 * Takes one webhook, and gives the status to answer it with.
 *
 * @param {import('node:http').IncomingMessage} request
 */
async function take(request) {
  if (request.method !== 'POST' || request.url !== '/webhooks') return 404
  const body = await readRaw(request)
  if (!body) return 413
  try {
    const publicKey = process.env.LAYER1_WEBHOOK_KEY ?? ''
    const event = verifyWebhook({ body, signature: request.headers['x-signature'], publicKey })
    // Note it and be done: what takes long comes later. The same event may come again.
    console.log(`${event.event} at ${event.timestamp}: ${JSON.stringify(event.data)}`)
    return 200
  } catch (error) {
    if (!(error instanceof Layer1WebhookError)) throw error
    console.log(`refused: ${error.message}`)
    return error.reason === 'signature' ? 401 : 500
  }
}

const server = createServer((request, response) => {
  take(request).then(
    (status) => response.writeHead(status).end(),
    // The sender went away.
    () => response.destroy(),
  )
})
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  console.log(`listening on http://127.0.0.1:${port}/webhooks`)
})
