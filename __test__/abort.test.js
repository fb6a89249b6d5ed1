'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { getEventListeners } = require('node:events')
const { setImmediate: nextTurn } = require('node:timers/promises')
const { describe, it } = require('node:test')
const { failure, rejection } = require('./support/failures.js')
const { answerOk, grantToken, makeClient, neverAnswer, startPeer, startTcp } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('./support/peer.js').Answerer} Answerer */

/** Hangs at first, and answers all that comes later. @type {Answerer} */
function hangOnce(request, response, count) {
  if (count > 1) answerOk(request, response, count)
}

describe('a signal that is aborted already', { timeout: 60_000 }, () => {
  for (const method of /** @type {const} */ (['get', 'getToken', 'getTokenInfo'])) {
    it(`given such a signal, when ${method}() is called, then its reason comes back and nothing is sent`, async (t) => {
      const peer = await startPeer(t)
      const client = makeClient(t, peer.options)
      const reason = { why: 'no need' }
      const options = { signal: AbortSignal.abort(reason) }
      const promise = method === 'get' ? client.get('/a', options) : client[method](options)
      assert.equal(await rejection(promise), reason)
      await nextTurn()
      assert.equal(peer.connections(), 0)
    })
  }

  it('given a token at hand, when it is asked for with such a signal, then the reason comes back', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    await client.getToken()
    assert.equal(await rejection(client.getToken({ signal: AbortSignal.abort('no') })), 'no')
  })

  it('given no reason, when a call is made, then it rejects with the AbortError that fetch would give', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    const error = await rejection(client.get('/a', { signal: AbortSignal.abort() }))
    assert.ok(error instanceof DOMException && error.name === 'AbortError')
  })

  it('given such a signal and a path that is wrong, when a call is made, then it is refused or aborted, not sent', async (t) => {
    const peer = await startPeer(t)
    await rejection(makeClient(t, peer.options).get('/../a', { signal: AbortSignal.abort() }))
    assert.equal(peer.connections(), 0)
  })
})

describe('an abort in flight', { timeout: 60_000 }, () => {
  it('given a call that waits for its answer, when it is aborted, then the reason comes back and the server sees the end', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const controller = new AbortController()
    const rejected = rejection(makeClient(t, peer.options).get('/a', { signal: controller.signal }))
    const { socket } = await peer.called(1)
    const ended = new Promise((resolve) => socket.once('close', resolve))
    const reason = new Error('enough')
    controller.abort(reason)
    assert.equal(await rejected, reason)
    await ended
  })

  /** @type {Record<string, { token?: Answerer, api?: Answerer }>} */
  const manners = {
    'its answer': { api: hangOnce },
    'the rest of its body': {
      api: (request, response, count) => {
        if (count === 1) response.write('[')
        else answerOk(request, response, count)
      },
    },
  }
  for (const [name, manner] of Object.entries(manners)) {
    it(`given one connection and a call that waits for ${name}, when it is aborted, then the next call succeeds`, async (t) => {
      const peer = await startPeer(t, manner)
      const client = makeClient(t, { ...peer.options, maxConnections: 1 })
      const controller = new AbortController()
      const rejected = rejection(client.get('/a', { signal: controller.signal }))
      await peer.called(1)
      controller.abort('enough')
      assert.equal(await rejected, 'enough')
      assert.deepEqual(await client.get('/b'), { ok: true })
    })
  }

  it('given a call that waits in the queue, when it is aborted, then it never gets to the server', async (t) => {
    /** @type {(() => void)[]} */
    const held = []
    const peer = await startPeer(t, {
      api: (request, response, count) => void held.push(() => answerOk(request, response, count)),
    })
    const client = makeClient(t, { ...peer.options, maxConnections: 1 })
    const controller = new AbortController()
    const first = client.get('/first')
    await peer.called(1)
    const rejected = rejection(client.get('/second', { signal: controller.signal }))
    const third = client.get('/third')
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

  it('given a call that waits for a token, when it is aborted, then the token comes all the same, and no call', async (t) => {
    /** @type {(() => void)[]} */
    const held = []
    const peer = await startPeer(t, {
      token: (request, response, count) => void held.push(() => grantToken(request, response, count)),
    })
    const client = makeClient(t, peer.options)
    const controller = new AbortController()
    const rejected = rejection(client.get('/a', { signal: controller.signal }))
    await peer.asked(1)
    controller.abort('enough')
    assert.equal(await rejected, 'enough')
    held[0]?.()
    assert.equal(await client.getToken(), 'token-1')
    assert.equal(peer.calls.length, 0)
  })

  it('given a call that waits for a connection, when it is aborted, then the reason comes back', async (t) => {
    const { options } = await startPeer(t)
    const controller = new AbortController()
    const port = await startTcp(t, (socket) => void socket.once('data', () => controller.abort('enough')))
    const client = makeClient(t, { ...options, baseUrl: `https://127.0.0.1:${port}` })
    assert.equal(await rejection(client.get('/a', { signal: controller.signal })), 'enough')
  })

  it('given calls that are aborted as soon as they begin, when there are many, then every connection is free after them', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, { ...peer.options, maxConnections: 2 })
    const reasons = Array.from({ length: 300 }, (_, index) => {
      const controller = new AbortController()
      const rejected = rejection(client.get('/a', { signal: controller.signal }))
      controller.abort(index)
      return rejected
    })
    assert.deepEqual(
      await Promise.all(reasons),
      Array.from({ length: 300 }, (_, index) => index),
    )
    assert.deepEqual(
      await Promise.all(Array.from({ length: 10 }, () => client.get('/b'))),
      Array(10).fill({ ok: true }),
    )
    assert.equal(client.stats().inFlight, 0)
  })

  it('given calls that are aborted at any moment, when there are many, then every connection is free after them', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, { ...peer.options, maxConnections: 4 })
    let answered = 0
    const controllers = Array.from({ length: 400 }, () => new AbortController())
    const outcomes = controllers.map(async (controller) => {
      const call = client.get('/a', { signal: controller.signal })
      await call.then(
        () => controllers[controllers.length - ++answered]?.abort('unlucky'),
        (reason) => assert.equal(reason, 'unlucky'),
      )
    })
    await Promise.all(outcomes)
    assert.ok(answered >= 200)
    assert.deepEqual(
      await Promise.all(Array.from({ length: 10 }, () => client.get('/b'))),
      Array(10).fill({ ok: true }),
    )
    assert.equal(client.stats().inFlight, 0)
  })

  it('given AbortSignal.timeout(), when it fires, then its TimeoutError comes back', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const error = await rejection(makeClient(t, peer.options).get('/a', { signal: AbortSignal.timeout(50) }))
    assert.ok(error instanceof DOMException && error.name === 'TimeoutError')
  })

  it('given AbortSignal.any(), when one of its signals aborts, then its reason comes back', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const controller = new AbortController()
    const signal = AbortSignal.any([controller.signal, new AbortController().signal])
    const rejected = rejection(makeClient(t, peer.options).get('/a', { signal }))
    await peer.called(1)
    controller.abort('one of them')
    assert.equal(await rejected, 'one of them')
  })

  it('given calls on one signal, when it aborts, then each has the very same reason, and other calls go on', async (t) => {
    const peer = await startPeer(t, {
      api: (request, response, count) => (request.url === '/other' ? answerOk(request, response, count) : undefined),
    })
    const client = makeClient(t, peer.options)
    const controller = new AbortController()
    const rejected = Promise.all([1, 2, 3].map(() => rejection(client.get('/a', { signal: controller.signal }))))
    await peer.called(3)
    const reason = new Error('all of you')
    controller.abort(reason)
    assert.deepEqual(
      (await rejected).map((one) => one === reason),
      [true, true, true],
    )
    assert.deepEqual(await client.get('/other'), { ok: true })
  })

  it('given a call that was answered, when its signal aborts later, then nothing happens', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    const controller = new AbortController()
    assert.deepEqual(await client.get('/a', { signal: controller.signal }), { ok: true })
    controller.abort()
    assert.deepEqual(await client.get('/a'), { ok: true })
  })

  it('given a call that is aborted and a client that is closed at once, when both happen, then the abort came first', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const client = makeClient(t, peer.options)
    const controller = new AbortController()
    const rejected = rejection(client.get('/a', { signal: controller.signal }))
    await peer.called(1)
    controller.abort('first')
    await client.close()
    assert.equal(await rejected, 'first')
  })
})

