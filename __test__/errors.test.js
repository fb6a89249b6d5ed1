'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { inspect } = require('node:util')
const layer1 = require('layer1')
const { failure, rejection, thrown } = require('./support/failures.js')
const { deadEnd, makeClient, neverAnswer, sendJson, startPeer } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */

const { Layer1, Layer1Error } = layer1
const classNames = /** @type {const} */ ([
  'Layer1ConfigError',
  'Layer1RequestError',
  'Layer1AuthError',
  'Layer1ApiError',
  'Layer1ConnectionError',
  'Layer1TimeoutError',
  'Layer1ResponseError',
  'Layer1ClosedError',
  'Layer1WebhookError',
])
/** Those that belong to no call. */
const callless = ['Layer1ConfigError', 'Layer1WebhookError']

/**
 * One failure of each class.
 *
 * @type {Record<typeof classNames[number], (t: TestContext) => Promise<any>>}
 */
const failures = {
  Layer1ConfigError: async () => thrown(() => new Layer1({ clientId: 'a' })),
  Layer1RequestError: async (t) => await rejection(makeClient(t, (await startPeer(t)).options).get('/../a')),
  Layer1AuthError: async (t) => {
    const peer = await startPeer(t, { token: (_request, response) => sendJson(response, 400, { error: 'no' }) })
    return await rejection(makeClient(t, peer.options).get('/a'))
  },
  Layer1ApiError: async (t) => {
    const peer = await startPeer(t, { api: (_request, response) => void response.writeHead(404).end() })
    return await rejection(makeClient(t, peer.options).get('/a'))
  },
  Layer1ConnectionError: async (t) => {
    const { host, port } = await deadEnd(t)
    const { options } = await startPeer(t)
    return await rejection(makeClient(t, { ...options, baseUrl: `http://${host}:${port}`, maxRetries: 0 }).get('/a'))
  },
  Layer1TimeoutError: async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    return await rejection(makeClient(t, peer.options).get('/a', { timeout: 300 }))
  },
  Layer1ResponseError: async (t) => {
    const peer = await startPeer(t, { api: (_request, response) => void response.end('<p>') })
    return await rejection(makeClient(t, peer.options).get('/a'))
  },
  Layer1ClosedError: async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    await client.close()
    return await rejection(client.get('/a'))
  },
  Layer1WebhookError: async () => thrown(() => layer1.verifyWebhook({ body: '', signature: '', publicKey: '' })),
}

/** @type {Record<string, string>} */
const codes = {
  Layer1ConfigError: 'ERR_LAYER1_CONFIG',
  Layer1RequestError: 'ERR_LAYER1_REQUEST',
  Layer1AuthError: 'ERR_LAYER1_AUTH',
  Layer1ApiError: 'ERR_LAYER1_API',
  Layer1ConnectionError: 'ERR_LAYER1_CONNECT',
  Layer1TimeoutError: 'ERR_LAYER1_TIMEOUT',
  Layer1ResponseError: 'ERR_LAYER1_RESPONSE_MALFORMED',
  Layer1ClosedError: 'ERR_LAYER1_CLOSED',
  Layer1WebhookError: 'ERR_LAYER1_WEBHOOK',
}

