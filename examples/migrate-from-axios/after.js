'use strict'
// The same with layer1: one token for all calls, renewed before it ends.
// LAYER1_CLIENT_ID=… LAYER1_CLIENT_SECRET=… node examples/migrate-from-axios/after.js

const { Layer1 } = require('layer1')

const layer1 = new Layer1()

/**
 * @param {number} pageSize
 * @returns {Promise<{ content: unknown[], totalElements: number }>}
 */
function listPools(pageSize) {
  return layer1.get('/api/v1/asset-pools', { query: { pageSize } })
}

async function main() {
  for (const pageSize of [1, 2, 3]) {
    const { content, totalElements } = await listPools(pageSize)
    console.log(`${content.length} of ${totalElements} asset pools`)
  }
  await layer1.close()
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
