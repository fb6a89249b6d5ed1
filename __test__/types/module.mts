// An ES module, whatever the package around it says.

import { Layer1, type Layer1ErrorCode, path } from 'layer1'
import { startSandbox } from 'layer1/sandbox'
import { holds, type Same } from './same.js'

await using sandbox = await startSandbox()
await using layer1 = new Layer1(sandbox.options)
for await (const pool of layer1.paginate<{ id: string }>('/api/v1/asset-pools')) {
  console.log(await layer1.get(path`/api/v1/asset-pools/${pool.id}`))
}

const later = await import('layer1')
holds<Same<typeof later.Layer1, typeof Layer1>>()

export const code: Layer1ErrorCode = 'ERR_LAYER1_TIMEOUT'
