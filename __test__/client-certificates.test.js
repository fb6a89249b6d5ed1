'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { createPrivateKey, X509Certificate } = require('node:crypto')
const { after, before, describe, it } = require('node:test')
const { Authority, skip } = require('./support/certificates.js')
const { failure, thrown } = require('./support/failures.js')
const { CLIENT_ID, makeClient, startPeer } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('./support/certificates.js').KeyPair} KeyPair */
/** @typedef {import('layer1').Layer1Options} Options */

const suite = { timeout: 60_000, skip }

/** @type {InstanceType<typeof Authority>} */
let authority
/** @type {{ server: KeyPair, client: KeyPair, other: KeyPair, rsa: KeyPair, strange: KeyPair }} */
let pairs

before(() => {
  if (skip) return
  authority = new Authority('layer1 test authority')
  pairs = {
    server: authority.sign(['IP:127.0.0.1']),
    client: authority.sign(['DNS:client.example'], { isForClient: true }),
    other: authority.sign(['DNS:other.example'], { isForClient: true }),
    rsa: authority.sign(['DNS:rsa.example'], { isForClient: true, isRsa: true }),
    strange: new Authority('another authority').sign(['DNS:client.example'], { isForClient: true }),
  }
})

after(() => Authority.remove())

/**
 * Starts a server that talks only to those who show a certificate of the authority.
 *
 * @param {TestContext} t
 */
async function strictPeer(t) {
  const tls = { ...pairs.server, ca: authority.cert, requestCert: true, rejectUnauthorized: true }
  const peer = await startPeer(t, { tls })
  return { ...peer, options: { ...peer.options, ca: authority.cert, maxRetries: 0 } }
}

/** @param {import('./support/peer.js').Seen | undefined} seen */
function shown(seen) {
  const socket = /** @type {import('node:tls').TLSSocket} */ (seen?.socket)
  return socket.getPeerCertificate().fingerprint256
}

/** @param {KeyPair} pair */
const fingerprint = ({ cert }) => new X509Certificate(cert).fingerprint256

