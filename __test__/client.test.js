'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { AsyncLocalStorage } = require('node:async_hooks')
const { describe, it } = require('node:test')
const { Layer1 } = require('layer1')
const { startSandbox } = require('layer1/sandbox')
const { failure, rejection, thrown } = require('./support/failures.js')
const { answerOk, makeClient, neverAnswer, startPeer } = require('./support/peer.js')

/** @param {import('node:test').TestContext} t */
async function sandboxAndClient(t) {
  const sandbox = await startSandbox()
  t.after(() => sandbox.close())
  return { sandbox, client: makeClient(t, sandbox.options) }
}

describe('the main job', { timeout: 60_000 }, () => {
  it('given credentials of the sandbox, when asset pools are got, then they arrive as parsed JSON', async (t) => {
    const { client } = await sandboxAndClient(t)
    const page = /** @type {any} */ (await client.get('/api/v1/asset-pools', { query: { pageSize: 3 } }))
    assert.equal(page.content.length, 3)
    assert.equal(typeof page.content[0].id, 'string')
  })

  it('given a call that was made, when another is made, then both carry the one token', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, peer.options)
    await client.get('/a')
    await client.get('/b')
    assert.deepEqual(
      peer.calls.map((call) => call.headers.authorization),
      ['Bearer token-1', 'Bearer token-1'],
    )
    assert.equal(peer.tokenRequests.length, 1)
  })

  it('given sequential calls, when they go to one origin, then they share its connection', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, peer.options)
    await client.get('/warm')
    const before = peer.connections()
    for (let index = 0; index < 20; index++) await client.get('/again')
    assert.equal(peer.connections(), before)
  })

  it('given concurrent calls, when more come than maxConnections, then no more connections are open', async (t) => {
    const [peer, realm] = [await startPeer(t), await startPeer(t)]
    const client = makeClient(t, { ...peer.options, tokenUrl: realm.options.tokenUrl, maxConnections: 3 })
    await Promise.all(Array.from({ length: 200 }, () => client.get('/many')))
    assert.ok(peer.mostOpen() <= 3, `${peer.mostOpen()} connections were open at once`)
  })

  it('given callers beyond maxConnections, when slots become free, then all are answered', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, { ...peer.options, maxConnections: 1 })
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.get('/one')))
    assert.equal(answers.length, 50)
  })

  it('given an AsyncLocalStorage context, when a call is awaited, then the context is still there', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, peer.options)
    const storage = new AsyncLocalStorage()
    const seen = await Promise.all(
      ['first', 'second'].map((name) =>
        storage.run(name, async () => {
          await client.get('/context')
          return storage.getStore()
        }),
      ),
    )
    assert.deepEqual(seen, ['first', 'second'])
  })

  it('given a subclass, when its methods are called, then it works as a client', async (t) => {
    const peer = await startPeer(t)
    class Mine extends Layer1 {
      pools() {
        return this.get('/pools')
      }
    }
    const client = new Mine(peer.options)
    t.after(() => client.close())
    assert.deepEqual(await client.pools(), { ok: true })
  })
})

describe('stats()', { timeout: 60_000 }, () => {
  it('given a new client, when nothing was asked of it, then everything is zero', async (t) => {
    const peer = await startPeer(t)
    const stats = makeClient(t, peer.options).stats()
    for (const name of ['tokenRequests', 'tokenHits', 'requests', 'replays401', 'inFlight', 'openConnections']) {
      assert.equal(/** @type {any} */ (stats)[name], 0, name)
    }
  })

  it('given calls that were made, when counters are read, then requests and token requests are what the server saw', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, peer.options)
    for (let index = 0; index < 3; index++) await client.get('/counted')
    const { tokenRequests, requests, inFlight, tokenHits } = client.stats()
    assert.deepEqual({ tokenRequests, requests, inFlight }, { tokenRequests: 1, requests: 3, inFlight: 0 })
    assert.ok(tokenHits >= 2, `${tokenHits} hits`)
  })

  it('given a call in flight, when counters are read, then it is counted', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const client = makeClient(t, peer.options)
    const call = client.get('/hangs')
    call.catch(() => {})
    await peer.called(1)
    assert.equal(client.stats().inFlight, 1)
  })

  it('given a call that never left the queue, when counters are read, then it is no request', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const client = makeClient(t, { ...peer.options, maxConnections: 1 })
    await client.getToken()
    const failed = failure(client.get('/sent'), 'ERR_LAYER1_CLOSED')
    await peer.called(1)
    await failure(client.get('/queued', { timeout: 200 }), 'ERR_LAYER1_TIMEOUT')
    assert.equal(client.stats().requests, 1)
    await client.close()
    await failed
  })

  it('given two copies of the counters, when one is changed, then the client does not notice', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    client.stats().requests = 99
    assert.equal(client.stats().requests, 0)
  })
})

