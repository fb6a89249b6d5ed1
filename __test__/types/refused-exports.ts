// What must not be had from the package.

import * as layer1 from 'layer1'
import * as sandbox from 'layer1/sandbox'

// @ts-expect-error a helper of the typings is not theirs who use them
export type Body = import('layer1').NoExotic
// @ts-expect-error nor is this one
export type Query = import('layer1').Plain
// @ts-expect-error nor this
export type Message = import('layer1').Own
// @ts-expect-error nor this
export type Key = typeof layer1.own
// @ts-expect-error the typings' own class of the inside
export type Native = import('layer1').NativeClient
// @ts-expect-error a path that is not exported
export type Client = typeof import('layer1/lib/client.js')
// @ts-expect-error typings that are not exported
export type Typings = typeof import('layer1/index.d.ts')
// @ts-expect-error a class that there is not
export const type = layer1.Layer1NetworkError
// @ts-expect-error the sandbox is a module of its own
export const start = layer1.startSandbox
// @ts-expect-error a function that there is not
export const stop = sandbox.stopSandbox
// @ts-expect-error a type is no value
export const options = layer1.Layer1Options
