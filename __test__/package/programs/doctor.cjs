'use strict'
// The doctor of what is installed, at a sandbox in this process.

const path = require('node:path')
const { startSandbox } = require('layer1/sandbox')

async function main() {
  const { main: commandLine } = require(
    path.join(path.dirname(require.resolve('layer1/package.json')), 'bin', 'main.js'),
  )
  const sandbox = await startSandbox()
  process.env.LAYER1_CLIENT_ID = sandbox.options.clientId
  process.env.LAYER1_CLIENT_SECRET = sandbox.options.clientSecret
  process.env.LAYER1_BASE_URL = sandbox.baseUrl
  process.env.LAYER1_TOKEN_URL = sandbox.tokenUrl
  const exitCode = await commandLine(['doctor'])
  await sandbox.close()
  console.log(`doctor: ${exitCode}`)
}

main()
