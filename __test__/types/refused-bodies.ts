// Bodies that must not compile.

import { Readable, Writable } from 'node:stream'
import type { Layer1, Layer1Body } from 'layer1'

declare const layer1: Layer1
declare const unknown: unknown
interface OldStream {
  getReader(): unknown
}
declare const oldStream: OldStream

// @ts-expect-error a function
layer1.post('/x', () => {})
// @ts-expect-error a function
layer1.put('/x', function named() {})
// @ts-expect-error a class
layer1.patch('/x', class {})
// @ts-expect-error a method
layer1.post('/x', layer1.get)
// @ts-expect-error a BigInt
layer1.post('/x', 10n)
// @ts-expect-error a symbol
layer1.post('/x', Symbol.iterator)
// @ts-expect-error a form
layer1.post('/x', new FormData())
// @ts-expect-error a form of another kind: String(it) is sent
layer1.post('/x', new URLSearchParams())
// @ts-expect-error a blob
layer1.post('/x', new Blob([]))
// @ts-expect-error a buffer without a view
layer1.post('/x', new ArrayBuffer(8))
// @ts-expect-error a map
layer1.post('/x', new Map())
// @ts-expect-error a set
layer1.post('/x', new Set())
// @ts-expect-error a weak map
layer1.post('/x', new WeakMap())
// @ts-expect-error a weak set
layer1.post('/x', new WeakSet())
// @ts-expect-error a regular expression
layer1.post('/x', /x/)
// @ts-expect-error a stream
layer1.post('/x', Readable.from(['x']))
// @ts-expect-error a stream to write to
layer1.post('/x', new Writable())
// @ts-expect-error a terminal
layer1.post('/x', process.stdout)
// @ts-expect-error a stream of the web
layer1.post('/x', new ReadableStream())
// @ts-expect-error such a stream before it could be iterated
layer1.post('/x', oldStream)
// @ts-expect-error another answer
layer1.post('/x', new Response())
// @ts-expect-error an asynchronous list
layer1.post('/x', layer1.paginate('/y'))
// @ts-expect-error a promise that was not waited for
layer1.post('/x', layer1.get('/y'))
// @ts-expect-error what is not known
layer1.post('/x', unknown)
// @ts-expect-error nothing at all
layer1.request()
// @ts-expect-error a function in request
layer1.request('POST', '/x', { body: () => {} })
// @ts-expect-error a BigInt in request
layer1.request('POST', '/x', { body: 10n })
// @ts-expect-error a form in request
layer1.request('POST', '/x', { body: new FormData() })
// @ts-expect-error a stream in request
layer1.request('POST', '/x', { body: Readable.from(['x']) })
// @ts-expect-error a promise in request
layer1.request('POST', '/x', { body: layer1.getToken() })
// @ts-expect-error whatever the answer is to be
layer1.post('/x', 10n, { responseType: 'text' })

// @ts-expect-error a function
export const callback: Layer1Body = () => {}
// @ts-expect-error a BigInt
export const amount: Layer1Body = 10n
