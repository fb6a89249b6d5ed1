'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { inspect } = require('node:util')
const {
  FAILURE,
  inTurn,
  recordRequests,
  startBoth,
  subscribe,
  SUCCESS,
  theOne,
  withStatus,
} = require('./support/events.js')
const { failure } = require('./support/failures.js')
const { makeClient } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */

describe('headers that a subscriber of start adds', { timeout: 60_000 }, () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

  /**
   * @param {TestContext} t
   * @param {(event: any) => void} start
   */
  function hook(t, start) {
    return subscribe(t, 'layer1:request', { start })
  }

  it('given a retry, a replay and a redirect, when a call makes them, then all carry the headers, and token requests do not', async (t) => {
    const { peer, realm, options } = await startBoth(t, {
      api: inTurn(
        withStatus(503),
        withStatus(401),
        (_request, response) => void response.writeHead(307, { location: '/b' }).end(),
      ),
    })
    hook(t, (event) => Object.assign(event.headers, { traceparent, 'X-Call': event.path }))
    await makeClient(t, options).get('/a')
    assert.deepEqual(
      peer.calls.map(({ url, headers }) => [url, headers.traceparent, headers['x-call']]),
      ['/a', '/a', '/a', '/b'].map((url) => [url, traceparent, '/a']),
    )
    assert.equal(realm.tokenRequests.length, 2)
    for (const { headers } of realm.tokenRequests) {
      assert.deepEqual([headers.traceparent, headers['x-call']], [undefined, undefined])
    }
  })

  it('given a body, when it is posted, then the headers go with it', async (t) => {
    const { peer, options } = await startBoth(t)
    hook(t, (event) => Object.assign(event.headers, { traceparent }))
    await makeClient(t, options).post('/a', { b: 1 }, { headers: { 'x-own': 'mine' } })
    const { headers, body } = await peer.called(1)
    assert.deepEqual([headers.traceparent, headers['x-own'], body], [traceparent, 'mine', '{"b":1}'])
  })

  it('given two subscribers, when both add headers, then both are sent', async (t) => {
    const { peer, options } = await startBoth(t)
    hook(t, (event) => Object.assign(event.headers, { traceparent }))
    hook(t, (event) => Object.assign(event.headers, { tracestate: 'a=1' }))
    await makeClient(t, options).get('/a')
    const { headers } = await peer.called(1)
    assert.deepEqual([headers.traceparent, headers.tracestate], [traceparent, 'a=1'])
  })

  it('given a header of the client, when a subscriber sets the same, then its value is sent alone', async (t) => {
    const { peer, options } = await startBoth(t)
    hook(t, (event) => Object.assign(event.headers, { 'X-Team': 'hook' }))
    await makeClient(t, { ...options, headers: { 'x-team': 'client' } }).get('/a')
    assert.equal((await peer.called(1)).headers['x-team'], 'hook')
  })

  it('given a header of the caller, when a subscriber sets the same, then its value is sent alone', async (t) => {
    const { peer, options } = await startBoth(t)
    hook(t, (event) => Object.assign(event.headers, { Traceparent: traceparent }))
    await makeClient(t, options).get('/a', { headers: { traceparent: 'mine' } })
    const { rawHeaders } = await peer.called(1)
    const at = rawHeaders.findIndex((name) => name.toLowerCase() === 'traceparent')
    assert.equal(rawHeaders[at + 1], traceparent)
    assert.equal(rawHeaders.filter((name) => name.toLowerCase() === 'traceparent').length, 1)
  })

  it('given a header that is undefined, when a subscriber adds it, then it is left out', async (t) => {
    const { peer, options } = await startBoth(t)
    hook(t, (event) => Object.assign(event.headers, { 'x-none': undefined, traceparent }))
    await makeClient(t, options).get('/a')
    const { headers } = await peer.called(1)
    assert.deepEqual([headers.traceparent, 'x-none' in headers], [traceparent, false])
  })

  it('given another call, when its subscriber adds nothing, then nothing is left of the call before', async (t) => {
    const { peer, options } = await startBoth(t)
    const client = makeClient(t, options)
    const unhook = hook(t, (event) => Object.assign(event.headers, { traceparent }))
    await client.get('/a')
    unhook()
    const seen = recordRequests(t)
    await client.get('/b')
    assert.equal((await peer.called(2)).headers.traceparent, undefined)
    assert.deepEqual(theOne(seen, SUCCESS).headers, {})
  })

  /** @type {Record<string, unknown>} */
  const replacements = {
    'a Headers': new Headers({ traceparent }),
    'another plain object': { traceparent },
    'an object without a prototype': Object.assign(Object.create(null), { traceparent }),
  }
  for (const [what, headers] of Object.entries(replacements)) {
    it(`given ${what}, when a subscriber puts it in the place of headers, then what is in it is sent`, async (t) => {
      const { peer, options } = await startBoth(t)
      hook(t, (event) => Object.assign(event, { headers }))
      await makeClient(t, options).get('/a')
      assert.equal((await peer.called(1)).headers.traceparent, traceparent)
    })
  }

  for (const nothing of [null, undefined, {}]) {
    it(`given ${inspect(nothing)}, when a subscriber puts it in the place of headers, then the call goes on without`, async (t) => {
      const { options } = await startBoth(t)
      hook(t, (event) => Object.assign(event, { headers: nothing }))
      assert.deepEqual(await makeClient(t, options).get('/a'), { ok: true })
    })
  }

  /** @type {Record<string, unknown>} */
  const wrong = {
    'a Map': new Map([['traceparent', 'hunter2']]),
    'an array': ['traceparent', 'hunter2'],
    'a string': 'traceparent: hunter2',
    'a number as value': { 'x-count': 7 },
    'null as value': { 'x-count': null },
    'an array as value': { 'x-list': ['hunter2'] },
    'a header that belongs to the client': { authorization: 'Bearer hunter2' },
    'a host': { Host: 'evil.example' },
    'a name that is none': { 'x y': 'hunter2' },
    'a value with a line break': { 'x-a': 'hunter2\r\nx-b: c' },
    'a value that is not ASCII': { 'x-a': 'hunter2 é' },
    'a value with a lone surrogate': { 'x-a': 'hunter2 \ud800' },
    'a value that throws null as it is read': {
      get 'x-a'() {
        throw null
      },
    },
    'a value that throws what it should not say': {
      get 'x-a'() {
        throw new Error('hunter2')
      },
    },
  }
  for (const [what, headers] of Object.entries(wrong)) {
    it(`given ${what}, when a subscriber adds it, then the call is refused by the channel's name, and nothing is sent`, async (t) => {
      const { peer, realm, options } = await startBoth(t)
      const seen = recordRequests(t)
      hook(t, (event) => Object.assign(event, { headers }))
      const error = await failure(makeClient(t, options).get('/a'), 'ERR_LAYER1_REQUEST')
      assert.match(error.message, /layer1:request/)
      assert.doesNotMatch(error.message, /hunter2/)
      assert.deepEqual([error.method, error.path, error.attempts, error.retryable], ['GET', '/a', 0, false])
      assert.deepEqual([peer.connections(), realm.connections()], [0, 0])
      assert.equal(theOne(seen, FAILURE).error, error)
    })
  }

  it('given a header of the caller that is wrong, when a subscriber adds a good one, then the error is not about the channel', async (t) => {
    const { options } = await startBoth(t)
    hook(t, (event) => Object.assign(event.headers, { traceparent }))
    const call = makeClient(t, options).get('/a', { headers: { authorization: 'Bearer hunter2' } })
    assert.doesNotMatch((await failure(call, 'ERR_LAYER1_REQUEST')).message, /layer1:request|hunter2/)
  })
})
