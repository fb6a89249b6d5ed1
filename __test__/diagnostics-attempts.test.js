'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { setImmediate: nextTurn } = require('node:timers/promises')
const {
  breakOff,
  courseOf,
  eventsOf,
  FAILURE,
  inTurn,
  phases,
  recordRequests,
  startBoth,
  subscribe,
  SUCCESS,
  theOne,
  withStatus,
} = require('./support/events.js')
const { failure, rejection } = require('./support/failures.js')
const { answerOk, deadEnd, makeClient, neverAnswer, sendJson, startTcp } = require('./support/peer.js')

/** @typedef {import('layer1').Layer1} Client */

describe('the attempts of a traced call', { timeout: 60_000 }, () => {
  it('given 503 and a connection that breaks, when a call is tried until it succeeds, then each attempt says how it ended', async (t) => {
    const { options } = await startBoth(t, { api: inTurn(withStatus(503), breakOff) })
    const seen = recordRequests(t)
    await makeClient(t, options).get('/a')
    const event = theOne(seen, SUCCESS)
    assert.deepEqual(courseOf(event), [
      { attempt: 1, status: 503, tokenSource: 'fresh' },
      { attempt: 2, code: 'ERR_LAYER1_CONNECTION_LOST', tokenSource: 'cache' },
      { attempt: 3, status: 200, tokenSource: 'cache' },
    ])
    const { attempt, status, code, tokenSource, timings } = event
    assert.deepEqual([attempt, status, code, tokenSource], [3, 200, undefined, 'cache'])
    assert.deepEqual(timings, event.attempts[2]?.timings)
  })

  it('given an API that is down, when there is nothing to connect to, then attempts have a code and no status', async (t) => {
    const { options } = await startBoth(t)
    const { host, port } = await deadEnd(t)
    const seen = recordRequests(t)
    const client = makeClient(t, { ...options, baseUrl: `http://${host}:${port}`, maxRetries: 1 })
    const error = await failure(client.get('/a'), 'ERR_LAYER1_CONNECT')
    const event = theOne(seen, FAILURE)
    const code = 'ERR_LAYER1_CONNECT'
    assert.deepEqual(courseOf(event), [
      { attempt: 1, code, tokenSource: 'fresh' },
      { attempt: 2, code, tokenSource: 'cache' },
    ])
    assert.deepEqual([event.status, event.code, event.attempt], [undefined, code, error.attempts])
  })

  it('given a connection that is never made, when its own time is up, then the attempt has the code of a time-out', async (t) => {
    const { options } = await startBoth(t)
    // TLS begins, and nobody answers.
    const port = await startTcp(t, () => {})
    const seen = recordRequests(t)
    const network = { baseUrl: `https://127.0.0.1:${port}`, connectTimeout: 50, maxRetries: 0 }
    const error = await failure(makeClient(t, { ...options, ...network }).get('/a'), 'ERR_LAYER1_TIMEOUT')
    assert.equal(error.phase, 'connect')
    assert.deepEqual(courseOf(theOne(seen, FAILURE)), [
      { attempt: 1, code: 'ERR_LAYER1_TIMEOUT', tokenSource: 'fresh' },
    ])
  })

  it('given an answer that cannot be used, when it is no JSON, then the attempt has its status all the same', async (t) => {
    const { options } = await startBoth(t, { api: (_request, response) => void response.end('<p>') })
    const seen = recordRequests(t)
    await failure(makeClient(t, options).get('/a'), 'ERR_LAYER1_RESPONSE_MALFORMED')
    assert.deepEqual(courseOf(theOne(seen, FAILURE)), [{ attempt: 1, status: 200, tokenSource: 'fresh' }])
  })

  it('given a redirect that is followed, when it is traced, then it is one attempt', async (t) => {
    const { options } = await startBoth(t, {
      api: inTurn((_request, response) => void response.writeHead(302, { location: '/b' }).end()),
    })
    const seen = recordRequests(t)
    await makeClient(t, options).get('/a')
    const event = theOne(seen, SUCCESS)
    assert.deepEqual(courseOf(event), [{ attempt: 1, status: 200, tokenSource: 'fresh' }])
    assert.equal(event.path, '/a')
  })

  it('given no token, when a call fails for want of it, then there was no attempt', async (t) => {
    const { options } = await startBoth(t, { token: withStatus(401) })
    const seen = recordRequests(t)
    await failure(makeClient(t, options).get('/a'), 'ERR_LAYER1_AUTH')
    const event = theOne(seen, FAILURE)
    assert.deepEqual([event.attempt, event.attempts, event.status, event.tokenSource], [0, [], undefined, undefined])
  })

  it('given the events of an attempt that failed, when error is published, then the attempts are there', async (t) => {
    const { options } = await startBoth(t, { api: withStatus(404) })
    /** @type {number[]} */
    const counts = []
    subscribe(t, 'layer1:request', { error: (event) => counts.push(event.attempts.length) })
    await failure(makeClient(t, options).get('/a'), 'ERR_LAYER1_API')
    assert.deepEqual(counts, [1])
  })

  it('given an attempt that the deadline cuts off, when the call ends, then the attempt has the code of a time-out', async (t) => {
    const { options } = await startBoth(t, { api: inTurn(answerOk, neverAnswer) })
    const client = makeClient(t, options)
    // With token and connection made, the next call is sent at once.
    await client.get('/warm')
    const seen = recordRequests(t)
    await failure(client.get('/a', { timeout: 500 }), 'ERR_LAYER1_TIMEOUT')
    const event = theOne(seen, FAILURE)
    assert.deepEqual(courseOf(event), [{ attempt: 1, code: 'ERR_LAYER1_TIMEOUT', tokenSource: 'cache' }])
    assert.equal(event.attempt, 1)
  })

  /** @type {Record<string, (client: Client, arrival: Promise<unknown>) => Promise<unknown>>} */
  const departures = {
    'an abort': (client, arrival) => {
      const controller = new AbortController()
      arrival.then(() => controller.abort('enough'))
      return client.get('/a', { signal: controller.signal })
    },
    'close()': (client, arrival) => {
      arrival.then(() => client.close())
      return client.get('/a')
    },
  }
  for (const [what, depart] of Object.entries(departures)) {
    it(`given an attempt that ${what} ends, when it has been stopped, then it is told, with neither status nor code`, async (t) => {
      const { peer, options } = await startBoth(t, { api: inTurn(withStatus(503), neverAnswer) })
      const seen = recordRequests(t)
      await rejection(depart(makeClient(t, options), peer.called(2)))
      const event = theOne(seen, FAILURE)
      // The caller is not kept waiting for that.
      while (event.attempts.length < 2) await nextTurn(undefined, t)
      const { attempt, status, code, tokenSource, timings } = event
      assert.deepEqual([attempt, status, code, tokenSource], [2, undefined, undefined, 'cache'])
      assert.deepEqual([event.attempts[0]?.status, event.attempts[1]?.status], [503, undefined])
      assert.deepEqual(Object.keys(timings ?? {}), phases)
      assert.equal(seen.length, FAILURE.length)
    })
  }
})

