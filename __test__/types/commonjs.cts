// A CommonJS module as verbatimModuleSyntax wants it.

import layer1 = require('layer1')
import sandbox = require('layer1/sandbox')

async function main(): Promise<void> {
  await using server = await sandbox.startSandbox()
  const client: layer1.Layer1 = new layer1.Layer1(server.options)
  const options: layer1.CallOptions = { query: { pageSize: 50 } }
  try {
    await client.get(layer1.path`/api/v1/asset-pools/${1}`, options)
  } catch (error) {
    if (error instanceof layer1.Layer1ApiError && error.apiCode === 'layer1:digital-asset:4008') {
      return
    }
    throw error
  }
  // An import() is resolved as an ES module's, and gives the very same class.
  const esm = await import('layer1')
  const same: typeof layer1.Layer1 = esm.Layer1
  await new same().close()
}

export = main
