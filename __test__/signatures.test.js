'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { sign } = require('node:crypto')
const { describe, it } = require('node:test')
const { path } = require('layer1')
const { skip: noOpenssl } = require('./support/certificates.js')
const { failure, thrown } = require('./support/failures.js')
const { PRIVATE_KEY, PUBLIC_KEY, newKey } = require('./support/keys.js')
const { makeClient, sendJson, sendToken, startPeer } = require('./support/peer.js')
const { baseOf, isSigned, opensslAccepts, signatureOf } = require('./support/signatures.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('layer1').Layer1} Layer1 */

const suite = { timeout: 60_000 }

/**
 * Starts a server, and makes a client whose calls are signed.
 *
 * @param {TestContext} t
 * @param {Parameters<typeof startPeer>[1]} [manners]
 * @param {import('layer1').Layer1Options} [options]
 */
async function signingPeer(t, manners, options) {
  const peer = await startPeer(t, manners)
  const { clientSecret, ...own } = peer.options
  const given = { ...own, auth: /** @type {const} */ ('signature'), privateKey: PRIVATE_KEY, ...options }
  return { peer, clientSecret, client: makeClient(t, given) }
}

/** @param {Awaited<ReturnType<typeof startPeer>>} peer */
function last(peer) {
  return peer.calls.at(-1) ?? assert.fail('nothing came')
}

/** @type {Record<string, { call: (client: Layer1) => Promise<unknown>, sent: string, hasBody?: boolean }>} */
const calls = {
  'a GET': { call: (client) => client.get('/digital/v1/networks'), sent: 'GET /digital/v1/networks' },
  'a GET with a query': { call: (client) => client.get('/a', { query: { pageSize: 50 } }), sent: 'GET /a?pageSize=50' },
  'a query with repeated keys': {
    call: (client) => client.get('/a', { query: { type: ['a', 'b'], network: 'x' } }),
    sent: 'GET /a?type=a&type=b&network=x',
  },
  'a query with encoded keys and values': {
    call: (client) => client.get('/a', { query: { 'k&=': 'a/b?c=d+e%20', q: 'reference:REF-12a1' } }),
    sent: 'GET /a?k%26%3D=a%2Fb%3Fc%3Dd%2Be%2520&q=reference%3AREF-12a1',
  },
  'a query with blanks': { call: (client) => client.get('/a', { query: { q: 'b c' } }), sent: 'GET /a?q=b%20c' },
  'a query in the path, and more': {
    call: (client) => client.get('/a?x=1%2f2&y="z w"', { query: { x: 3 } }),
    sent: 'GET /a?x=1%2f2&y=%22z%20w%22&x=3',
  },
  'a path and a query beyond ASCII': {
    call: (client) => client.get('/café/日本', { query: { naïve: 'ü€😀' } }),
    sent: 'GET /caf%C3%A9/%E6%97%A5%E6%9C%AC?na%C3%AFve=%C3%BC%E2%82%AC%F0%9F%98%80',
  },
  'a path with escapes': { call: (client) => client.get(path`/a/${'b/c d'}/%2f`), sent: 'GET /a/b%2Fc%20d/%2f' },
  'a HEAD': { call: (client) => client.request('HEAD', '/a', { responseType: 'text' }), sent: 'HEAD /a' },
  'a POST with JSON': {
    call: (client) => client.post('/a', { reference: 'REF-1', amount: '0.1', nested: { ü: [1, null] } }),
    sent: 'POST /a',
    hasBody: true,
  },
  'a POST with text as it is': { call: (client) => client.post('/a', ' {"b": 1}\r\n'), sent: 'POST /a', hasBody: true },
  'a POST with bytes': {
    call: (client) => client.post('/a?b=c', Buffer.from([0, 255, 13, 10, 128])),
    sent: 'POST /a?b=c',
    hasBody: true,
  },
  'a POST of a megabyte': { call: (client) => client.post('/a', 'é'.repeat(500_000)), sent: 'POST /a', hasBody: true },
  'a POST with an empty string': { call: (client) => client.post('/a', ''), sent: 'POST /a' },
  'a POST with an empty Buffer': { call: (client) => client.post('/a', Buffer.alloc(0)), sent: 'POST /a' },
  'a POST without a body': { call: (client) => client.post('/a'), sent: 'POST /a' },
  'a PUT': { call: (client) => client.put('/a', { b: 1 }), sent: 'PUT /a', hasBody: true },
  'a PATCH': { call: (client) => client.patch('/a', null), sent: 'PATCH /a', hasBody: true },
  'a DELETE': { call: (client) => client.delete('/a/1'), sent: 'DELETE /a/1' },
  'a DELETE with a body': {
    call: (client) => client.request('DELETE', '/a', { body: { b: 1 } }),
    sent: 'DELETE /a',
    hasBody: true,
  },
}

describe('a signed call', suite, () => {
  for (const [name, { call, sent, hasBody = false }] of Object.entries(calls)) {
    it(`given ${name}, when it is signed, then node:crypto accepts what was sent, whole`, async (t) => {
      const { peer, client } = await signingPeer(t)
      await call(client)
      const seen = last(peer)
      assert.equal(`${seen.method} ${seen.url}`, sent)
      assert.equal(seen.headers['content-digest'] !== undefined, hasBody)
      assert.ok(isSigned(seen, peer.origin, PUBLIC_KEY))
    })

    it(`given ${name}, when it is signed, then openssl accepts it`, { skip: noOpenssl }, async (t) => {
      const { peer, client } = await signingPeer(t)
      await call(client)
      assert.ok(opensslAccepts(last(peer), peer.origin, PUBLIC_KEY))
    })
  }

  it('given a base URL with a prefix, when a call is made, then the prefix is signed', async (t) => {
    const { peer, client } = await signingPeer(t, { prefix: '/gateway/v2' })
    await client.get('/a')
    assert.equal(last(peer).url, '/gateway/v2/a')
    assert.ok(isSigned(last(peer), peer.origin, PUBLIC_KEY))
  })

  it('given what openssl refuses, when it is asked, then it says so: it can refuse', { skip: noOpenssl }, async (t) => {
    const { peer, client } = await signingPeer(t)
    await client.get('/a')
    assert.ok(!opensslAccepts({ ...last(peer), url: '/b' }, peer.origin, PUBLIC_KEY))
  })

  it('given a call, when node:crypto signs the same text, then the signature is the same: it is deterministic', async (t) => {
    const { peer, client } = await signingPeer(t)
    await client.post('/a?b=c', { d: 1 })
    const expected = sign('sha256', Buffer.from(baseOf(last(peer), peer.origin)), PRIVATE_KEY)
    assert.deepEqual(signatureOf(last(peer)).bytes, expected)
  })

  it('given a call, when it is signed, then the time of the signature is that of the call', async (t) => {
    const { peer, client } = await signingPeer(t)
    const earliest = Math.floor(Date.now() / 1_000)
    await client.get('/a')
    const { created } = signatureOf(last(peer))
    assert.ok(created >= earliest && created <= Date.now() / 1_000, `${created}`)
  })

  it('given many calls at once, when they are signed, then each has its own signature', async (t) => {
    const { peer, client } = await signingPeer(t)
    await Promise.all(Array.from({ length: 40 }, (_, index) => client.post(`/a/${index}`, { index })))
    assert.equal(peer.calls.length, 40)
    for (const call of peer.calls) assert.ok(isSigned(call, peer.origin, PUBLIC_KEY))
    assert.equal(new Set(peer.calls.map(({ headers }) => headers.signature)).size, 40)
  })

  it('given a call that is aborted, when others follow, then they are signed and sent', async (t) => {
    const { peer, client } = await signingPeer(t)
    const controller = new AbortController()
    const aborted = Array.from({ length: 20 }, () => client.get('/gone', { signal: controller.signal }))
    controller.abort(new Error('enough'))
    for (const outcome of await Promise.allSettled(aborted)) assert.equal(outcome.status, 'rejected')
    assert.deepEqual(await client.get('/a'), { ok: true })
    assert.ok(isSigned(last(peer), peer.origin, PUBLIC_KEY))
  })
})

describe('what a signature says of its key', suite, () => {
  it('given no keyId, when a call is signed, then it is the client id', async (t) => {
    const { peer, client } = await signingPeer(t, {}, { clientId: 'shop "1" \\ a' })
    await client.get('/a')
    assert.equal(signatureOf(last(peer)).keyId, 'shop \\"1\\" \\\\ a')
    assert.ok(isSigned(last(peer), peer.origin, PUBLIC_KEY))
  })

  it('given a keyId, when a call is signed, then it is that', async (t) => {
    const { peer, client } = await signingPeer(t, {}, { keyId: 'key-7' })
    await client.get('/a')
    assert.equal(signatureOf(last(peer)).keyId, 'key-7')
  })

  it('given a client id beyond ASCII and no keyId, when a client is made, then keyId is missed', async (t) => {
    const { options } = await startPeer(t)
    const own = { ...options, clientId: 'café', auth: /** @type {const} */ ('signature'), privateKey: PRIVATE_KEY }
    assert.match(String(thrown(() => makeClient(t, own))), /keyId/)
    makeClient(t, { ...own, keyId: 'cafe' })
  })

  it('given another key and keyId, when the credentials are swapped, then calls are signed with them', async (t) => {
    const { peer, client } = await signingPeer(t)
    const other = newKey()
    await client.get('/a')
    client.setCredentials({ privateKey: other, keyId: 'second' })
    await client.get('/a')
    assert.equal(signatureOf(last(peer)).keyId, 'second')
    assert.ok(!isSigned(last(peer), peer.origin, PUBLIC_KEY))
    assert.ok(isSigned(last(peer), peer.origin, require('node:crypto').createPublicKey(other)))
  })

  it('given another client id alone, when the credentials are swapped, then the keyId is that', async (t) => {
    const { peer, client } = await signingPeer(t)
    client.setCredentials({ clientId: 'another' })
    await client.get('/a')
    assert.equal(signatureOf(last(peer)).keyId, 'another')
    assert.ok(isSigned(last(peer), peer.origin, PUBLIC_KEY))
  })

  it('given a key that is wrong, when the credentials are swapped, then it is refused and the old one stays', async (t) => {
    const { peer, client } = await signingPeer(t)
    const error = thrown(() => client.setCredentials({ privateKey: 'no key' }))
    assert.match(String(error), /Layer1ConfigError.*privateKey/)
    await client.get('/a')
    assert.ok(isSigned(last(peer), peer.origin, PUBLIC_KEY))
  })
})

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
