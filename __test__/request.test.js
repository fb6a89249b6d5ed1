'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { gzipSync } = require('node:zlib')
const { failure } = require('./support/failures.js')
const { answerOk, makeClient, sendJson, startPeer, startWire } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('layer1').RequestOptions} RequestOptions */

/**
 * Makes a request of a server that answers just these bytes.
 *
 * @param {TestContext} t
 * @param {string} wire
 */
async function requested(t, wire) {
  const { options } = await startPeer(t)
  const port = await startWire(t, wire)
  return await makeClient(t, { ...options, baseUrl: `http://127.0.0.1:${port}` }).request('GET', '/a')
}

/** The empty answer, by responseType. */
const nothing = /** @type {const} */ ([
  ['json', null],
  ['text', ''],
  ['buffer', Buffer.alloc(0)],
])

describe('the answer of request()', { timeout: 60_000 }, () => {
  it('given an answer, when it comes, then it is status, headers, data and attempts, and nothing else', async (t) => {
    const peer = await startPeer(t, { api: (_request, response) => sendJson(response, 201, { id: 7 }) })
    const answer = await makeClient(t, peer.options).request('POST', '/a', { body: { a: 1 } })
    assert.deepEqual(Object.keys(answer).sort(), ['attempts', 'data', 'headers', 'status'])
    assert.deepEqual([answer.status, answer.data, answer.attempts], [201, { id: 7 }, 1])
    assert.equal(answer.headers['content-type'], 'application/json')
  })

  for (const [responseType, data] of /** @type {const} */ ([
    ['json', { ok: true }],
    [null, { ok: true }],
    ['text', '{"ok":true}'],
    ['buffer', Buffer.from('{"ok":true}')],
  ])) {
    it(`given ${responseType} as responseType, when an answer comes, then its data is that`, async (t) => {
      const client = makeClient(t, (await startPeer(t)).options)
      const answer = await client.request('GET', '/a', { responseType })
      assert.deepEqual(answer.data, data)
    })
  }

  for (const status of [200, 201, 202, 204, 205, 299]) {
    for (const [responseType, data] of nothing) {
      it(`given ${status} without a body, when ${responseType} is asked for, then its data is empty`, async (t) => {
        const peer = await startPeer(t, { api: (_request, response) => void response.writeHead(status).end() })
        const answer = await makeClient(t, peer.options).request('PUT', '/a', { body: [], responseType })
        assert.deepEqual([answer.status, answer.data], [status, data])
      })
    }
  }

  it('given a failure that passes, when the answer comes, then attempts says which one it was', async (t) => {
    const peer = await startPeer(t, {
      api: (request, response, count) =>
        count === 1 ? sendJson(response, 503, {}, { 'retry-after': '0' }) : answerOk(request, response, count),
    })
    assert.equal((await makeClient(t, peer.options).request('GET', '/a')).attempts, 2)
  })

  it('given a 401 that is replayed, when the answer comes, then attempts counts the replay', async (t) => {
    const peer = await startPeer(t, {
      api: (request, response, count) =>
        count === 1 ? sendJson(response, 401, {}) : answerOk(request, response, count),
    })
    assert.equal((await makeClient(t, peer.options).request('POST', '/a', { body: 1 })).attempts, 2)
  })

  it('given a redirect that is followed, when the answer comes, then it was one attempt', async (t) => {
    const peer = await startPeer(t, {
      api: (request, response, count) =>
        count === 1 ? response.writeHead(302, { location: '/b' }).end() : answerOk(request, response, count),
    })
    assert.equal((await makeClient(t, peer.options).request('GET', '/a')).attempts, 1)
  })

  it('given no JSON, when it comes with 200, then it is malformed as with get()', async (t) => {
    const peer = await startPeer(t, { api: (_request, response) => void response.end('<p>') })
    const error = await failure(makeClient(t, peer.options).request('POST', '/a'), 'ERR_LAYER1_RESPONSE_MALFORMED')
    assert.deepEqual([error.method, error.path, error.status, error.attempts], ['POST', '/a', 200, 1])
  })
})