describe('a client certificate', suite, () => {
  /** @type {Record<string, () => { pair: KeyPair, given: Options }>} */
  const forms = {
    'an EC key as SEC 1': () => ({ pair: pairs.client, given: pairs.client }),
    'an EC key as PKCS#8': () => {
      const key = createPrivateKey(pairs.client.key).export({ type: 'pkcs8', format: 'pem' }).toString()
      return { pair: pairs.client, given: { ...pairs.client, key } }
    },
    'an RSA key': () => ({ pair: pairs.rsa, given: pairs.rsa }),
    Buffers: () => {
      const given = { cert: Buffer.from(pairs.client.cert), key: new Uint8Array(Buffer.from(pairs.client.key)) }
      return { pair: pairs.client, given }
    },
    'a chain': () => ({ pair: pairs.client, given: { ...pairs.client, cert: pairs.client.cert + authority.cert } }),
    'line ends that became \\n': () => {
      const [cert, key] = [pairs.client.cert, pairs.client.key].map((text) => text.replaceAll('\n', '\\n'))
      return { pair: pairs.client, given: /** @type {Options} */ ({ cert, key }) }
    },
  }
  for (const [name, make] of Object.entries(forms)) {
    it(`given ${name}, when servers ask for a certificate, then both the token endpoint and the API see it`, async (t) => {
      const { pair, given } = make()
      const peer = await strictPeer(t)
      const client = makeClient(t, { ...peer.options, ...given })
      assert.deepEqual(await client.get('/a'), { ok: true })
      assert.equal(shown(peer.tokenRequests[0]), fingerprint(pair))
      assert.equal(shown(peer.calls[0]), fingerprint(pair))
    })
  }

  it('given none, when a server asks for one, then there is no connection, and nothing is sent', async (t) => {
    const peer = await strictPeer(t)
    const error = await failure(makeClient(t, peer.options).get('/a'))
    assert.equal(error.name, 'Layer1ConnectionError')
    assert.deepEqual([peer.tokenRequests.length, peer.calls.length], [0, 0])
  })

  it('given one of an authority that the server does not know, when a call is made, then there is no connection', async (t) => {
    const peer = await strictPeer(t)
    const error = await failure(makeClient(t, { ...peer.options, ...pairs.strange }).get('/a'))
    assert.equal(error.name, 'Layer1ConnectionError')
    assert.equal(peer.tokenRequests.length, 0)
  })

  it('given one and no secret, when a token is asked for, then the request names the client, and has no secret', async (t) => {
    const peer = await strictPeer(t)
    const { clientSecret, ...options } = peer.options
    assert.equal(await makeClient(t, { ...options, ...pairs.client }).getToken(), 'token-1')
    assert.deepEqual(Object.fromEntries(new URLSearchParams(peer.tokenRequests[0]?.body)), {
      grant_type: 'client_credentials',
      client_id: CLIENT_ID,
    })
  })

  it('given one and signatures, when a call is made, then it has both', async (t) => {
    const { PRIVATE_KEY } = require('./support/keys.js')
    const peer = await strictPeer(t)
    const { clientSecret, ...options } = peer.options
    const client = makeClient(t, { ...options, ...pairs.client, auth: 'signature', privateKey: PRIVATE_KEY })
    await client.get('/a')
    assert.equal(shown(peer.calls[0]), fingerprint(pairs.client))
    assert.ok(peer.calls[0]?.headers.signature)
    assert.equal(peer.tokenRequests.length, 0)
  })

  it('given clients with different ones, when they call, then neither token nor connection is shared', async (t) => {
    const peer = await strictPeer(t)
    for (const pair of [pairs.client, pairs.other, pairs.client]) {
      await makeClient(t, { ...peer.options, ...pair }).get('/a')
    }
    assert.deepEqual(peer.tokenRequests.map(shown), [fingerprint(pairs.client), fingerprint(pairs.other)])
    assert.deepEqual(
      peer.calls.map(({ headers }) => headers.authorization),
      ['Bearer token-1', 'Bearer token-2', 'Bearer token-1'],
    )
    assert.deepEqual(peer.calls.map(shown), [pairs.client, pairs.other, pairs.client].map(fingerprint))
  })
})

describe('a client certificate that is wrong', suite, () => {
  const own = { clientId: 'a', clientSecret: 'b' }
  /** @type {Record<string, { make: () => Options, says: RegExp }>} */
  const cases = {
    'cert without key': { make: () => ({ cert: pairs.client.cert }), says: /^key is missing/ },
    'key without cert': { make: () => ({ key: pairs.client.key }), says: /^cert is missing/ },
    'the key of another': {
      make: () => ({ cert: pairs.client.cert, key: pairs.other.key }),
      says: /^key is not the key of the first certificate of cert/,
    },
    'a certificate as key': {
      make: () => ({ cert: pairs.client.cert, key: pairs.client.cert }),
      says: /^key holds no private key/,
    },
    'a key as certificate': {
      make: () => ({ cert: pairs.client.key, key: pairs.client.key }),
      says: /^cert holds no certificate/,
    },
    'an encrypted key': {
      make: () => {
        const cipher = { cipher: 'aes-256-cbc', passphrase: 'hunter2' }
        const key = createPrivateKey(pairs.client.key).export({ type: 'pkcs8', format: 'pem', ...cipher })
        return { cert: pairs.client.cert, key: key.toString() }
      },
      says: /^key is encrypted.*openssl pkey/,
    },
  }
  for (const [name, { make, says }] of Object.entries(cases)) {
    it(`given ${name}, when a client is made, then the error says so`, () => {
      const { code, message } = thrown(() => new (require('layer1').Layer1)({ ...own, ...make() }))
      assert.equal(code, 'ERR_LAYER1_CONFIG')
      assert.match(message, says)
    })
  }
})
