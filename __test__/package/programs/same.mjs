// Both module systems in one process: they have to give the very same objects.

import { createRequire } from 'node:module'
import * as namespace from 'layer1'
import * as esmRedis from 'layer1/redis'
import * as esmSandbox from 'layer1/sandbox'

const require = createRequire(import.meta.url)
const esm = { ...namespace }
const cjs = require('layer1')
const names = Object.keys(cjs)
const differ = names.filter((name) => esm[name] !== cjs[name])
if (esmSandbox.startSandbox !== require('layer1/sandbox').startSandbox) differ.push('startSandbox')
if (esmRedis.redisTokenStore !== require('layer1/redis').redisTokenStore) differ.push('redisTokenStore')
try {
  // It comes in a file of its own, with classes of its own: to `instanceof` they are the same.
  esmRedis.redisTokenStore({})
} catch (error) {
  if (!(error instanceof cjs.Layer1ConfigError)) differ.push(String(error))
}
console.log(`same: ${names.length > 10}, ${names.includes('Layer1')}, differ: ${differ.join()}`)
