'use strict'
// Takes webhooks with Fastify, beside routes that want JSON.
// LAYER1_WEBHOOK_KEY=MFYw… PORT=3000 node examples/webhooks/fastify.js

const { fastify } = require('fastify')
const { Layer1WebhookError, verifyWebhook } = require('layer1')

const app = fastify({ bodyLimit: 1024 * 1024 })

// A plugin of its own: its parser, which leaves the body as it is, does not reach the other routes.
app.register(async (webhooks) => {
  webhooks.removeAllContentTypeParsers()
  webhooks.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  webhooks.post('/webhooks', async (request, reply) => {
    const body = /** @type {Buffer} */ (request.body)
    const publicKey = process.env.LAYER1_WEBHOOK_KEY ?? ''
    const event = verifyWebhook({ body, signature: request.headers['x-signature'], publicKey })
    // Note it and be done: what takes long comes later. The same event may come again.
    console.log(`${event.event} at ${event.timestamp}: ${JSON.stringify(event.data)}`)
    return reply.code(200).send()
  })

  webhooks.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof Layer1WebhookError)) throw error
    console.log(`refused: ${error.message}`)
    return reply.code(error.reason === 'signature' ? 401 : 500).send()
  })
})

app.post('/orders', async (request) => {
  const { items } = /** @type {{ items: unknown[] }} */ (request.body)
  return { items: items.length }
})

app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' }).then(
  (address) => console.log(`listening on ${address}/webhooks`),
  (error) => {
    console.error(error.message)
    process.exitCode = 1
  },
)
