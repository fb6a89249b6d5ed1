'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { createPublicKey, sign } = require('node:crypto')
const { describe, it } = require('node:test')
const { path } = require('layer1')
const { skip: noOpenssl } = require('./support/certificates.js')
const { thrown } = require('./support/failures.js')
const { PRIVATE_KEY, PUBLIC_KEY, newKey } = require('./support/keys.js')
const { makeClient, startPeer } = require('./support/peer.js')
const { baseOf, isSigned, opensslAccepts, signatureOf } = require('./support/signatures.js')
const { last, signingPeer } = require('./support/signing-peer.js')

/** @typedef {import('layer1').Layer1} Layer1 */

const suite = { timeout: 60_000 }

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
    assert.ok(isSigned(last(peer), peer.origin, createPublicKey(other)))
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
