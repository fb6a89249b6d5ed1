'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { path } = require('layer1')
const {
  breakOff,
  eventsOf,
  FAILURE,
  phases,
  recordRequests,
  recordTokens,
  stagesOf,
  startBoth,
  subscribe,
  SUCCESS,
  theOne,
  timingsOf,
  withStatus,
} = require('./support/events.js')
const { failure, rejection } = require('./support/failures.js')
const { deadEnd, makeClient, neverAnswer, sendJson } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('layer1').Layer1} Client */
/** @typedef {import('layer1').Layer1RequestEvent} RequestEvent */

describe('layer1:request', { timeout: 60_000 }, () => {
  it('given a subscriber, when a resource is got, then one event object goes through start, end, asyncStart and asyncEnd', async (t) => {
    const { options } = await startBoth(t)
    const client = makeClient(t, options)
    const seen = recordRequests(t)
    const call = client.get('/a')
    // As the caller's own code runs on, its call has begun.
    assert.deepEqual(stagesOf(seen), ['start', 'end'])
    await call
    theOne(seen, SUCCESS)
  })

  it('given a call that begins, when start is published, then the event has its place, and no attempt', async (t) => {
    const { options } = await startBoth(t)
    const client = makeClient(t, options)
    /** @type {unknown[]} */
    const copies = []
    subscribe(t, 'layer1:request', { start: (event) => copies.push(structuredClone(event)) })
    await client.get('/a')
    assert.deepEqual(copies, [{ method: 'GET', path: '/a', headers: {}, attempt: 0, attempts: [] }])
  })

  it('given a call that was answered, when asyncEnd is published, then the event says how, and not what', async (t) => {
    const { options } = await startBoth(t)
    const seen = recordRequests(t)
    assert.deepEqual(await makeClient(t, options).get('/a'), { ok: true })
    const event = theOne(seen, SUCCESS)
    const { timings, result, ...rest } = /** @type {RequestEvent & { result?: unknown }} */ (event)
    assert.deepEqual(Object.keys(timingsOf(event)), phases)
    assert.equal(result, undefined)
    assert.deepEqual(rest, {
      method: 'GET',
      path: '/a',
      headers: {},
      attempt: 1,
      attempts: [{ attempt: 1, status: 200, tokenSource: 'fresh', timings }],
      status: 200,
      code: undefined,
      tokenSource: 'fresh',
    })
  })

  /** @type {Record<string, (client: Client) => Promise<unknown>>} */
  const verbs = {
    GET: (client) => client.get('/a'),
    POST: (client) => client.post('/a', {}),
    PUT: (client) => client.put('/a', {}),
    PATCH: (client) => client.patch('/a', {}),
    DELETE: (client) => client.delete('/a'),
    HEAD: (client) => client.request('head', '/a'),
    OPTIONS: (client) => client.request('OPTIONS', '/a'),
  }
  for (const [method, call] of Object.entries(verbs)) {
    it(`given a ${method}, when it is traced, then the event has the method that was sent`, async (t) => {
      const { peer, options } = await startBoth(t)
      const seen = recordRequests(t)
      await call(makeClient(t, options))
      assert.equal(theOne(seen, SUCCESS).method, method)
      assert.equal(peer.calls[0]?.method, method)
    })
  }

  it('given a list of two pages, when it is read, then there is an event for each page', async (t) => {
    const { options } = await startBoth(t, {
      api: (_request, response, count) =>
        sendJson(response, 200, {
          content: [count],
          totalElements: 2,
          totalPages: 2,
          pageNumber: count - 1,
          pageSize: 1,
        }),
    })
    const seen = recordRequests(t)
    const items = []
    for await (const item of makeClient(t, options).paginate('/a', { query: { pageSize: 1 } })) items.push(item)
    assert.deepEqual(items, [1, 2])
    assert.deepEqual(
      eventsOf(seen).map((event) => event.path),
      ['/a', '/a'],
    )
  })

  /** @type {[string, string][]} */
  const places = [
    ['/a?key=hunter2', '/a'],
    ['a/b?hunter2', 'a/b'],
    ['/a?x=/b?hunter2', '/a'],
    [path`/a/${'b?hunter2=c/d'}`, '/a/b%3Fhunter2%3Dc%2Fd'],
    ['/a b/ü', '/a b/ü'],
  ]
  for (const [given, shown] of places) {
    it(`given the path ${given}, when it is got with a query, then the event shows ${shown}`, async (t) => {
      const { options } = await startBoth(t)
      const seen = recordRequests(t)
      await makeClient(t, options).get(given, { query: { token: 'hunter2' } })
      assert.equal(theOne(seen, SUCCESS).path, shown)
    })
  }

  it('given calls at once, when they are traced, then each has an event of its own', async (t) => {
    const { options } = await startBoth(t)
    const client = makeClient(t, options)
    const seen = recordRequests(t)
    const paths = Array.from({ length: 50 }, (_, index) => `/${index}`)
    await Promise.all(paths.map((path) => client.get(path)))
    for (const stage of SUCCESS) {
      assert.deepEqual(new Set(eventsOf(seen, stage).map((event) => event.path)), new Set(paths))
    }
    for (const event of eventsOf(seen)) assert.equal(event.attempts.length, 1)
  })

  it('given subscribers of one stage each, when a resource is got, then each hears of that stage', async (t) => {
    const { options } = await startBoth(t)
    const client = makeClient(t, options)
    for (const stage of SUCCESS) {
      /** @type {RequestEvent[]} */
      const events = []
      const unsubscribe = subscribe(t, 'layer1:request', { [stage]: (event) => events.push(event) })
      await client.get(`/${stage}`)
      unsubscribe()
      assert.deepEqual(
        events.map((event) => event.path),
        [`/${stage}`],
      )
    }
  })
})

