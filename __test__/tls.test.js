'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { setImmediate: nextTurn } = require('node:timers/promises')
const { after, before, describe, it } = require('node:test')
const vm = require('node:vm')
const { Authority, skip } = require('./support/certificates.js')
const { failure } = require('./support/failures.js')
const { makeClient, startPeer } = require('./support/peer.js')
const { setVariables } = require('./support/variables.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('./support/certificates.js').KeyPair} KeyPair */
/** @typedef {import('layer1').Layer1Options} Options */

const suite = { timeout: 60_000, skip }

/** @type {InstanceType<typeof Authority>} */
let authority
/** @type {InstanceType<typeof Authority>} */
let stranger
/** @type {{ good: KeyPair, elsewhere: KeyPair, expired: KeyPair, strange: KeyPair }} */
let pairs

before(() => {
  if (skip) return
  authority = new Authority('layer1 test authority')
  stranger = new Authority('another authority')
  pairs = {
    good: authority.sign(['IP:127.0.0.1', 'DNS:localhost']),
    elsewhere: authority.sign(['DNS:elsewhere.example', 'IP:127.0.0.9']),
    expired: authority.sign(['IP:127.0.0.1'], { hasExpired: true }),
    strange: stranger.sign(['IP:127.0.0.1']),
  }
})

after(() => Authority.remove())

/**
 * Starts an API on TLS with a token endpoint without, and makes a client for both.
 *
 * @param {TestContext} t
 * @param {import('node:https').ServerOptions} tls
 * @param {Options} [options]
 */
async function tlsPeer(t, tls, options = {}) {
  const [peer, realm] = [await startPeer(t, { tls }), await startPeer(t)]
  const tokenUrl = realm.options.tokenUrl
  return { peer, client: makeClient(t, { ...peer.options, tokenUrl, maxRetries: 0, ...options }) }
}

/** @param {TestContext} t */
function recordWarnings(t) {
  /** @type {string[]} */
  const warnings = []
  const note = (/** @type {Error} */ { message }) => void warnings.push(message)
  process.on('warning', note)
  t.after(() => process.off('warning', note))
  return warnings
}

describe('an authority of our own', suite, () => {
  /** @type {Record<string, () => any>} */
  const forms = {
    'a string': () => authority.cert,
    'a Buffer': () => Buffer.from(authority.cert),
    'a Uint8Array': () => new Uint8Array(Buffer.from(authority.cert)),
    'an array of one': () => [authority.cert],
    'an array of several kinds': () => [stranger.cert, Buffer.from(authority.cert)],
    'an array whose parts have no line break at their ends': () => [stranger.cert.trim(), authority.cert.trim()],
    'a bundle': () => stranger.cert + authority.cert,
    'PEM with words around it': () => `# our authority\n${authority.cert}\n# end\n`,
    'PEM with Windows line ends': () => authority.cert.replaceAll('\n', '\r\n'),
    'a Uint8Array of another realm': () =>
      vm.runInNewContext('new Uint8Array(bytes)', { bytes: [...Buffer.from(authority.cert)] }),
  }
  for (const [name, form] of Object.entries(forms)) {
    it(`given ${name} as ca, when a call is made, then the server is trusted`, async (t) => {
      const { client } = await tlsPeer(t, pairs.good, { ca: form() })
      assert.deepEqual(await client.get('/a'), { ok: true })
    })
  }

  it('given its ca, when the token endpoint is on TLS too, then a token comes', async (t) => {
    const peer = await startPeer(t, { tls: pairs.good })
    assert.equal(await makeClient(t, { ...peer.options, ca: authority.cert }).getToken(), 'token-1')
  })

  it('given a name instead of an address, when the certificate has it, then the server is trusted', async (t) => {
    const { client } = await tlsPeer(t, pairs.good, { ca: authority.cert })
    const { peer } = await tlsPeer(t, pairs.good)
    const named = makeClient(t, {
      ...peer.options,
      baseUrl: `https://localhost:${peer.port}`,
      tokenUrl: `https://localhost:${peer.port}${new URL(peer.options.tokenUrl).pathname}`,
      ca: authority.cert,
    })
    assert.deepEqual([await client.get('/a'), await named.get('/a')], [{ ok: true }, { ok: true }])
  })

  it('given bytes as ca, when they change later, then the client does not notice', async (t) => {
    const bytes = Buffer.from(authority.cert)
    const { client } = await tlsPeer(t, pairs.good, { ca: bytes })
    bytes.fill(0)
    assert.deepEqual(await client.get('/a'), { ok: true })
  })

  for (const version of /** @type {const} */ (['TLSv1.2', 'TLSv1.3'])) {
    it(`given a server that speaks only ${version}, when a call is made, then it is answered`, async (t) => {
      const tls = { ...pairs.good, minVersion: version, maxVersion: version }
      const { client } = await tlsPeer(t, tls, { ca: authority.cert })
      assert.deepEqual(await client.get('/a'), { ok: true })
    })
  }
})

describe('a server that is not trusted', suite, () => {
  /** @type {Record<string, () => { tls: import('node:https').ServerOptions, ca?: string }>} */
  const cases = {
    'an authority nobody vouches for': () => ({ tls: pairs.good }),
    'another authority than the one given': () => ({ tls: pairs.strange, ca: authority.cert }),
    'a certificate for another host': () => ({ tls: pairs.elsewhere, ca: authority.cert }),
    'a certificate that has expired': () => ({ tls: pairs.expired, ca: authority.cert }),
    'only TLS 1.1': () => ({
      tls: { ...pairs.good, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
      ca: authority.cert,
    }),
  }
  for (const [name, make] of Object.entries(cases)) {
    it(`given ${name}, when a call is made, then it is refused, and the token is not sent`, async (t) => {
      const { tls, ca } = make()
      const { peer, client } = await tlsPeer(t, tls, ca ? { ca } : {})
      const error = await failure(client.get('/a'), 'ERR_LAYER1_TLS')
      assert.equal(error.name, 'Layer1ConnectionError')
      assert.deepEqual([error.host, error.port, error.endpoint], ['127.0.0.1', peer.port, 'api'])
      assert.equal(peer.calls.length, 0)
    })
  }

  it('given such a token endpoint, when a token is asked for, then it is refused, and the secret is not sent', async (t) => {
    const peer = await startPeer(t, { tls: pairs.good })
    const error = await failure(makeClient(t, { ...peer.options, maxRetries: 0 }).getToken(), 'ERR_LAYER1_TLS')
    assert.deepEqual([error.endpoint, error.port, peer.tokenRequests.length], ['token', peer.port, 0])
  })

  it('given a certificate for an address, when the server is called by a name that is not in it, then it is refused', async (t) => {
    const { peer } = await tlsPeer(t, pairs.strange)
    const { client } = await tlsPeer(t, pairs.good, { baseUrl: `https://localhost:${peer.port}`, ca: stranger.cert })
    await failure(client.get('/a'), 'ERR_LAYER1_TLS')
  })

  it('given NODE_TLS_REJECT_UNAUTHORIZED=0, when a call is made, then it changes nothing', async (t) => {
    setVariables(t, { NODE_TLS_REJECT_UNAUTHORIZED: '0' })
    const { peer, client } = await tlsPeer(t, pairs.good)
    await failure(client.get('/a'), 'ERR_LAYER1_TLS')
    assert.equal(peer.calls.length, 0)
  })

  it('given a server without TLS, when it is called with https, then it is a TLS error', async (t) => {
    const { port, options } = await startPeer(t)
    const client = makeClient(t, { ...options, baseUrl: `https://127.0.0.1:${port}`, maxRetries: 0 })
    const error = await failure(client.get('/a'), 'ERR_LAYER1_TLS')
    assert.deepEqual([error.host, error.port], ['127.0.0.1', port])
  })

  it('given a refusal, when the message is read, then it says what to do', async (t) => {
    const { client } = await tlsPeer(t, pairs.good)
    assert.match((await failure(client.get('/a'), 'ERR_LAYER1_TLS')).message, /`ca`/)
  })
})

describe('NODE_EXTRA_CA_CERTS', suite, () => {
  it('given a file with our authority, when a call is made, then the server is trusted, without a warning', async (t) => {
    const warnings = recordWarnings(t)
    setVariables(t, { NODE_EXTRA_CA_CERTS: authority.file('extra.pem', authority.cert) })
    const { client } = await tlsPeer(t, pairs.good)
    assert.deepEqual(await client.get('/a'), { ok: true })
    await nextTurn()
    assert.deepEqual(warnings, [])
  })

  it('given a ca option too, when a call is made, then the option wins', async (t) => {
    setVariables(t, { NODE_EXTRA_CA_CERTS: authority.file('extra.pem', authority.cert) })
    const { client } = await tlsPeer(t, pairs.good, { ca: stranger.cert })
    await failure(client.get('/a'), 'ERR_LAYER1_TLS')
  })

  /** @type {Record<string, () => string>} */
  const useless = {
    'a file that does not exist': () => '/nonexistent/extra.pem',
    'a directory': () => '/',
    'an empty file': () => authority.file('empty.pem', ''),
    'a file of nonsense': () => authority.file('nonsense.pem', 'nonsense'),
    'a file with a broken certificate': () =>
      authority.file('broken.pem', '-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n'),
    'a file with a certificate that is none': () =>
      authority.file('none.pem', '-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n'),
  }
  for (const [name, make] of Object.entries(useless)) {
    it(`given ${name}, when calls are made, then they work with the built-in roots, and there is one warning`, async (t) => {
      const warnings = recordWarnings(t)
      setVariables(t, { NODE_EXTRA_CA_CERTS: make() })
      const peer = await startPeer(t)
      const client = makeClient(t, peer.options)
      assert.deepEqual([await client.get('/a'), await client.get('/b')], [{ ok: true }, { ok: true }])
      await nextTurn()
      assert.equal(warnings.length, 1, warnings.join('\n'))
      assert.match(String(warnings[0]), /layer1.*NODE_EXTRA_CA_CERTS/)
    })
  }

  it('given a file that is useless, when a server is unknown, then it is still refused', async (t) => {
    setVariables(t, { NODE_EXTRA_CA_CERTS: '/nonexistent/extra.pem' })
    const { client } = await tlsPeer(t, pairs.good)
    await failure(client.get('/a'), 'ERR_LAYER1_TLS')
  })
})