describe('the headers of an answer', { timeout: 60_000 }, () => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n'

  it('given names in capitals, when they come, then they are in lower case, in a plain object', async (t) => {
    const { headers } = await requested(t, `${head}X-Request-ID: AbC\r\nX-EMPTY:\r\n\r\n[]`)
    assert.deepEqual(headers, { 'content-length': '2', 'x-request-id': 'AbC', 'x-empty': '' })
    assert.equal(Object.getPrototypeOf(headers), Object.prototype)
  })

  it('given a name that is repeated, when it comes, then its values are joined', async (t) => {
    const { headers } = await requested(t, `${head}x-a: 1\r\nX-A: 2\r\nx-b: 3\r\nx-a: 4\r\n\r\n[]`)
    assert.deepEqual([headers['x-a'], headers['x-b']], ['1, 2, 4', '3'])
  })

  it('given one set-cookie, when it comes, then it is an array', async (t) => {
    assert.deepEqual((await requested(t, `${head}Set-Cookie: a=1, 2\r\n\r\n[]`)).headers['set-cookie'], ['a=1, 2'])
  })

  it('given two of set-cookie, when they come, then they are an array in their order', async (t) => {
    const { headers } = await requested(t, `${head}set-cookie: b=1\r\nset-cookie: a=2\r\n\r\n[]`)
    assert.deepEqual(headers['set-cookie'], ['b=1', 'a=2'])
  })

  it('given no set-cookie, when headers come, then there is none', async (t) => {
    assert.ok(!('set-cookie' in (await requested(t, `${head}\r\n[]`)).headers))
  })

  it('given a header named __proto__, when it comes, then no prototype is changed', async (t) => {
    const { headers } = await requested(t, `${head}__proto__: a\r\n__proto__: b\r\nx-a: 1\r\n\r\n[]`)
    assert.equal(Object.getPrototypeOf(headers), Object.prototype)
    assert.equal(headers['x-a'], '1')
  })

  it('given names that every object has, when they come, then they are headers like any other', async (t) => {
    const { headers } = await requested(t, `${head}constructor: a\r\ntostring: b\r\nhasownproperty: c\r\n\r\n[]`)
    assert.deepEqual([headers.constructor, headers.tostring, headers.hasownproperty], ['a', 'b', 'c'])
  })
})

describe('HEAD', { timeout: 60_000 }, () => {
  for (const [responseType, data] of nothing) {
    it(`given a resource, when its head is requested as ${responseType}, then there are headers and no data`, async (t) => {
      const peer = await startPeer(t, {
        api: (_request, response) => void response.writeHead(200, { 'content-length': '1234', etag: '"x"' }).end(),
      })
      const answer = await makeClient(t, peer.options).request('HEAD', '/a', { responseType })
      assert.deepEqual([answer.status, answer.data, answer.attempts], [200, data, 1])
      assert.deepEqual([answer.headers['content-length'], answer.headers.etag], ['1234', '"x"'])
    })
  }

  it('given a resource that would be compressed, when its head is requested, then there is no data', async (t) => {
    const length = String(gzipSync('[1]').length)
    const peer = await startPeer(t, {
      api: (_request, response) =>
        void response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': length }).end(),
    })
    assert.equal((await makeClient(t, peer.options).request('HEAD', '/a')).data, null)
  })

  it('given one connection, when heads are requested one after the other, then it is kept', async (t) => {
    const peer = await startPeer(t, {
      api: (_request, response) => void response.writeHead(200, { 'content-length': '9' }).end(),
    })
    const client = makeClient(t, { ...peer.options, maxConnections: 1 })
    for (let index = 0; index < 5; index++) await client.request('HEAD', '/a')
    assert.equal(peer.connections(), 1)
  })
})

