'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { gzipSync } = require('node:zlib')
const { Layer1ApiError } = require('layer1')
const { startSandbox } = require('layer1/sandbox')
const { failure } = require('./support/failures.js')
const { makeClient, startPeer, startTcp } = require('./support/peer.js')

/**
 * Gets the error that an answer of the API makes.
 *
 * @param {import('node:test').TestContext} t
 * @param {number} status
 * @param {string | Buffer} [body]
 * @param {Record<string, string | string[]>} [headers]
 */
async function apiError(t, status, body, headers = {}) {
  const peer = await startPeer(t, { api: (_request, response) => void response.writeHead(status, headers).end(body) })
  const client = makeClient(t, { ...peer.options, maxRetries: 0 })
  return await failure(client.get('/digital/v1/a?b=c'), 'ERR_LAYER1_API')
}

const layer1Body = {
  code: 'layer1:digital-asset:4001',
  status: 'CONFLICT',
  message: 'A request with this reference exists',
  details: { documentLink: 'https://docs.example/4001', errors: { reference: ['has to be new', 'is too long'] } },
}

describe('an error of the API', { timeout: 60_000 }, () => {
  it("given Layer1's error shape, when it comes, then the error has all that was said", async (t) => {
    const error = await apiError(t, 409, JSON.stringify(layer1Body))
    assert.ok(error instanceof Layer1ApiError)
    assert.equal(error.status, 409)
    assert.equal(error.apiCode, 'layer1:digital-asset:4001')
    assert.equal(error.apiStatus, 'CONFLICT')
    assert.deepEqual(error.details, layer1Body.details)
    assert.deepEqual(error.body, layer1Body)
  })

  it('given an error, when it is read, then it says the place of the call, without its query', async (t) => {
    const error = await apiError(t, 409, JSON.stringify(layer1Body))
    assert.deepEqual([error.endpoint, error.method, error.path, error.attempts], ['api', 'GET', '/digital/v1/a', 1])
    assert.ok(!error.message.includes('b=c'), error.message)
  })

  it("given Layer1's error shape, when the message is read, then it has status, code, words and fields", async (t) => {
    const { message } = await apiError(t, 409, JSON.stringify(layer1Body))
    for (const part of [
      '409',
      'CONFLICT',
      'layer1:digital-asset:4001',
      layer1Body.message,
      'reference: has to be new',
    ]) {
      assert.ok(message.includes(part), `${part} is not in: ${message}`)
    }
  })

  it('given the sandbox, when a resource does not exist, then the error is as documented', async (t) => {
    const sandbox = await startSandbox()
    t.after(() => sandbox.close())
    const id = '00000000-0000-4000-a000-000000000000'
    const error = await failure(makeClient(t, sandbox.options).get(`/digital/v1/asset-pools/${id}`), 'ERR_LAYER1_API')
    assert.deepEqual([error.status, error.apiCode, error.apiStatus], [404, 'layer1:digital-asset:4008', 'NOT_FOUND'])
  })

  for (const [name, body] of Object.entries({ HTML: '<h1>Bad gateway</h1>', 'half of an object': '{"code":' })) {
    it(`given ${name}, when it comes with an error, then the body is that text`, async (t) => {
      const error = await apiError(t, 502, body)
      assert.deepEqual([error.status, error.body, error.apiCode], [502, body, undefined])
    })
  }

  for (const status of [400, 404, 500]) {
    it(`given ${status} with an empty body, when it comes, then the error has its status and no body`, async (t) => {
      const error = await apiError(t, status)
      assert.deepEqual(
        [error.status, error.body, error.apiCode, error.details],
        [status, undefined, undefined, undefined],
      )
    })
  }

  for (const body of ['null', '[]', '"text"', '7', 'true', '{"code":7,"status":{},"message":[],"details":"x"}']) {
    it(`given the body ${body}, when it comes with an error, then nothing is made of what is no string`, async (t) => {
      const error = await apiError(t, 400, body)
      assert.deepEqual([error.status, error.apiCode, error.apiStatus], [400, undefined, undefined])
      assert.ok(!error.message.includes('[object'), error.message)
    })
  }

  for (const errors of ['{"a":7}', '{"a":{}}', '{"a":[{"b":1}]}', '[1]', '"x"', 'null', '{"a":null}']) {
    it(`given details.errors ${errors}, when the message is made, then nothing goes wrong`, async (t) => {
      const error = await apiError(t, 400, `{"code":"c","details":{"errors":${errors}}}`)
      assert.ok(!error.message.includes('[object'), error.message)
    })
  }

  it('given invalid UTF-8, when it comes with an error, then the error has its status all the same', async (t) => {
    const error = await apiError(t, 500, Buffer.from([0x61, 0xff, 0x62]))
    assert.deepEqual([error.status, error.body], [500, 'a\ufffdb'])
  })

  it('given gzip, when it comes with an error, then it is decoded', async (t) => {
    const error = await apiError(t, 409, gzipSync(JSON.stringify(layer1Body)), { 'content-encoding': 'gzip' })
    assert.equal(error.apiCode, layer1Body.code)
  })

  it('given broken gzip, when it comes with an error, then the error has its status all the same', async (t) => {
    assert.equal((await apiError(t, 503, 'no gzip', { 'content-encoding': 'gzip' })).status, 503)
  })

  it('given a body that breaks off, when it comes with an error, then the error has its status all the same', async (t) => {
    const peer = await startPeer(t)
    const port = await startTcp(t, (socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 409 Conflict\r\ncontent-length: 900\r\n\r\n{"code":"c"'))
    })
    const client = makeClient(t, { ...peer.options, baseUrl: `http://127.0.0.1:${port}`, maxRetries: 0 })
    assert.equal((await failure(client.get('/a'), 'ERR_LAYER1_API')).status, 409)
  })

  it('given a small maxResponseBytes, when an error comes, then it still has its body', async (t) => {
    const body = JSON.stringify(layer1Body)
    const peer = await startPeer(t, { api: (_request, response) => void response.writeHead(409).end(body) })
    const client = makeClient(t, { ...peer.options, maxResponseBytes: 10 })
    assert.equal((await failure(client.get('/a'), 'ERR_LAYER1_API')).apiCode, layer1Body.code)
  })

  it('given megabytes of words, when they come with an error, then the message stays short', async (t) => {
    const long = 'x'.repeat(20_000)
    const error = await apiError(t, 400, JSON.stringify({ message: long, details: { errors: { a: long } } }))
    assert.ok(error.message.length < 2000, `${error.message.length} characters`)
    assert.equal(error.body.message, long)
  })

  it('given headers, when an error comes, then they are a plain object with lower-case names', async (t) => {
    const { headers } = await apiError(t, 429, '', {
      'Retry-After': '7',
      'X-Trace': ['a', 'b'],
      'Set-Cookie': ['a=1', 'b=2'],
      constructor: 'c',
    })
    assert.equal(headers['retry-after'], '7')
    assert.equal(headers['x-trace'], 'a, b')
    assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2'])
    assert.equal(headers.constructor, 'c')
    assert.equal(Object.getPrototypeOf(headers), Object.prototype)
  })

  it('given a single cookie, when an error comes, then set-cookie is an array all the same', async (t) => {
    assert.deepEqual((await apiError(t, 400, '', { 'set-cookie': 'a=1' })).headers['set-cookie'], ['a=1'])
  })

  it('given a header named __proto__, when an error comes, then no prototype is changed', async (t) => {
    const { headers } = await apiError(t, 400, '', JSON.parse('{"__proto__":"x"}'))
    assert.equal(Object.getPrototypeOf(headers), Object.prototype)
  })

  for (const [status, retryable] of /** @type {const} */ ([
    [400, false],
    [403, false],
    [404, false],
    [409, false],
    [410, false],
    [412, false],
    [408, true],
    [429, true],
    [500, true],
    [501, false],
    [502, true],
    [503, true],
    [504, true],
  ])) {
    it(`given ${status}, when the error is read, then ${retryable ? 'a' : 'no'} retry makes sense`, async (t) => {
      assert.equal((await apiError(t, status)).retryable, retryable)
    })
  }
})
