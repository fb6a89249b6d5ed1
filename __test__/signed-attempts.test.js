'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { subscribe, unsubscribe } = require('node:diagnostics_channel')
const { describe, it } = require('node:test')
const { inspect } = require('node:util')
const { runChild } = require('./support/child.js')
const { failure, thrown } = require('./support/failures.js')
const { PRIVATE_KEY, PUBLIC_KEY, newKey } = require('./support/keys.js')
const { makeClient, sendJson, sendToken, startPeer } = require('./support/peer.js')
const { isSigned, signatureOf } = require('./support/signatures.js')
const { last, signingPeer } = require('./support/signing-peer.js')

const suite = { timeout: 60_000 }

describe('signature and token', suite, () => {
  it("given auth: 'signature', when calls are made, then no token is asked for, and none is sent", async (t) => {
    const { peer, client } = await signingPeer(t)
    await client.warmUp()
    await client.get('/a')
    assert.equal(last(peer).headers.authorization, undefined)
    assert.equal(peer.tokenRequests.length, 0)
    assert.equal(client.stats().tokenRequests, 0)
  })

  it('given a warm-up of a client that signs, when it is over, then the next call finds a connection', async (t) => {
    const { peer, client } = await signingPeer(t)
    await client.warmUp()
    assert.deepEqual([peer.calls.length, last(peer).headers.signature, peer.connections()], [1, undefined, 1])
    await client.get('/a')
    assert.equal(peer.connections(), 1)
  })

  it("given auth: 'both', when calls are made, then each has a token and a signature", async (t) => {
    const { peer, client } = await signingPeer(t, {}, { auth: 'both', clientSecret: 'secret' })
    await client.post('/a', { b: 1 })
    assert.equal(last(peer).headers.authorization, 'Bearer token-1')
    assert.ok(isSigned(last(peer), peer.origin, PUBLIC_KEY))
  })

  it("given auth: 'signature' without a secret, when a token is asked for, then it says what is missing", async (t) => {
    const { peer, client } = await signingPeer(t)
    for (const ask of [
      () => client.getToken(),
      () => client.getTokenInfo(),
      () => client.getToken({ forceRefresh: true }),
    ]) {
      const error = await failure(ask(), 'ERR_LAYER1_CONFIG')
      assert.equal(error.name, 'Layer1ConfigError')
      assert.match(error.message, /clientSecret.*LAYER1_CLIENT_SECRET.*private_key_jwt/)
    }
    assert.equal(peer.tokenRequests.length, 0)
  })

  it("given auth: 'signature' and a secret, when a token is asked for, then it comes", async (t) => {
    const { client } = await signingPeer(t, {}, { clientSecret: 'secret' })
    assert.equal(await client.getToken(), 'token-1')
  })

  it('given another key for signatures alone, when the credentials are swapped, then nothing is counted twice', async (t) => {
    const { client } = await signingPeer(t, {}, { auth: 'both', clientSecret: 'secret' })
    await client.get('/a')
    client.setCredentials({ privateKey: newKey() })
    await client.get('/a')
    assert.equal(client.stats().tokenRequests, 2)
  })
})

describe('attempts of a signed call', suite, () => {
  it('given a server that is busy for a second, when it is tried again, then it is signed anew', async (t) => {
    const { peer, client } = await signingPeer(t, {
      api: (_request, response, count) =>
        count === 1 ? sendJson(response, 503, {}, { 'retry-after': '1' }) : sendJson(response, 200, {}),
    })
    await client.get('/a')
    const [first, second] = peer.calls.map(signatureOf)
    assert.ok((second?.created ?? 0) > (first?.created ?? 0))
    for (const call of peer.calls) assert.ok(isSigned(call, peer.origin, PUBLIC_KEY))
  })

  it('given a redirect within the origin, when it is followed, then the new place is signed', async (t) => {
    const { peer, client } = await signingPeer(t, {
      api: (request, response) =>
        request.url === '/a' ? response.writeHead(307, { location: '/b?c=d#e' }).end() : sendJson(response, 200, {}),
    })
    await client.get('/a')
    assert.deepEqual(
      peer.calls.map(({ url }) => url),
      ['/a', '/b?c=d'],
    )
    for (const call of peer.calls) assert.ok(isSigned(call, peer.origin, PUBLIC_KEY))
  })

  it('given a redirect to another origin, when it comes, then it is refused, and nothing is sent there', async (t) => {
    const stranger = await startPeer(t)
    const { client } = await signingPeer(t, {
      api: (_request, response) => response.writeHead(307, { location: `${stranger.origin}/a` }).end(),
    })
    await failure(client.get('/a'), 'ERR_LAYER1_REDIRECT')
    assert.equal(stranger.calls.length, 0)
  })

  it("given auth: 'signature', when a 401 comes, then it is the error, with no replay", async (t) => {
    const { peer, client } = await signingPeer(t, { api: (_request, response) => sendJson(response, 401, {}) })
    const error = await failure(client.get('/a'), 'ERR_LAYER1_API')
    assert.deepEqual([error.status, error.attempts, peer.calls.length], [401, 1, 1])
    assert.deepEqual([client.stats().replays401, peer.tokenRequests.length], [0, 0])
  })

  it("given auth: 'both', when a 401 comes, then the replay has a new token and a signature of its own", async (t) => {
    const { peer, client } = await signingPeer(
      t,
      { api: (_request, response, count) => sendJson(response, count === 1 ? 401 : 200, {}) },
      { auth: 'both', clientSecret: 'secret' },
    )
    await client.post('/a', { b: 1 })
    assert.deepEqual(
      peer.calls.map(({ headers }) => headers.authorization),
      ['Bearer token-1', 'Bearer token-2'],
    )
    for (const call of peer.calls) assert.ok(isSigned(call, peer.origin, PUBLIC_KEY))
  })
})