describe('listeners on a signal', { timeout: 60_000 }, () => {
  /** @param {TestContext} t */
  function recordWarnings(t) {
    /** @type {Error[]} */
    const warnings = []
    const note = (/** @type {Error} */ warning) => void warnings.push(warning)
    process.on('warning', note)
    t.after(() => process.off('warning', note))
    return warnings
  }

  it('given 200 calls on one signal, when they are under way, then there is no warning, and no listener is left', async (t) => {
    const warnings = recordWarnings(t)
    const client = makeClient(t, (await startPeer(t)).options)
    const { signal } = new AbortController()
    await Promise.all(Array.from({ length: 200 }, () => client.get('/a', { signal })))
    await nextTurn()
    assert.deepEqual(warnings, [])
    assert.equal(getEventListeners(signal, 'abort').length, 0)
  })

  it('given calls that fail, when they are settled, then no listener is left', async (t) => {
    const peer = await startPeer(t, { api: (_request, response) => void response.writeHead(404).end() })
    const client = makeClient(t, peer.options)
    const { signal } = new AbortController()
    await failure(client.get('/a', { signal }), 'ERR_LAYER1_API')
    await failure(client.get('/../a', { signal }), 'ERR_LAYER1_REQUEST')
    assert.equal(getEventListeners(signal, 'abort').length, 0)
  })

  it('given an abort, when it has been told, then no listener is left', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const controller = new AbortController()
    const rejected = rejection(makeClient(t, peer.options).get('/a', { signal: controller.signal }))
    await peer.called(1)
    controller.abort()
    await rejected
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
  })

  it('given a client that is closed, when its calls are rejected, then no listener is left', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const client = makeClient(t, peer.options)
    const { signal } = new AbortController()
    const failed = failure(client.get('/a', { signal }), 'ERR_LAYER1_CLOSED')
    await peer.called(1)
    await client.close()
    await failed
    assert.equal(getEventListeners(signal, 'abort').length, 0)
  })

  for (const signal of ['now', 7, {}, true, { aborted: true }, { aborted: false, addEventListener() {} }]) {
    it(`given ${JSON.stringify(signal)} as signal, when a call is made, then it is refused`, async (t) => {
      const peer = await startPeer(t)
      const error = await failure(makeClient(t, peer.options).get('/a', { signal: /** @type {any} */ (signal) }))
      assert.equal(error.code, 'ERR_LAYER1_REQUEST')
      assert.match(error.message, /signal/)
      assert.equal(peer.connections(), 0)
    })
  }
})
