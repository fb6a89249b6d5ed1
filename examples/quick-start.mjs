// LAYER1_CLIENT_ID=… LAYER1_CLIENT_SECRET=… node examples/quick-start.mjs

import { Layer1 } from 'layer1'

const layer1 = new Layer1()

// Ask for the token only if you want to look at it: every call gets it by itself.
const { expiresAt, scope } = await layer1.getTokenInfo()
console.log(`A token until ${expiresAt.toISOString()} for ${scope.length} scopes.`)

/** @type {{ network: string }[]} */
const networks = await layer1.get('/digital/v1/networks')
console.log(`Networks: ${networks.map(({ network }) => network).join(', ')}`)

const { tokenRequests, requests } = layer1.stats()
console.log(`Token requests: ${tokenRequests}. API requests: ${requests}.`)

await layer1.close()
