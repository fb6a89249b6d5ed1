'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { after, before, describe, it } = require('node:test')
const { inspect } = require('node:util')
const { Authority, skip } = require('./support/certificates.js')
const { startProxy } = require('./support/connect-proxy.js')
const { failure } = require('./support/failures.js')
const { deadEnd, makeClient, startPeer, startTcp } = require('./support/peer.js')
const { setVariables } = require('./support/variables.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('layer1').Layer1Options} Options */

const suite = { timeout: 60_000, skip }

// No resolver knows it (RFC 6761 §6.4): whoever reaches it has come through the proxy.
const host = 'api.layer1-test.invalid'

/** @type {InstanceType<typeof Authority>} */
let authority
/** @type {import('./support/certificates.js').KeyPair} */
let pair

before(() => {
  if (skip) return
  authority = new Authority('layer1 test authority')
  pair = authority.sign([`DNS:${host}`])
})

after(() => Authority.remove())

/**
 * Starts an API that is reached by proxy only, and a token endpoint on loopback.
 *
 * @param {TestContext} t
 */
async function start(t) {
  const [api, realm] = [await startPeer(t, { tls: pair }), await startPeer(t)]
  const proxy = await startProxy(t, api.port)
  /** @type {Options} */
  const options = {
    ...realm.options,
    baseUrl: `https://${host}`,
    ca: authority.cert,
    maxRetries: 0,
    timeout: 60_000,
    connectTimeout: 60_000,
  }
  return { api, realm, proxy, options }
}

describe('a proxy', suite, () => {
  it('given a proxy, when a call is made, then it goes through a tunnel, and the proxy sees neither token nor path', async (t) => {
    const { api, proxy, options } = await start(t)
    assert.deepEqual(await makeClient(t, { ...options, proxy: proxy.url }).get('/private'), { ok: true })
    assert.equal(api.calls[0]?.headers.authorization, 'Bearer token-1')
    assert.deepEqual(
      proxy.asked.map(({ method, url }) => [method, url]),
      [['CONNECT', `${host}:443`]],
    )
    assert.ok(!inspect(proxy.asked[0]?.rawHeaders).includes('token-1'))
  })

  it('given a port in the base URL, when a call is made, then the tunnel is asked for with it', async (t) => {
    const { proxy, options } = await start(t)
    const client = makeClient(t, { ...options, baseUrl: `https://${host}:8443/v1`, proxy: proxy.url })
    assert.deepEqual(await client.get('/a'), { ok: true })
    assert.equal(proxy.asked[0]?.url, `${host}:8443`)
  })

  for (const [name, make] of Object.entries({
    'a URL object': (/** @type {number} */ port) => new URL(`http://127.0.0.1:${port}`),
    'no scheme': (/** @type {number} */ port) => `127.0.0.1:${port}`,
  })) {
    it(`given a proxy as ${name}, when a call is made, then it goes through it`, async (t) => {
      const { proxy, options } = await start(t)
      await makeClient(t, { ...options, proxy: make(proxy.port) }).get('/a')
      assert.equal(proxy.asked.length, 1)
    })
  }

  it('given a user and a password, when a tunnel is asked for, then they go to the proxy, decoded, and to it alone', async (t) => {
    const { api, proxy, options } = await start(t)
    await makeClient(t, { ...options, proxy: `http://us%3Aer:p%40ss@127.0.0.1:${proxy.port}` }).get('/a')
    const sent = String(proxy.asked[0]?.headers['proxy-authorization']).replace('Basic ', '')
    assert.equal(Buffer.from(sent, 'base64').toString(), 'us:er:p@ss')
    assert.equal(api.calls[0]?.headers['proxy-authorization'], undefined)
  })

  for (const name of ['HTTPS_PROXY', 'https_proxy']) {
    it(`given ${name}, when a call is made, then it goes through it`, async (t) => {
      const { proxy, options } = await start(t)
      setVariables(t, { [name]: proxy.url })
      assert.deepEqual(await makeClient(t, options).get('/a'), { ok: true })
      assert.equal(proxy.asked.length, 1)
    })
  }

  it('given HTTPS_PROXY and a proxy option, when a call is made, then the option wins', async (t) => {
    const { api, proxy, options } = await start(t)
    const other = await startProxy(t, api.port)
    setVariables(t, { HTTPS_PROXY: other.url })
    await makeClient(t, { ...options, proxy: proxy.url }).get('/a')
    assert.deepEqual([proxy.asked.length, other.asked.length], [1, 0])
  })

  it('given HTTPS_PROXY and proxy false, when a call is made, then it goes directly', async (t) => {
    const { proxy, options } = await start(t)
    setVariables(t, { HTTPS_PROXY: proxy.url })
    await failure(makeClient(t, { ...options, proxy: false }).get('/a'), 'ERR_LAYER1_DNS')
    assert.equal(proxy.asked.length, 0)
  })

  it('given HTTP_PROXY, when the API is https, then it is not for it', async (t) => {
    const { proxy, options } = await start(t)
    setVariables(t, { HTTP_PROXY: proxy.url })
    await failure(makeClient(t, options).get('/a'), 'ERR_LAYER1_DNS')
    assert.equal(proxy.asked.length, 0)
  })

  for (const name of ['NO_PROXY', 'no_proxy']) {
    for (const value of [
      host,
      'layer1-test.invalid',
      '.layer1-test.invalid',
      '*.layer1-test.invalid',
      `other.example, ${host}`,
      `other.example ${host.toUpperCase()}`,
      `${host}:443`,
      '*',
    ]) {
      it(`given ${name} ${value}, when a call is made, then it goes directly`, async (t) => {
        const { proxy, options } = await start(t)
        setVariables(t, { HTTPS_PROXY: proxy.url, [name]: value })
        await failure(makeClient(t, options).get('/a'), 'ERR_LAYER1_DNS')
        assert.equal(proxy.asked.length, 0)
      })
    }
  }

  it('given NO_PROXY for another host, when a call is made, then it goes through the proxy', async (t) => {
    const { proxy, options } = await start(t)
    setVariables(t, { HTTPS_PROXY: proxy.url, NO_PROXY: `other.example,test.invalid,10.0.0.0/8,${host}:8443,*${host}` })
    await makeClient(t, options).get('/a')
    assert.equal(proxy.asked.length, 1)
  })

  for (const name of ['127.0.0.1', 'localhost']) {
    it(`given a proxy, when the API is on ${name}, then it is reached directly`, async (t) => {
      const peer = await startPeer(t)
      const proxy = await startProxy(t, peer.port)
      setVariables(t, { HTTP_PROXY: proxy.url, http_proxy: proxy.url, HTTPS_PROXY: proxy.url })
      const baseUrl = `http://${name}:${peer.port}`
      assert.deepEqual(await makeClient(t, { ...peer.options, baseUrl }).get('/a'), { ok: true })
      assert.deepEqual(await makeClient(t, { ...peer.options, baseUrl, proxy: proxy.url }).get('/a'), { ok: true })
      assert.equal(proxy.asked.length, 0)
    })
  }
})

describe('a proxy that fails', suite, () => {
  for (const answer of [
    'HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n',
    'HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n',
    'HTTP/1.1 403 Forbidden\r\n\r\n',
    'SSH-2.0-OpenSSH_9.6\r\n',
    '',
  ]) {
    it(`given the answer ${JSON.stringify(answer)}, when a tunnel is asked for, then it is the proxy's fault`, async (t) => {
      const { options, api } = await start(t)
      const port = await startTcp(t, (socket) => void socket.once('data', () => socket.end(answer)))
      const client = makeClient(t, { ...options, proxy: `http://user:hunter2@127.0.0.1:${port}` })
      const error = await failure(client.get('/a'), 'ERR_LAYER1_PROXY')
      assert.deepEqual([error.name, error.endpoint], ['Layer1ConnectionError', 'api'])
      assert.deepEqual([typeof error.host, typeof error.port], ['string', 'number'])
      assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes('hunter2'))
      assert.equal(api.connections(), 0)
    })
  }

  it('given a proxy that is down, when a call is made, then it is the proxy, and not the host, that is down', async (t) => {
    const { options } = await start(t)
    const { host: dead, port } = await deadEnd(t)
    const client = makeClient(t, { ...options, proxy: `http://${dead}:${port}` })
    assert.match((await failure(client.get('/a'), 'ERR_LAYER1_PROXY')).message, /HTTPS_PROXY/)
  })

  it('given a proxy that does not answer, when the time is up, then the call waited for a connection', async (t) => {
    const { options } = await start(t)
    const port = await startTcp(t, () => {})
    const client = makeClient(t, { ...options, proxy: `http://127.0.0.1:${port}`, timeout: 400 })
    assert.equal((await failure(client.get('/a'), 'ERR_LAYER1_TIMEOUT')).phase, 'connect')
  })

  it('given a server behind it that is not trusted, when a call is made, then it is a TLS error', async (t) => {
    const { options, proxy, api } = await start(t)
    const { ca: _, ...rest } = options
    await failure(makeClient(t, { ...rest, proxy: proxy.url }).get('/a'), 'ERR_LAYER1_TLS')
    assert.equal(api.calls.length, 0)
  })
})
