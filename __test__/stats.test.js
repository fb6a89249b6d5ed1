'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const {
  eventsOf,
  holding,
  inTurn,
  recordRequests,
  recordTokens,
  startBoth,
  withStatus,
} = require('./support/events.js')
const { failure } = require('./support/failures.js')
const { answerOk, makeClient } = require('./support/peer.js')

describe('stats() over a day', { timeout: 60_000 }, () => {
  for (const isWatched of [false, true]) {
    it(`given calls of every kind, when they ${isWatched ? 'are' : 'are not'} watched, then each counter counts its own`, async (t) => {
      const { answer: hold, release } = holding(answerOk)
      const { peer, realm, options } = await startBoth(t, {
        api: inTurn(
          answerOk,
          withStatus(503),
          answerOk,
          withStatus(401),
          answerOk,
          (_request, response) => void response.writeHead(302, { location: '/b' }).end(),
          answerOk,
          hold,
          hold,
        ),
      })
      const [seen, tokens] = isWatched ? [recordRequests(t), recordTokens(t, realm)] : [[], []]
      const client = makeClient(t, options)
      const nothing = {
        tokenRequests: 0,
        tokenHits: 0,
        requests: 0,
        retries: 0,
        replays401: 0,
        inFlight: 0,
        openConnections: 0,
      }
      assert.deepEqual(client.stats(), nothing)

      await client.get('/cold')
      let expected = { ...nothing, tokenRequests: 1, requests: 1, openConnections: 2 }
      assert.deepEqual(client.stats(), expected)

      await client.get('/503')
      expected = { ...expected, tokenHits: 2, requests: 3, retries: 1 }
      assert.deepEqual(client.stats(), expected)

      await client.get('/401')
      expected = { ...expected, tokenRequests: 2, tokenHits: 3, requests: 5, replays401: 1 }
      assert.deepEqual(client.stats(), expected)

      await client.get('/302')
      expected = { ...expected, tokenHits: 4, requests: 7 }
      assert.deepEqual(client.stats(), expected)

      await client.getToken()
      await client.getTokenInfo()
      expected = { ...expected, tokenHits: 6 }
      assert.deepEqual(client.stats(), expected)

      await failure(client.get('/../refused'), 'ERR_LAYER1_REQUEST')
      assert.deepEqual(client.stats(), expected)

      const held = [client.get('/held'), client.get('/held')]
      await peer.called(9)
      expected = { ...expected, tokenHits: 8, requests: 9, inFlight: 2 }
      // Of a connection there is no proof before its first answer.
      assert.deepEqual({ ...client.stats(), openConnections: 2 }, expected)
      release()
      await Promise.all(held)
      assert.deepEqual(client.stats(), { ...expected, inFlight: 0, openConnections: 3 })
      assert.deepEqual([peer.calls.length, realm.tokenRequests.length], [9, 2])
      assert.deepEqual([eventsOf(seen).length, eventsOf(tokens).length], isWatched ? [7, 2] : [0, 0])
    })
  }
})
