// What import gives and what require gives are one.

import cjs = require('layer1')
import cjsRedis = require('layer1/redis')
import cjsSandbox = require('layer1/sandbox')

import type * as esm from 'layer1'
import type * as esmRedis from 'layer1/redis'
import type * as esmSandbox from 'layer1/sandbox'
import { holds, type Same } from './same.js'

holds<Same<keyof typeof cjs, keyof typeof esm>>()
holds<Same<typeof cjs.Layer1, typeof esm.Layer1>>()
holds<Same<cjs.Layer1, esm.Layer1>>()
holds<Same<typeof cjs.Layer1ApiError, typeof esm.Layer1ApiError>>()
holds<Same<cjs.Layer1ErrorCode, esm.Layer1ErrorCode>>()
holds<Same<typeof cjs.path, typeof esm.path>>()
holds<Same<typeof cjsSandbox.startSandbox, typeof esmSandbox.startSandbox>>()
holds<Same<typeof cjsRedis.redisTokenStore, typeof esmRedis.redisTokenStore>>()
holds<Same<cjs.TokenStore, esm.TokenStore>>()
