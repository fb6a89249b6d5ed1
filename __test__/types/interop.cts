// A CommonJS module that is written with import and export, as most are.

import { Layer1, type Layer1ErrorCode, Layer1TimeoutError, path } from 'layer1'
import { type Sandbox, startSandbox } from 'layer1/sandbox'

export const code: Layer1ErrorCode = 'ERR_LAYER1_TIMEOUT'

export async function main(): Promise<void> {
  const sandbox: Sandbox = await startSandbox()
  const layer1 = new Layer1(sandbox.options)
  try {
    await layer1.get(path`/api/v1/asset-pools/${1}`, { timeout: 1 })
  } catch (error) {
    if (!(error instanceof Layer1TimeoutError)) {
      throw error
    }
    console.log(error.phase)
  }
  await layer1.close()
}