describe('the method of request()', { timeout: 60_000 }, () => {
  for (const method of ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'PaTcH']) {
    it(`given ${method}, when a request is made, then it goes out in capitals`, async (t) => {
      const peer = await startPeer(t)
      await makeClient(t, peer.options).request(method, '/a')
      assert.equal(peer.calls[0]?.method, method.toUpperCase())
    })
  }

  for (const [name, method] of /** @type {[string, any][]} */ ([
    ...[
      'CONNECT',
      'TRACE',
      'PROPFIND',
      'QUERY',
      'FOO',
      '',
      ' ',
      'GET ',
      ' GET',
      'GET\r\n',
      'GET /b HTTP/1.1\r\nx: ',
    ].map((method) => [JSON.stringify(method), method]),
    ['a method of a megabyte', 'X'.repeat(1_000_000)],
    ['a lone surrogate', '\ud800'],
    ...[undefined, null, 7, true, {}, [], ['GET'], Object('GET'), Symbol('GET'), () => 'GET'].map((method) => [
      `${typeof method} ${String(method)}`,
      method,
    ]),
  ])) {
    it(`given ${name} as method, when a request is made, then it is refused with the ones there are`, async (t) => {
      const peer = await startPeer(t)
      const error = await failure(makeClient(t, peer.options).request(method, '/a'), 'ERR_LAYER1_REQUEST')
      assert.match(error.message, /method has to be GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS/)
      assert.deepEqual([error.attempts, error.path, peer.connections()], [0, '/a', 0])
    })
  }

  for (const method of ['po\u017ft', 'opt\u0131ons']) {
    it(`given ${method}, which is not ASCII, when a request is made, then it is refused`, async (t) => {
      const peer = await startPeer(t)
      await failure(makeClient(t, peer.options).request(method, '/a'), 'ERR_LAYER1_REQUEST')
      assert.equal(peer.connections(), 0)
    })
  }
})

describe('the option body', { timeout: 60_000 }, () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    it(`given a body, when ${method} is requested, then it is sent`, async (t) => {
      const peer = await startPeer(t)
      await makeClient(t, peer.options).request(method, '/a', { body: { a: 1 } })
      const [call] = peer.calls
      assert.deepEqual([call?.method, call?.body, call?.headers['content-length']], [method, '{"a":1}', '7'])
    })
  }

  it("given null, when a POST is requested, then JSON's null is sent; given undefined, then nothing is", async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, peer.options)
    await client.request('POST', '/a', { body: null })
    await client.request('POST', '/a', { body: undefined })
    assert.deepEqual(
      peer.calls.map(({ body, headers }) => [body, headers['content-type']]),
      [
        ['null', 'application/json'],
        ['', undefined],
      ],
    )
  })

  for (const method of ['GET', 'HEAD', 'get']) {
    for (const body of [{}, null, '', 0, Buffer.alloc(0)]) {
      it(`given ${JSON.stringify(body)}, when ${method} is requested, then it is refused and nothing is sent`, async (t) => {
        const peer = await startPeer(t)
        const error = await failure(makeClient(t, peer.options).request(method, '/a', { body }), 'ERR_LAYER1_REQUEST')
        assert.match(error.message, /has no body/)
        assert.deepEqual([error.attempts, peer.connections()], [0, 0])
      })
    }
  }

  it('given undefined, when GET is requested, then that is no body', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    assert.equal((await client.request('GET', '/a', { body: undefined })).status, 200)
  })

  for (const [name, call] of /** @type {[string, (client: any, options: any) => Promise<unknown>][]} */ ([
    ['get()', (client, options) => client.get('/a', options)],
    ['delete()', (client, options) => client.delete('/a', options)],
    ['post()', (client, options) => client.post('/a', { a: 1 }, options)],
    ['put()', (client, options) => client.put('/a', undefined, options)],
    ['patch()', (client, options) => client.patch('/a', undefined, options)],
  ])) {
    for (const body of [{ a: 1 }, null, undefined]) {
      it(`given ${JSON.stringify(body)} as option body of ${name}, when it is called, then it is refused and nothing is sent`, async (t) => {
        const peer = await startPeer(t)
        const error = await failure(call(makeClient(t, peer.options), { body }), 'ERR_LAYER1_REQUEST')
        assert.match(error.message, /no option "body"/)
        assert.deepEqual([error.attempts, peer.connections()], [0, 0])
      })
    }
  }
})