describe('the end of a traced call', { timeout: 60_000 }, () => {
  /** @type {Record<string, (t: TestContext) => Promise<unknown>>} */
  const failures = {
    ERR_LAYER1_API: async (t) => {
      const { options } = await startBoth(t, { api: withStatus(404) })
      return makeClient(t, options).get('/a')
    },
    ERR_LAYER1_CONNECT: async (t) => {
      const { options } = await startBoth(t)
      const { host, port } = await deadEnd(t)
      return makeClient(t, { ...options, baseUrl: `http://${host}:${port}`, maxRetries: 0 }).get('/a')
    },
    ERR_LAYER1_CONNECTION_LOST: async (t) => {
      const { options } = await startBoth(t, { api: breakOff })
      return makeClient(t, { ...options, maxRetries: 0 }).get('/a')
    },
    ERR_LAYER1_RESPONSE_MALFORMED: async (t) => {
      const { options } = await startBoth(t, { api: (_request, response) => void response.end('<p>') })
      return makeClient(t, options).get('/a')
    },
    ERR_LAYER1_REDIRECT: async (t) => {
      const { options } = await startBoth(t, { api: withStatus(302) })
      return makeClient(t, options).get('/a')
    },
    ERR_LAYER1_AUTH: async (t) => {
      const { options } = await startBoth(t, { token: withStatus(401) })
      return makeClient(t, options).get('/a')
    },
    ERR_LAYER1_TIMEOUT: async (t) => {
      const { options } = await startBoth(t, { api: neverAnswer })
      return makeClient(t, options).get('/a', { timeout: 100 })
    },
    ERR_LAYER1_CLOSED: async (t) => {
      const { peer, options } = await startBoth(t, { api: neverAnswer })
      const client = makeClient(t, options)
      peer.called(1).then(() => client.close())
      return await client.get('/a')
    },
  }
  for (const [code, begin] of Object.entries(failures)) {
    it(`given a call that fails with ${code}, when it is traced, then error has the very error of the caller`, async (t) => {
      const seen = recordRequests(t)
      const error = await failure(begin(t))
      assert.equal(error.code, code)
      const event = theOne(seen, FAILURE)
      assert.equal(event.error, error)
      assert.match(error.stack, /diagnostics\.test\.js/, 'the stack does not show the caller')
    })
  }

  it('given a call that is aborted in flight, when it is traced, then error has the reason itself', async (t) => {
    const { peer, options } = await startBoth(t, { api: neverAnswer })
    const seen = recordRequests(t)
    const controller = new AbortController()
    const rejected = rejection(makeClient(t, options).get('/a', { signal: controller.signal }))
    await peer.called(1)
    const reason = { why: 'enough' }
    controller.abort(reason)
    assert.equal(await rejected, reason)
    assert.equal(theOne(seen, FAILURE).error, reason)
  })

  it('given a signal that is aborted already, when a call is traced, then error has the reason, and there was no attempt', async (t) => {
    const { peer, options } = await startBoth(t)
    const seen = recordRequests(t)
    const reason = await rejection(makeClient(t, options).get('/a', { signal: AbortSignal.abort() }))
    const event = theOne(seen, FAILURE)
    assert.equal(event.error, reason)
    assert.deepEqual([event.attempt, event.attempts, peer.connections()], [0, [], 0])
  })

  it('given a call that succeeds, when it has ended, then its event has no error', async (t) => {
    const { options } = await startBoth(t)
    const seen = recordRequests(t)
    await makeClient(t, options).get('/a')
    assert.ok(!('error' in theOne(seen, SUCCESS)))
  })

  /** @type {Record<string, (client: any) => Promise<unknown>>} */
  const misuses = {
    'a path that is no string': (client) => client.get(7),
    'a path with a lone surrogate': (client) => client.get('/\ud800'),
    'an option that does not exist': (client) => client.get('/a', { querry: {} }),
    'a query that cannot be sent': (client) => client.get('/a', { query: { a: Symbol('a') } }),
    'a header that is no string': (client) => client.get('/a', { headers: { a: 7 } }),
    'a body that cannot be sent': (client) => client.post('/a', () => {}),
    'a GET with a body': (client) => client.request('GET', '/a', { body: 'a' }),
    'a method that does not exist': (client) => client.request('FETCH', '/a'),
    'a path that leaves the base': (client) => client.get('/../a'),
    'a path that is an absolute URL': (client) => client.get('https://evil.example/a'),
    'a path with a line break': (client) => client.get('/a\nb'),
    'a header that belongs to the client': (client) => client.get('/a', { headers: { host: 'evil.example' } }),
    'a client that is closed': async (client) => {
      await client.close()
      await client.get('/a')
    },
  }
  for (const [what, call] of Object.entries(misuses)) {
    it(`given ${what}, when a call is refused, then nothing was sent, and what was traced of it ended with its error`, async (t) => {
      const { peer, realm, options } = await startBoth(t)
      const client = makeClient(t, options)
      const [seen, tokens] = [recordRequests(t), recordTokens(t, realm)]
      const error = await failure(call(client))
      assert.deepEqual([peer.connections(), realm.connections(), tokens], [0, 0, []])
      // What JavaScript sees is refused before the trace begins; what only the native side sees, within it.
      if (seen.length === 0) return
      const event = theOne(seen, FAILURE)
      assert.equal(event.error, error)
      assert.deepEqual([event.attempt, event.attempts, event.status], [0, [], undefined])
    })
  }
})