describe('watchers of a signed call', suite, () => {
  it('given a subscriber, when a signed call is made, then its attempt has no token source, and no event the signature', async (t) => {
    /** @type {any[]} */
    const seen = []
    const note = (/** @type {unknown} */ event) => void seen.push(event)
    subscribe('tracing:layer1:request:asyncEnd', note)
    t.after(() => unsubscribe('tracing:layer1:request:asyncEnd', note))
    const { peer, client } = await signingPeer(t)
    await client.get('/a')
    const [event] = seen
    assert.deepEqual([seen.length, event.attempts.length, event.status], [1, 1, 200])
    assert.ok(!('tokenSource' in event.attempts[0]) && !('tokenSource' in event))
    assert.ok(!inspect(event, { depth: 9 }).includes(String(last(peer).headers.signature)))
  })

  it('given NODE_DEBUG=layer1, when a signed call is made, then its line says that it was signed', async (t) => {
    const { baseUrl, clientId } = (await startPeer(t)).options
    const { stderr } = await runChild(
      t,
      async (options) => {
        const client = new (require('layer1').Layer1)(options)
        await client.get('/a')
        await client.close()
      },
      { baseUrl, clientId, auth: /** @type {const} */ ('signature'), privateKey: PRIVATE_KEY },
      { NODE_DEBUG: 'layer1' },
    )
    assert.match(stderr, /GET \/a attempt 1: 200 in [\d.]+ ms \(.*\), signed$/m)
  })
})

describe('the headers of a signature', suite, () => {
  for (const name of ['signature', 'Signature-Input', 'CONTENT-DIGEST']) {
    it(`given ${name} from the caller, when a call is signed, then it is refused by name, before anything is sent`, async (t) => {
      const { peer, client } = await signingPeer(t)
      const error = await failure(client.get('/a', { headers: { [name]: 'x' } }), 'ERR_LAYER1_REQUEST')
      assert.match(error.message, new RegExp(name, 'i'))
      assert.equal(peer.calls.length, 0)
    })

    it(`given ${name} among the client's headers, when a client signs, then it is refused by name`, async (t) => {
      const { options } = await startPeer(t)
      const own = { ...options, auth: /** @type {const} */ ('both'), privateKey: PRIVATE_KEY, headers: { [name]: 'x' } }
      assert.match(String(thrown(() => makeClient(t, own))), new RegExp(`Layer1ConfigError.*headers.*${name}`, 'i'))
    })

    it(`given ${name} from the caller, when calls are not signed, then it is sent`, async (t) => {
      const peer = await startPeer(t)
      await makeClient(t, peer.options).get('/a', { headers: { [name]: 'x' } })
      assert.equal(last(peer).headers[name.toLowerCase()], 'x')
    })
  }
})

describe('clocks that differ', suite, () => {
  /** @param {number} seconds @returns {import('./support/peer.js').Answerer} */
  const refuseAt = (seconds) => (_request, response) => {
    response.sendDate = false
    sendJson(response, 401, {}, { date: new Date(Date.now() + seconds * 1_000).toUTCString() })
  }

  for (const [seconds, side] of /** @type {const} */ ([
    [-7_200, 'ahead of'],
    [7_200, 'behind'],
  ])) {
    it(`given a server whose clock is off by ${seconds} s, when a signed call gets 401, then the error says so`, async (t) => {
      for (const options of [{}, { auth: /** @type {const} */ ('both'), clientSecret: 'secret' }]) {
        const { client } = await signingPeer(t, { api: refuseAt(seconds) }, options)
        const { message } = await failure(client.get('/a'), 'ERR_LAYER1_API')
        const told = new RegExp(`The clock of this machine is (\\d+) s ${side} the server's`).exec(message)?.[1]
        assert.ok(Math.abs(Number(told) - 7_200) < 60, message)
      }
    })
  }

  it('given a clock that is right, when a signed call gets 401, then the error does not speak of clocks', async (t) => {
    const { client } = await signingPeer(t, { api: refuseAt(0) })
    assert.doesNotMatch((await failure(client.get('/a'), 'ERR_LAYER1_API')).message, /clock/)
  })

  it('given a clock that is off, when a call without a signature gets 401, then the error does not speak of clocks', async (t) => {
    const peer = await startPeer(t, { api: refuseAt(-7_200), token: (_request, response) => sendToken(response) })
    const error = await failure(makeClient(t, peer.options).get('/a'), 'ERR_LAYER1_API')
    assert.doesNotMatch(error.message, /clock/)
  })
})
