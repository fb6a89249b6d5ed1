'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { setImmediate: nextTurn } = require('node:timers/promises')
const { describe, it } = require('node:test')
const { Layer1, Layer1ApiError, Layer1RequestError } = require('layer1')
const { failure, rejection } = require('./support/failures.js')
const { answerOk, makeClient, neverAnswer, sendJson, startPeer } = require('./support/peer.js')

/** @typedef {import('layer1').CallOptions} CallOptions */
/** @typedef {{ name: string, method: string, call: (client: Layer1, path: string, options?: any) => Promise<any> }} Verb */

/** @type {Verb[]} */
const verbs = [
  { name: 'get()', method: 'GET', call: (client, path, options) => client.get(path, options) },
  { name: 'post()', method: 'POST', call: (client, path, options) => client.post(path, { a: 1 }, options) },
  { name: 'put()', method: 'PUT', call: (client, path, options) => client.put(path, { a: 1 }, options) },
  { name: 'patch()', method: 'PATCH', call: (client, path, options) => client.patch(path, { a: 1 }, options) },
  { name: 'delete()', method: 'DELETE', call: (client, path, options) => client.delete(path, options) },
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) => ({
    name: `request('${method}')`,
    method,
    call: (/** @type {Layer1} */ client, /** @type {string} */ path, /** @type {any} */ options) =>
      client.request(method, path, options),
  })),
]
const giving = verbs.filter(({ name }) => !name.startsWith('request'))

const reserved = [
  'authorization',
  'proxy-authorization',
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'accept-encoding',
]

describe('what arrives', { timeout: 60_000 }, () => {
  for (const { name, method, call } of verbs) {
    it(`given a path, query and header, when ${name} is called, then they arrive as ${method}, with the token`, async (t) => {
      const peer = await startPeer(t, { prefix: '/v9' })
      await call(makeClient(t, peer.options), '/a/b?c=1', { query: { d: 'e f' }, headers: { 'x-trace': '7' } })
      assert.deepEqual(
        peer.calls.map(({ method, url, headers }) => [method, url, headers['x-trace'], headers.authorization]),
        [[method, '/v9/a/b?c=1&d=e%20f', '7', 'Bearer token-1']],
      )
    })
  }

  for (const { name, call } of giving) {
    it(`given JSON as answer, when ${name} is called, then it gives it parsed`, async (t) => {
      const client = makeClient(t, (await startPeer(t)).options)
      assert.deepEqual(await call(client, '/a'), { ok: true })
    })

    it(`given text or a buffer as wish, when ${name} is called, then it gives that`, async (t) => {
      const client = makeClient(t, (await startPeer(t)).options)
      assert.equal(await call(client, '/a', { responseType: 'text' }), '{"ok":true}')
      assert.deepEqual(await call(client, '/a', { responseType: 'buffer' }), Buffer.from('{"ok":true}'))
    })

    for (const status of [200, 201, 202, 204]) {
      it(`given ${status} without a body, when ${name} is called, then it gives null`, async (t) => {
        const peer = await startPeer(t, { api: (_request, response) => void response.writeHead(status).end() })
        assert.equal(await call(makeClient(t, peer.options), '/a'), null)
      })
    }
  }
})

describe('an answer that is an error', { timeout: 60_000 }, () => {
  for (const { name, method, call } of verbs) {
    it(`given 422, when ${name} is called, then the error knows method and path, and what the API said`, async (t) => {
      const said = { code: 'layer1:digital-asset:1000', status: 'UNPROCESSABLE_ENTITY', message: 'too little' }
      const peer = await startPeer(t, { api: (_request, response) => sendJson(response, 422, said, { 'x-id': '9' }) })
      const error = await failure(call(makeClient(t, peer.options), '/a/b?private=1'), 'ERR_LAYER1_API')
      assert.ok(error instanceof Layer1ApiError)
      assert.deepEqual([error.method, error.path, error.status, error.attempts], [method, '/a/b', 422, 1])
      assert.equal(error.headers['x-id'], '9')
      assert.deepEqual(error.body, method === 'HEAD' ? undefined : said)
      assert.ok(error.message.startsWith(`${method} /a/b: `), error.message)
      assert.equal(peer.calls.length, 1)
    })
  }
})

describe('a redirect', { timeout: 60_000 }, () => {
  for (const { name, method, call } of verbs.filter(({ method }) => method !== 'GET')) {
    for (const status of [301, 302, 303, 307, 308]) {
      it(`given a ${status}, when ${name} is called, then it is the error and is not followed`, async (t) => {
        const peer = await startPeer(t, {
          api: (_request, response) => void response.writeHead(status, { location: '/there' }).end(),
        })
        const error = await failure(call(makeClient(t, peer.options), '/a'), 'ERR_LAYER1_REDIRECT')
        assert.deepEqual([error.status, error.method, error.attempts], [status, method, 1])
        assert.deepEqual(
          peer.calls.map(({ url }) => url),
          ['/a'],
        )
      })
    }
  }

  it('given idempotent: true, when a POST is redirected, then it is not followed all the same', async (t) => {
    const peer = await startPeer(t, {
      api: (_request, response) => void response.writeHead(307, { location: '/there' }).end(),
    })
    const posted = makeClient(t, peer.options).post('/a', { a: 1 }, { idempotent: true })
    await failure(posted, 'ERR_LAYER1_REDIRECT')
    assert.equal(peer.calls.length, 1)
  })
})

