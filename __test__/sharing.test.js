'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const { describe, it } = require('node:test')
const { setImmediate: nextTurn } = require('node:timers/promises')
const { startWorker } = require('./support/child.js')
const { failure } = require('./support/failures.js')
const { grantToken, makeClient, startPeer } = require('./support/peer.js')

/** @param {any} options */
async function tellToken(options) {
  const { parentPort } = require('node:worker_threads')
  parentPort?.postMessage(await new (require('layer1').Layer1)(options).getToken())
}

describe('clients of one process', { timeout: 60_000 }, () => {
  it('given equal credentials here and in four workers, when all are cold, then one grant serves them', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, peer.options)
    const workers = Array.from({ length: 4 }, () => startWorker(t, tellToken, peer.options))
    const tokens = await Promise.all([
      client.getToken(),
      ...workers.map(async (worker) => (await once(worker, 'message'))[0]),
    ])
    assert.deepEqual(tokens, Array(5).fill('token-1'))
    assert.equal(peer.tokenRequests.length, 1)
  })

  it('given a client that is closed, when an equal one is made, then it has the token that was kept', async (t) => {
    const peer = await startPeer(t)
    const first = makeClient(t, peer.options)
    await first.getToken()
    await first.close()
    assert.equal(await makeClient(t, peer.options).getToken(), 'token-1')
  })

  it('given an invalidation by one, when another asks, then it gets a new token', async (t) => {
    const peer = await startPeer(t)
    const [one, other] = [makeClient(t, peer.options), makeClient(t, peer.options)]
    await one.getToken()
    other.invalidateToken()
    assert.equal(await one.getToken(), 'token-2')
  })

  it('given scopes in another order, when they ask, then they share', async (t) => {
    const peer = await startPeer(t)
    for (const scope of ['a b', ['b', 'a', 'b']]) await makeClient(t, { ...peer.options, scope }).getToken()
    assert.equal(peer.tokenRequests.length, 1)
  })

  for (const [what, difference] of Object.entries({
    secret: { clientSecret: 'another' },
    'client id': { clientId: 'another' },
    'way to authenticate': { clientAuth: /** @type {const} */ ('client_secret_basic') },
    scope: { scope: 'another' },
  })) {
    it(`given another ${what}, when both ask, then each has a token of its own`, async (t) => {
      const peer = await startPeer(t)
      const clients = [makeClient(t, peer.options), makeClient(t, { ...peer.options, ...difference })]
      const tokens = await Promise.all(clients.map((client) => client.getToken()))
      assert.equal(new Set(tokens).size, 2)
    })
  }

  it('given shareToken false, when equal clients ask, then each has a token of its own', async (t) => {
    const peer = await startPeer(t)
    const options = { ...peer.options, shareToken: false }
    await makeClient(t, options).getToken()
    await makeClient(t, options).getToken()
    assert.equal(peer.tokenRequests.length, 2)
  })

  it('given equal clients, when they call one after the other, then they use one connection', async (t) => {
    const peer = await startPeer(t)
    for (let index = 0; index < 2; index++) await makeClient(t, peer.options).get('/a')
    assert.equal(new Set(peer.calls.map((call) => call.socket)).size, 1)
  })

  for (const [what, difference] of Object.entries({
    cap: { maxConnections: 7 },
    connectTimeout: { connectTimeout: 4_999 },
  })) {
    it(`given another ${what}, when both call, then each has connections of its own`, async (t) => {
      const peer = await startPeer(t)
      await makeClient(t, peer.options).get('/a')
      await makeClient(t, { ...peer.options, ...difference }).get('/a')
      assert.equal(new Set(peer.calls.map((call) => call.socket)).size, 2)
    })
  }

  it('given equal clients that wait for a token, when one is closed, then the other has it', async (t) => {
    /** @type {(() => void)[]} */
    const held = []
    const peer = await startPeer(t, { token: (...args) => void held.push(() => grantToken(...args)) })
    const [one, other] = [makeClient(t, peer.options), makeClient(t, peer.options)]
    const closed = failure(one.getToken(), 'ERR_LAYER1_CLOSED')
    const token = other.getToken()
    while (held.length === 0) await nextTurn()
    await one.close()
    await closed
    for (const answer of held) answer()
    assert.equal(await token, 'token-1')
  })

  it('given equal clients, when one has asked for the token, then the counters of the other know it', async (t) => {
    const peer = await startPeer(t)
    const [one, other] = [makeClient(t, peer.options), makeClient(t, peer.options)]
    await one.getToken()
    await one.getToken()
    const { tokenRequests, tokenHits } = other.stats()
    assert.deepEqual([tokenRequests, tokenHits], [1, 1])
  })
})
