'use strict'
// The main job with CommonJS; job.mjs is its twin. Prints what it did.

const { Layer1, Layer1ApiError, path } = require('layer1')
const { startSandbox } = require('layer1/sandbox')

async function main() {
  const sandbox = await startSandbox()
  const layer1 = new Layer1(sandbox.options)
  const token = await layer1.getToken()
  const { content } = await layer1.get('/api/v1/asset-pools', { query: { pageSize: 5 } })
  let pools = 0
  for await (const pool of layer1.paginate('/digital/v1/asset-pools', { query: { pageSize: 10 } })) {
    pools += pool.id ? 1 : 0
  }
  const error = await layer1.get(path`/digital/v1/asset-pools/${'none such'}`).catch((reason) => reason)
  const said = `${token.split('.').length} parts, ${content.length > 0}, ${pools > 10}, ${error instanceof Layer1ApiError}`
  await layer1.close()
  await sandbox.close()
  console.log(`job: ${said}`)
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