describe('headers that belong to the client', { timeout: 60_000 }, () => {
  const cases = verbs.flatMap((verb) =>
    (verb.name === 'post()' ? reserved : ['Authorization']).map((header) => ({ verb, header })),
  )
  for (const { verb, header } of cases) {
    it(`given ${header}, when ${verb.name} is called, then it is refused by name and nothing is sent`, async (t) => {
      const peer = await startPeer(t)
      const called = verb.call(makeClient(t, peer.options), '/a', { headers: { [header]: 'of-the-caller' } })
      const error = await failure(called, 'ERR_LAYER1_REQUEST')
      assert.ok(error instanceof Layer1RequestError)
      assert.equal(error.method, verb.method)
      assert.ok(error.message.toLowerCase().includes(header.toLowerCase()), error.message)
      assert.ok(!error.message.includes('of-the-caller'), error.message)
      assert.equal(peer.connections(), 0)
    })
  }
})

describe('what belongs to the caller', { timeout: 60_000 }, () => {
  for (const { name, call } of verbs) {
    it(`given options that are frozen, when ${name} is called, then it works and leaves them as they were`, async (t) => {
      const options = Object.freeze({ query: Object.freeze({ a: 1 }), headers: Object.freeze({ 'x-trace': 'a' }) })
      const peer = await startPeer(t)
      await call(makeClient(t, peer.options), '/a', options)
      assert.deepEqual(options, { query: { a: 1 }, headers: { 'x-trace': 'a' } })
      assert.equal(peer.calls[0]?.url, '/a?a=1')
    })
  }

  for (const method of /** @type {const} */ (['post', 'put', 'patch'])) {
    it(`given a body that is frozen, when it is sent by ${method}(), then it arrives and stays as it was`, async (t) => {
      const body = Object.freeze({ amount: '1.5', to: Object.freeze(['a', 'b']) })
      const peer = await startPeer(t)
      await makeClient(t, peer.options)[method]('/a', body)
      assert.deepEqual(body, { amount: '1.5', to: ['a', 'b'] })
      assert.equal(peer.calls[0]?.body, '{"amount":"1.5","to":["a","b"]}')
    })
  }
})

describe('a method without its client', { timeout: 60_000 }, () => {
  for (const name of /** @type {const} */ (['get', 'post', 'put', 'patch', 'delete', 'request'])) {
    it(`given ${name}() taken off its client, when it is called, then it rejects with a TypeError that says so`, async (t) => {
      const peer = await startPeer(t)
      const client = /** @type {any} */ (makeClient(t, peer.options))
      const { [name]: detached } = client
      for (const promise of [detached('/a'), detached.call({}, '/a'), detached.call(Layer1.prototype, '/a')]) {
        const error = await rejection(promise)
        assert.ok(error instanceof TypeError)
        assert.match(error.message, /called without its client/)
      }
      assert.equal(peer.connections(), 0)
    })
  }
})

describe('a client that is closed', { timeout: 60_000 }, () => {
  for (const { name, method, call } of verbs) {
    it(`given close(), when ${name} is called, then it rejects as closed and nothing is sent`, async (t) => {
      const peer = await startPeer(t)
      const client = makeClient(t, peer.options)
      await client.close()
      const error = await failure(call(client, '/a?b'), 'ERR_LAYER1_CLOSED')
      assert.deepEqual([error.name, error.method, error.path], ['Layer1ClosedError', method, '/a'])
      assert.equal(peer.connections(), 0)
    })
  }

  it('given a POST in flight, when the client is closed, then it rejects as closed and was sent once', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const client = makeClient(t, peer.options)
    const failed = failure(client.post('/a', { a: 1 }), 'ERR_LAYER1_CLOSED')
    await peer.called(1)
    await client.close()
    await failed
    assert.equal(peer.calls.length, 1)
  })
})

describe('a signal', { timeout: 60_000 }, () => {
  for (const { name, call } of verbs) {
    it(`given one that is aborted, when ${name} is called, then its reason comes back and nothing is sent`, async (t) => {
      const peer = await startPeer(t)
      const reason = { why: 'no need' }
      const called = call(makeClient(t, peer.options), '/a', { signal: AbortSignal.abort(reason) })
      assert.equal(await rejection(called), reason)
      await nextTurn()
      assert.equal(peer.connections(), 0)
    })
  }

  it('given a POST in flight, when it is aborted, then the reason comes back, the server sees the end, and it was sent once', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const controller = new AbortController()
    const posted = makeClient(t, peer.options).post('/a', { a: 1 }, { signal: controller.signal, idempotent: true })
    const rejected = rejection(posted)
    const { socket } = await peer.called(1)
    const ended = new Promise((resolve) => socket.once('close', resolve))
    controller.abort('enough')
    assert.equal(await rejected, 'enough')
    await ended
    assert.equal(peer.calls.length, 1)
  })

  it('given a POST in the queue, when it is aborted, then it never gets to the server', async (t) => {
    /** @type {(() => void)[]} */
    const held = []
    const peer = await startPeer(t, {
      api: (request, response, count) => void held.push(() => answerOk(request, response, count)),
    })
    const client = makeClient(t, { ...peer.options, maxConnections: 1 })
    const controller = new AbortController()
    const first = client.post('/first')
    await peer.called(1)
    const rejected = rejection(client.post('/second', { a: 1 }, { signal: controller.signal }))
    const third = client.post('/third')
    controller.abort('enough')
    assert.equal(await rejected, 'enough')
    held[0]?.()
    await first
    await peer.called(2)
    held[1]?.()
    await third
    assert.deepEqual(
      peer.calls.map(({ url }) => url),
      ['/first', '/third'],
    )
  })
})