for (const name of classNames) {
  describe(name, { timeout: 60_000 }, () => {
    it('given its failure, when it is caught, then it is of this class, of Layer1Error and of Error, and of no other', async (t) => {
      const error = await failures[name](t)
      assert.ok(error instanceof layer1[name] && error instanceof Layer1Error && error instanceof Error)
      const others = classNames.filter((other) => other !== name && error instanceof layer1[other])
      assert.deepEqual(others, [])
    })

    it('given its failure, when it is read, then it has name and code', async (t) => {
      const error = await failures[name](t)
      assert.deepEqual([error.name, error.code], [name, codes[name]])
      assert.ok(String(error).startsWith(`${name}: `), String(error))
      assert.ok(inspect(error).includes(codes[name] ?? '?'))
    })

    it('given its failure, when it is read, then it says attempts and retryable', async (t) => {
      const error = await failures[name](t)
      assert.deepEqual([typeof error.attempts, typeof error.retryable], ['number', 'boolean'])
    })

    it('given its failure, when the sentence is read, then it is one for a person', async (t) => {
      const { message } = await failures[name](t)
      assert.doesNotMatch(message, /undefined|\[object|null|NaN|\bSome\(|\bNone\b|::/)
      assert.match(message, /[.\]"]$|\d$/, message)
    })

    if (!callless.includes(name)) {
      it('given its failure, when it is read, then it says which call', async (t) => {
        const error = await failures[name](t)
        assert.deepEqual([error.method, error.path], ['GET', name === 'Layer1RequestError' ? '/../a' : '/a'])
      })
    }

    it('given its failure, when it goes through JSON, then nothing throws and the code is there', async (t) => {
      assert.equal(JSON.parse(JSON.stringify(await failures[name](t))).code, codes[name])
    })

    it('given its failure, when it is cloned to another thread, then it can be', async (t) => {
      const error = await failures[name](t)
      assert.equal(structuredClone(error).message, error.message)
    })
  })
}

describe('instanceof', { timeout: 60_000 }, () => {
  /** Loads the errors once more, as a second copy of the package would. */
  function secondCopy() {
    const file = require.resolve('../lib/errors.js')
    const first = require.cache[file]
    delete require.cache[file]
    const copy = require('../lib/errors.js')
    if (first) require.cache[file] = first
    return /** @type {typeof import('../lib/errors.js')} */ (copy)
  }

  it('given a second copy of the package, when an error of the first is caught, then both know it', async (t) => {
    const copy = secondCopy()
    assert.notEqual(copy.Layer1Error, Layer1Error)
    const error = await failures.Layer1ApiError(t)
    assert.ok(error instanceof copy.Layer1ApiError && error instanceof copy.Layer1Error)
    assert.ok(!(error instanceof copy.Layer1AuthError))
  })

  it('given the ES module, when an error of the CommonJS one is caught, then it is the very same class', async (t) => {
    const module = await import('layer1')
    assert.equal(module.Layer1ApiError, layer1.Layer1ApiError)
    assert.ok((await failures.Layer1ApiError(t)) instanceof module.Layer1Error)
  })

  it("given a caller's subclass, when other errors are caught, then they are not of it", async (t) => {
    class Mine extends Layer1Error {}
    assert.ok(!((await failures.Layer1ApiError(t)) instanceof Mine))
  })

  for (const value of [
    undefined,
    null,
    7,
    'error',
    {},
    new Error('e'),
    { code: 'ERR_LAYER1_API', name: 'Layer1Error' },
  ]) {
    it(`given ${inspect(value).split('\n')[0]}, when it is asked for its class, then it is none of ours`, () => {
      assert.equal(/** @type {any} */ (value) instanceof Layer1Error, false)
    })
  }
})

describe('the stack of an error', { timeout: 60_000 }, () => {
  for (const [name, make] of Object.entries(failures)) {
    if (callless.includes(name)) continue
    it(`given ${name}, when it is caught, then the stack shows the line that awaited`, async (t) => {
      async function theCallersOwnFunction() {
        return await make(t)
      }
      const { stack } = await theCallersOwnFunction()
      assert.match(stack, /at async theCallersOwnFunction \(.*errors\.test\.js:\d+:\d+\)/)
    })
  }

  for (const method of /** @type {const} */ (['get', 'getToken', 'getTokenInfo'])) {
    it(`given a failure of ${method}(), when it is caught, then the stack names the awaiting functions and their lines`, async (t) => {
      const peer = await startPeer(t, { token: (_request, response) => sendJson(response, 400, { error: 'no' }) })
      const client = makeClient(t, peer.options)
      async function fetchTheBalance() {
        await (method === 'get' ? client.get('/a') : client[method]())
      }
      async function payTheBill() {
        await fetchTheBalance()
      }
      const { stack } = await failure(payTheBill(), 'ERR_LAYER1_AUTH')
      assert.match(stack, /at async fetchTheBalance \(.*errors\.test\.js:\d+:\d+\)/)
      assert.match(stack, /at async payTheBill \(.*errors\.test\.js:\d+:\d+\)/)
    })
  }
})

describe('words that came from elsewhere', () => {
  const closedPort = 'http://127.0.0.1:1'
  const nowhere = {
    clientId: 'a',
    clientSecret: 'b',
    baseUrl: closedPort,
    tokenUrl: `${closedPort}/token`,
    timeout: 10_000,
  }

  it('given control characters in a path, when it is refused, then the message has them as escapes', async (t) => {
    const client = makeClient(t, nowhere)
    const error = await failure(client.get('/x\u001b[31m\nforged line'), 'ERR_LAYER1_REQUEST')
    assert.match(error.message, /^GET \/x\\u001b\[31m\\u000aforged line: /)
  })

  it('given a connection that fails, when the error is read, then its cause has the innermost reason', async (t) => {
    const client = makeClient(t, nowhere)
    const error = await failure(client.getToken(), 'ERR_LAYER1_CONNECT')
    assert.ok(error.cause instanceof Error && error.cause.message !== '' && error.message.includes(error.cause.message))
  })

  it('given an object that inherits from a client, when it is inspected, then nothing is thrown', (t) => {
    const client = makeClient(t, nowhere)
    assert.equal(inspect(Object.create(client)), 'Layer1 {}')
  })
})
