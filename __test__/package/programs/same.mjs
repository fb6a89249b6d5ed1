// Both module systems in one process: they have to give the very same objects.

import { createRequire } from 'node:module'
import * as namespace from 'layer1'
import * as esmSandbox from 'layer1/sandbox'

const require = createRequire(import.meta.url)
const esm = { ...namespace }
const cjs = require('layer1')
const names = Object.keys(cjs)
const differ = names.filter((name) => esm[name] !== cjs[name])
if (esmSandbox.startSandbox !== require('layer1/sandbox').startSandbox) differ.push('startSandbox')
console.log(`same: ${names.length > 10}, ${names.includes('Layer1')}, differ: ${differ.join()}`)
