// Stands for Lambda's runtime on this machine: imports a handler, calls it with each line of stdin as its event, and prints
// what it gives. LAYER1_CLIENT_ID=… LAYER1_CLIENT_SECRET=… node examples/lambda/runtime.mjs < events.jsonl

import { createInterface } from 'node:readline'
import { handler } from './handler.mjs'

console.log('{"init":"done"}')
for await (const line of createInterface({ input: process.stdin })) {
  const answer = await handler(JSON.parse(line)).catch((error) => ({
    errorType: error.code,
    errorMessage: error.message,
  }))
  console.log(JSON.stringify(answer))
}