describe('close()', { timeout: 60_000 }, () => {
  it('given calls in flight, when the client is closed, then each rejects as closed', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const client = makeClient(t, peer.options)
    const failures = Promise.all([
      failure(client.get('/a'), 'ERR_LAYER1_CLOSED'),
      failure(client.get('/b'), 'ERR_LAYER1_CLOSED'),
    ])
    await peer.called(2)
    await client.close()
    await failures
  })

  it('given a request for a token in flight, when the client is closed, then its caller is rejected as closed', async (t) => {
    const peer = await startPeer(t, { token: neverAnswer })
    const client = makeClient(t, peer.options)
    const failed = failure(client.getToken(), 'ERR_LAYER1_CLOSED')
    await peer.asked(1)
    await client.close()
    await failed
  })

  it('given a call in flight, when the client is closed, then the server sees the connection end', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const client = makeClient(t, peer.options)
    const failed = failure(client.get('/a'), 'ERR_LAYER1_CLOSED')
    const { socket } = await peer.called(1)
    const ended = new Promise((resolve) => socket.once('close', resolve))
    await client.close()
    await Promise.all([ended, failed])
  })

  // They would end by themselves after 50 s without use: the limit tells the one from the other.
  it('given idle connections, when the client is closed, then they end', { timeout: 20_000 }, async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, peer.options)
    await client.get('/a')
    const sockets = [peer.tokenRequests[0]?.socket, peer.calls[0]?.socket]
    const ended = Promise.all(sockets.map((socket) => new Promise((resolve) => socket?.once('close', resolve))))
    await client.close()
    await ended
  })

  for (const method of /** @type {const} */ (['get', 'getToken', 'getTokenInfo'])) {
    it(`given a closed client, when ${method}() is called, then it rejects as closed and nothing is sent`, async (t) => {
      const peer = await startPeer(t)
      const client = makeClient(t, peer.options)
      await client.close()
      const error = await failure(method === 'get' ? client.get('/a') : client[method]())
      assert.deepEqual([error.code, error.name], ['ERR_LAYER1_CLOSED', 'Layer1ClosedError'])
      assert.equal(peer.connections(), 0)
    })
  }

  for (const method of /** @type {const} */ (['stats', 'invalidateToken'])) {
    it(`given a closed client, when ${method}() is called, then it throws as closed`, async (t) => {
      const client = makeClient(t, (await startPeer(t)).options)
      await client.close()
      assert.equal(thrown(() => client[method]()).code, 'ERR_LAYER1_CLOSED')
    })
  }

  it('given a token that is at hand, when the client is closed, then it is not given out any more', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    await client.getToken()
    await client.close()
    await failure(client.getToken(), 'ERR_LAYER1_CLOSED')
  })

  it('given a closed client, when it is closed again, by either name, then nothing happens', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    await client.close()
    assert.equal(await client.close(), undefined)
    assert.equal(await client[Symbol.asyncDispose](), undefined)
  })

  it('given a client, when it is disposed of, then it is closed', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    await client[Symbol.asyncDispose]()
    await failure(client.get('/a'), 'ERR_LAYER1_CLOSED')
  })

  it('given two clients of the same credentials, when one is closed, then the other goes on', async (t) => {
    const peer = await startPeer(t, { api: answerOk })
    const [one, other] = [makeClient(t, peer.options), makeClient(t, peer.options)]
    await Promise.all([one.get('/a'), other.get('/a')])
    await one.close()
    assert.deepEqual(await other.get('/b'), { ok: true })
  })
})

describe('a method that is called on something else', { timeout: 60_000 }, () => {
  for (const owner of [undefined, null, {}, 7, 'client', Layer1.prototype]) {
    it(`given ${String(owner)} as its owner, when a method is called, then there is a TypeError`, async () => {
      const methods = /** @type {any} */ (Layer1.prototype)
      for (const name of ['get', 'getToken', 'getTokenInfo', 'close']) {
        assert.ok((await rejection(methods[name].call(owner, '/a'))) instanceof TypeError, name)
      }
      for (const name of ['stats', 'invalidateToken']) {
        assert.ok(thrown(() => methods[name].call(owner)) instanceof TypeError, name)
      }
    })
  }
})
