'use strict'
// A webhook of the sandbox, checked; or what a runtime says whose cryptography does not know the curve of its key.

const http = require('node:http')
const { verifyWebhook } = require('layer1')
const { startSandbox } = require('layer1/sandbox')

/** A public key on that curve. */
const PUBLIC_KEY =
  'MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAExn8LhKa3YnVvGHeyT+siyu9+B5knDRtigP4R08nw7Fp0lbXtwoiAO1N0LOj7k39JY5iM385BJrRV2u5Y4N0Qxg=='

async function main() {
  const sandbox = await startSandbox()
  const server = http.createServer(async (request, response) => {
    const body = await bodyOf(request)
    const signature = request.headers['x-signature']
    const { event } = verifyWebhook({ body, signature, publicKey: sandbox.webhookPublicKey })
    response.end()
    console.log(`webhook: ${event}`)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await sandbox.sendWebhook(`http://127.0.0.1:${server.address().port}/`, { event: 'test' })
  } catch (error) {
    console.log(error.message)
    sayWhatIsRefused()
  }
  server.close()
  await sandbox.close()
}

async function bodyOf(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function sayWhatIsRefused() {
  try {
    verifyWebhook({ body: '{}', signature: 'AAAA', publicKey: PUBLIC_KEY })
  } catch ({ code, message }) {
    console.log(`${code}: ${message}`)
  }
}

main()
