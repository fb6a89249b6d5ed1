// A Lambda function: one client for as long as its environment lives, ready before the first event comes.
// LAYER1_CLIENT_ID=… LAYER1_CLIENT_SECRET=… node examples/lambda/runtime.mjs < events.jsonl

import { Layer1 } from 'layer1'

const layer1 = new Layer1()

// Lambda waits for this before the first event. If it fails, the first call asks for a token by itself.
await layer1.warmUp({ timeout: 5_000 }).catch((error) => console.warn(`not warmed up: ${error.message}`))

/**
 * Lists asset pools.
 *
 * @param {{ pageSize?: number }} event
 */
export async function handler({ pageSize = 5 }) {
  /** @type {{ totalElements: number, content: { name: string }[] }} */
  const { totalElements, content } = await layer1.get('/digital/v1/asset-pools', { query: { pageSize } })
  return { statusCode: 200, body: JSON.stringify({ totalElements, names: content.map(({ name }) => name) }) }
}
