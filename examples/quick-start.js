'use strict'
// LAYER1_CLIENT_ID=… LAYER1_CLIENT_SECRET=… node examples/quick-start.js

const { Layer1 } = require('layer1')

/** @typedef {{ totalElements: number, content: { id: string, name: string }[] }} AssetPoolPage */

async function main() {
  const layer1 = new Layer1()
  const page = /** @type {AssetPoolPage} */ (await layer1.get('/api/v1/asset-pools', { query: { pageSize: 5 } }))
  console.log(`${page.totalElements} asset pools, the first of them:`)
  for (const { id, name } of page.content) {
    console.log(`${id}  ${name}`)
  }
  await layer1.close()
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
