'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { inspect } = require('node:util')
const {
  breakOff,
  eventsOf,
  holding,
  inTurn,
  phases,
  recordRequests,
  startBoth,
  SUCCESS,
  sum,
  theOne,
  timingsOf,
  withStatus,
} = require('./support/events.js')
const { answerOk, grantToken, makeClient } = require('./support/peer.js')

describe('the times of an attempt', { timeout: 60_000 }, () => {
  it('given any attempt, when its times are read, then they are five numbers of 0 or more', async (t) => {
    const { options } = await startBoth(t, { api: inTurn(withStatus(503), breakOff) })
    const client = makeClient(t, options)
    const seen = recordRequests(t)
    await Promise.all(['/a', '/b', '/c'].map((path) => client.get(path)))
    const attempts = eventsOf(seen).flatMap((event) => event.attempts)
    assert.ok(attempts.length >= 5)
    for (const { timings } of attempts) {
      assert.deepEqual(Object.keys(timings), phases)
      for (const time of Object.values(timings)) assert.ok(Number.isFinite(time) && time >= 0, inspect(timings))
    }
  })

  it('given a new connection and then a kept one, when both are used, then only the first was connected', async (t) => {
    const { peer, options } = await startBoth(t)
    const client = makeClient(t, options)
    const seen = recordRequests(t)
    await client.get('/new')
    await client.get('/kept')
    assert.equal(peer.connections(), 1)
    const [first, second] = eventsOf(seen).map(timingsOf)
    assert.ok(Number(first?.connect) > 0)
    assert.equal(second?.connect, 0)
  })

  it('given a retry on a new connection, when it is traced, then its times are its own', async (t) => {
    const { options } = await startBoth(t, { api: inTurn(answerOk, breakOff) })
    const client = makeClient(t, options)
    await client.get('/warm')
    const seen = recordRequests(t)
    await client.get('/a')
    const [broken, whole] = theOne(seen, SUCCESS).attempts
    assert.equal(broken?.timings.connect, 0)
    assert.ok(Number(whole?.timings.connect) > 0)
  })

  it('given one call, when it has ended, then its times are no more than it took', async (t) => {
    const { options } = await startBoth(t)
    const client = makeClient(t, options)
    const seen = recordRequests(t)
    const began = performance.now()
    await client.get('/a')
    const took = performance.now() - began
    const spent = sum(timingsOf(theOne(seen, SUCCESS)))
    assert.ok(spent > 0 && spent <= took, `${spent} ms in ${took} ms`)
  })

  it('given an API that holds its answer back, when the call has ended, then that time was spent on headers', async (t) => {
    const { answer, release } = holding(answerOk)
    const { peer, options } = await startBoth(t, {
      api: (request, response, count) => (request.url === '/held' ? answer : answerOk)(request, response, count),
    })
    const client = makeClient(t, options)
    const seen = recordRequests(t)
    const held = client.get('/held')
    const { at } = await peer.called(1)
    await client.get('/meanwhile')
    const passed = performance.now() - at
    release()
    await held
    const { headers } = timingsOf(eventsOf(seen).find((event) => event.path === '/held'))
    assert.ok(headers >= passed, `${headers} ms of at least ${passed} ms`)
  })

  it('given a token endpoint that holds its answer back, when the call has ended, then that time was spent on the token', async (t) => {
    const { answer, release } = holding(grantToken)
    const { realm, options } = await startBoth(t, { token: answer })
    const seen = recordRequests(t)
    const call = makeClient(t, options).get('/a')
    const { at } = await realm.asked(1)
    // Some time, however long: what another client's call takes.
    await makeClient(t, (await startBoth(t)).options).getToken()
    const passed = performance.now() - at
    release()
    await call
    const { token, headers } = timingsOf(theOne(seen, SUCCESS))
    assert.ok(token >= passed, `${token} ms of at least ${passed} ms`)
    assert.ok(headers > 0)
  })

  it('given one connection that is taken, when a call queues for it, then its time is spent in the queue', async (t) => {
    const { answer, release } = holding(answerOk)
    const { peer, options } = await startBoth(t, { api: answer })
    const client = makeClient(t, { ...options, maxConnections: 1 })
    await client.getToken()
    const seen = recordRequests(t)
    const first = client.get('/first')
    await peer.called(1)
    const second = client.get('/second')
    // A call through the same thread that needs no connection: when it is settled, the one before it has queued.
    await client.getToken({ forceRefresh: true })
    const began = performance.now()
    await makeClient(t, (await startBoth(t)).options).getToken()
    const passed = performance.now() - began
    release()
    await first
    await peer.called(2)
    release()
    await second
    const { queue } = timingsOf(eventsOf(seen).find((event) => event.path === '/second'))
    assert.ok(queue >= passed, `${queue} ms of at least ${passed} ms`)
  })
})