describe('the token source of an attempt', { timeout: 60_000 }, () => {
  it('given a cold client, when calls begin at once, then one is fresh and the others share, and a later one has it from the cache', async (t) => {
    const { options } = await startBoth(t)
    const client = makeClient(t, options)
    const seen = recordRequests(t)
    await Promise.all(Array.from({ length: 10 }, () => client.get('/a')))
    await client.get('/later')
    const sources = eventsOf(seen).map((event) => event.tokenSource)
    assert.deepEqual(sources.slice(0, 10).sort(), ['fresh', ...Array(9).fill('shared')])
    assert.equal(sources[10], 'cache')
  })

  it('given a token that the API refuses, when the call is replayed, then its second attempt has a refreshed one', async (t) => {
    const { options } = await startBoth(t, {
      api: ({ headers }, response) => sendJson(response, headers.authorization === 'Bearer token-1' ? 401 : 200, {}),
    })
    const seen = recordRequests(t)
    await makeClient(t, options).get('/a')
    assert.deepEqual(courseOf(theOne(seen, SUCCESS)), [
      { attempt: 1, status: 401, tokenSource: 'fresh' },
      { attempt: 2, status: 200, tokenSource: 'refreshed' },
    ])
  })

  it('given an API that refuses every token, when the call fails, then both attempts are 401, the second with a refreshed token', async (t) => {
    const { options } = await startBoth(t, { api: withStatus(401) })
    const client = makeClient(t, options)
    await client.getToken()
    const seen = recordRequests(t)
    await failure(client.get('/a'), 'ERR_LAYER1_API')
    assert.deepEqual(courseOf(theOne(seen, FAILURE)), [
      { attempt: 1, status: 401, tokenSource: 'cache' },
      { attempt: 2, status: 401, tokenSource: 'refreshed' },
    ])
  })

  it('given a token that was invalidated, when a call asks for the next, then it is refreshed', async (t) => {
    const { options } = await startBoth(t)
    const client = makeClient(t, options)
    await client.getToken()
    client.invalidateToken()
    const seen = recordRequests(t)
    await client.get('/a')
    assert.equal(theOne(seen, SUCCESS).tokenSource, 'refreshed')
  })

  it('given a token that an equal client got, when a call uses it, then it comes from the cache', async (t) => {
    const { options } = await startBoth(t)
    await makeClient(t, options).getToken()
    const seen = recordRequests(t)
    await makeClient(t, options).get('/a')
    assert.equal(theOne(seen, SUCCESS).tokenSource, 'cache')
  })
})
