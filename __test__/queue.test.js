'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { setTimeout: pause } = require('node:timers/promises')
const { answerOk, makeClient, sendJson, sendToken, startPeer } = require('./support/peer.js')

/** Grants tokens that live for a second. @type {import('./support/peer.js').Answerer} */
function grantShortToken(_request, response, count) {
  sendToken(response, { access_token: `token-${count}`, expires_in: 1 })
}

describe('a call that queues for a connection', { timeout: 60_000 }, () => {
  it('given one connection, when the token ends while a call waits for it, then the call goes out with a new one', async (t) => {
    const peer = await startPeer(t, {
      token: grantShortToken,
      api: async (request, response, count) => {
        // The token of the first call has ended when the second gets its turn.
        if (count === 1) await pause(1_200)
        answerOk(request, response, count)
      },
    })
    const client = makeClient(t, { ...peer.options, maxConnections: 1 })
    const first = client.get('/first')
    await peer.called(1)
    await Promise.all([first, client.get('/queued')])
    const tokens = peer.calls.map(({ headers }) => headers.authorization)
    assert.deepEqual(tokens, ['Bearer token-1', 'Bearer token-2'])
  })

  it('given a token that is revoked, when many calls queue, then those that have not gone out take the new one', async (t) => {
    const peer = await startPeer(t, {
      api: (request, response, count) =>
        request.headers.authorization === 'Bearer token-1'
          ? sendJson(response, 401, {})
          : answerOk(request, response, count),
    })
    const client = makeClient(t, { ...peer.options, maxConnections: 4 })
    await Promise.all(Array.from({ length: 100 }, () => client.get('/a')))
    const refused = peer.calls.filter(({ headers }) => headers.authorization === 'Bearer token-1')
    assert.ok(refused.length <= 8, `${refused.length} calls went out with the revoked token`)
    assert.equal(peer.tokenRequests.length, 2)
  })
})
