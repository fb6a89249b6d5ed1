'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { tracingChannel } = require('node:diagnostics_channel')
const { describe, it } = require('node:test')
const { runChild } = require('./support/child.js')
const {
  holding,
  inTurn,
  recordRequests,
  recordTokens,
  stages,
  startBoth,
  subscribe,
  SUCCESS,
  theOne,
  FAILURE,
  withStatus,
} = require('./support/events.js')
const { answerOk, makeClient } = require('./support/peer.js')

describe('subscribers', { timeout: 60_000 }, () => {
  it('given none, when calls are made, then nobody else listens either', async (t) => {
    const { options } = await startBoth(t)
    await makeClient(t, options).get('/a')
    for (const name of ['layer1:request', 'layer1:token']) {
      assert.equal(/** @type {any} */ (tracingChannel(name)).hasSubscribers, false)
    }
  })

  it('given subscribers that have gone, when calls are made, then there is no event', async (t) => {
    const { realm, options } = await startBoth(t)
    const client = makeClient(t, options)
    /** @type {unknown[]} */
    const events = []
    const note = (/** @type {unknown} */ event) => void events.push(event)
    const handlers = Object.fromEntries(stages.map((stage) => [stage, note]))
    for (const name of ['layer1:request', 'layer1:token']) subscribe(t, name, handlers)()
    await client.get('/a')
    await client.getToken({ forceRefresh: true })
    assert.deepEqual(events, [])
    assert.equal(realm.tokenRequests.length, 2)
  })

  it('given a subscriber that goes while a call is under way, when the call ends, then it does so unseen', async (t) => {
    const { answer, release } = holding(answerOk)
    const { peer, options } = await startBoth(t, { api: answer })
    /** @type {string[]} */
    const seen = []
    const unsubscribe = subscribe(t, 'layer1:request', {
      start: () => seen.push('start'),
      asyncEnd: () => seen.push('asyncEnd'),
    })
    const call = makeClient(t, options).get('/a')
    await peer.called(1)
    unsubscribe()
    release()
    assert.deepEqual(await call, { ok: true })
    assert.deepEqual(seen, ['start'])
  })

  it('given a call under way, when the first subscriber comes, then it sees nothing of that call, and all of the next', async (t) => {
    const { answer, release } = holding(answerOk)
    const { peer, options } = await startBoth(t, { api: answer })
    const client = makeClient(t, options)
    const first = client.get('/first')
    await peer.called(1)
    const seen = recordRequests(t)
    const second = client.get('/second')
    await peer.called(2)
    release()
    await Promise.all([first, second])
    assert.equal(theOne(seen, SUCCESS).path, '/second')
  })

  it('given subscribers of layer1:token alone, when a call is made, then it is answered as ever', async (t) => {
    const { realm, options } = await startBoth(t, { api: inTurn(withStatus(503)) })
    const seen = recordTokens(t, realm)
    const { status, attempts } = await makeClient(t, options).request('GET', '/a')
    assert.deepEqual([status, attempts], [200, 2])
    theOne(seen, SUCCESS)
  })

  for (const channel of ['layer1:request', 'layer1:token']) {
    it(`given subscribers of ${channel} that throw at every stage, when calls are made, then they are answered, and the throws are uncaught`, async (t) => {
      const { options } = await startBoth(t, { api: inTurn(answerOk, withStatus(404)) })
      const ended = await runChild(
        t,
        async ({ options, channel, stages }) => {
          const { tracingChannel } = require('node:diagnostics_channel')
          /** @type {string[]} */
          const uncaught = []
          process.on('uncaughtException', ({ message }) => void uncaught.push(message))
          const thrower = (/** @type {string} */ stage) => () => {
            throw new Error(stage)
          }
          /** @type {any} */
          const watched = tracingChannel(channel)
          watched.subscribe(Object.fromEntries(stages.map((stage) => [stage, thrower(stage)])))
          const client = new (require('layer1').Layer1)(options)
          const answers = [
            await client.get('/a'),
            await client.get('/b').catch((error) => error.code),
            await client.getToken({ forceRefresh: true }),
          ]
          await new Promise(setImmediate)
          console.log(JSON.stringify({ answers, uncaught }))
        },
        { options, channel, stages },
      )
      assert.deepEqual([ended.code, ended.stderr], [0, ''])
      const { answers, uncaught } = JSON.parse(ended.stdout)
      assert.deepEqual(answers, [{ ok: true }, 'ERR_LAYER1_API', 'token-2'])
      assert.deepEqual(uncaught, channel === 'layer1:request' ? [...SUCCESS, ...FAILURE] : [...SUCCESS, ...SUCCESS])
    })
  }

  it('given a subscriber that throws, when nobody handles that, then the process ends as with any uncaught exception', async (t) => {
    const { options } = await startBoth(t)
    const ended = await runChild(
      t,
      async (options) => {
        require('node:diagnostics_channel').subscribe('tracing:layer1:request:asyncEnd', () => {
          throw new Error('a defect of the subscriber')
        })
        await new (require('layer1').Layer1)(options).get('/a')
      },
      options,
    )
    assert.deepEqual([ended.code, ended.signal], [1, null])
    assert.match(ended.stderr, /a defect of the subscriber/)
  })

  /** What a subscriber may do to an event. @type {Record<string, string>} */
  const deeds = {
    'changes method and path': 'event.method = 7; event.path = null',
    'deletes what is there': 'for (const name of Object.keys(event)) if (name !== "attempts") delete event[name]',
    'freezes it': 'Object.freeze(event)',
    'takes its attempts away': 'event.attempts = null',
    'freezes its attempts': 'Object.freeze(event.attempts)',
  }
  for (const [what, deed] of Object.entries(deeds)) {
    it(`given a subscriber that ${what}, when calls are made, then each ends as it would have`, async (t) => {
      const { options } = await startBoth(t, { api: inTurn(answerOk, answerOk, withStatus(404)) })
      const ended = await runChild(
        t,
        async ({ options, deed }) => {
          const { subscribe } = require('node:diagnostics_channel')
          subscribe('tracing:layer1:request:start', /** @type {any} */ (new Function('event', deed)))
          const client = new (require('layer1').Layer1)(options)
          const answers = await Promise.all([client.get('/a'), client.get('/b')])
          const code = await client.get('/c').catch((error) => error.code)
          console.log(JSON.stringify([...answers, code]))
        },
        { options, deed },
      )
      assert.deepEqual([ended.code, ended.stderr], [0, ''])
      assert.deepEqual(JSON.parse(ended.stdout), [{ ok: true }, { ok: true }, 'ERR_LAYER1_API'])
    })
  }

  it('given a subscriber that freezes an event of layer1:token, when a token is asked for, then it is given', async (t) => {
    const { options } = await startBoth(t)
    const ended = await runChild(
      t,
      async (options) => {
        require('node:diagnostics_channel').subscribe('tracing:layer1:token:start', (event) => {
          Object.freeze(event)
        })
        console.log(await new (require('layer1').Layer1)(options).getToken())
      },
      options,
    )
    assert.equal(ended.stdout, 'token-1\n')
  })
})
