'use strict'
// TLS, authorities and proxies, as the doctor sees them.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { tmpdir } = require('node:os')
const { after, before, describe, it } = require('node:test')
const { Layer1 } = require('layer1')
const { findProxy, isProxied } = require('../bin/doctor/proxy.js')
const { Authority, skip } = require('./support/certificates.js')
const { variables } = require('./support/command-line.js')
const { startProxy } = require('./support/connect-proxy.js')
const { examine } = require('./support/doctor.js')
const namespace = require('./support/namespace.js')
const { deadEnd, startPeer, startTcp } = require('./support/peer.js')
const { setVariables } = require('./support/variables.js')

/** @typedef {import('node:test').TestContext} TestContext */

describe('given layer1 doctor and a server with TLS', { skip }, () => {
  /** @type {InstanceType<typeof Authority>} */
  let authority
  /** @type {string} */
  let roots
  before(() => {
    authority = new Authority('Authority of the doctor')
    roots = authority.file('roots.pem', authority.cert)
  })
  after(() => Authority.remove())

  /**
   * @param {TestContext} t
   * @param {Parameters<InstanceType<typeof Authority>['sign']>[1]} [how]
   * @param {string} [name]
   */
  async function serve(t, how, name = 'IP:127.0.0.1') {
    const peer = await startPeer(t, { tls: authority.sign([name], how) })
    return { peer, env: variables(peer.options) }
  }

  it('when its authority is named, then all is ok, with names, issuer and end of its certificate', async (t) => {
    const { env } = await serve(t)
    const { troubles, of } = await examine({ ...env, NODE_EXTRA_CA_CERTS: roots })
    assert.deepEqual(troubles(), [])
    assert.match(of('ca').seen, /1 of NODE_EXTRA_CA_CERTS/)
    assert.match(
      of('tls').seen,
      /^TLSv1\.3 .*IP Address:127\.0\.0\.1, issued by Authority of the doctor, good for \d+ more/,
    )
  })

  it('when its certificate ends within days, then it warns, and all is tried', async (t) => {
    const { env } = await serve(t, { days: 5 })
    const { troubles, of } = await examine({ ...env, NODE_EXTRA_CA_CERTS: roots })
    assert.deepEqual(troubles(), ['tls warning'])
    assert.match(of('tls').seen, /good for [45] more days/)
  })

  const untried = ['clock not tried', 'token not tried', 'api not tried']
  for (const [what, isNamed, name, how, seen, mend] of /** @type {any[]} */ ([
    ['its authority is unknown', false, 'IP:127.0.0.1', {}, /issued by Authority of the doctor/, /NODE_EXTRA_CA_CERTS/],
    [
      'its certificate is for another name',
      true,
      'DNS:localhost',
      {},
      /ALTNAME_INVALID.*DNS:localhost/,
      /host in the URL/,
    ],
    ['its certificate has ended', true, 'IP:127.0.0.1', { hasExpired: true }, /CERT_HAS_EXPIRED.*ended \d+ d/, /clock/],
    ['its certificate has not begun', true, 'IP:127.0.0.1', { isEarly: true }, /CERT_NOT_YET_VALID/, /clock/],
  ])) {
    it(`when ${what}, then tls fails and nothing is sent`, async (t) => {
      const { peer, env } = await serve(t, how, name)
      const { troubles, of } = await examine({ ...env, ...(isNamed && { NODE_EXTRA_CA_CERTS: roots }) })
      assert.deepEqual(troubles(), ['tls failed', ...untried])
      assert.match(of('tls').seen, seen)
      assert.match(String(of('tls').mend), mend)
      assert.deepEqual([peer.calls.length, peer.tokenRequests.length], [0, 0])
    })
  }

  it('when NODE_TLS_REJECT_UNAUTHORIZED is set, then it says that it is ignored, and tls fails all the same', async (t) => {
    const { env } = await serve(t)
    const { troubles, of } = await examine({ ...env, NODE_TLS_REJECT_UNAUTHORIZED: '0' })
    assert.deepEqual(troubles(), ['ca warning', 'tls failed', ...untried])
    assert.match(of('ca').seen, /NODE_TLS_REJECT_UNAUTHORIZED is ignored/)
  })

  for (const [what, file, seen] of /** @type {[string, () => string, RegExp][]} */ ([
    ['names a file that is not there', () => `${roots}.missing`, /is ignored: there is no such file/],
    ['names a directory', () => tmpdir(), /is ignored: it is a directory/],
    [
      'names a file without certificates',
      () => authority.file('none.pem', 'none'),
      /is ignored: it holds no certificate/,
    ],
    [
      'names a file that was damaged',
      () => authority.file('damaged.pem', authority.cert.replace(/\n\w{4}/, '\n!!!!')),
      /is ignored: .*no readable certificate/,
    ],
  ])) {
    it(`when NODE_EXTRA_CA_CERTS ${what}, then it warns, and tls fails for it`, async (t) => {
      const { env } = await serve(t)
      const { troubles, of } = await examine({ ...env, NODE_EXTRA_CA_CERTS: file() })
      assert.deepEqual(troubles(), ['ca warning', 'tls failed', ...untried])
      assert.match(of('ca').seen, seen)
      assert.match(String(of('ca').mend), /PEM file/)
    })
  }

  it('when the server speaks no TLS, then tls fails with what to check', async (t) => {
    const peer = await startPeer(t)
    const origin = peer.origin.replace('http:', 'https:')
    const env = { ...variables(peer.options), LAYER1_BASE_URL: origin, LAYER1_TOKEN_URL: `${origin}/token` }
    const { troubles, of } = await examine(env)
    assert.deepEqual(troubles(), ['tls failed', ...untried])
    assert.match(String(of('tls').mend), /https server/)
  })

  it('when the server takes connections and is silent, then tls fails after --timeout', async (t) => {
    const origin = `https://127.0.0.1:${await startTcp(t, () => {})}`
    const env = { LAYER1_CLIENT_ID: 'a', LAYER1_CLIENT_SECRET: 'any-secret', LAYER1_BASE_URL: origin }
    const { of } = await examine({ ...env, LAYER1_TOKEN_URL: `${origin}/token` }, { args: ['--timeout=200'] })
    assert.match(of('tls').seen, /nobody answered within 200 ms/)
  })

  it('when a proxy leads there, then its calls are what is judged, the clock too, and its password is not shown', async (t) => {
    const { peer } = await serve(t, {}, 'DNS:layer1.test')
    const proxy = await startProxy(t, peer.port, { credentials: 'user:pass-of-proxy' })
    const origin = `https://layer1.test:${peer.port}`
    const env = {
      ...variables(peer.options),
      LAYER1_BASE_URL: origin,
      LAYER1_TOKEN_URL: `${origin}${new URL(peer.options.tokenUrl).pathname}`,
      HTTPS_PROXY: proxy.url.replace('://', '://user:pass-of-proxy@'),
      NODE_EXTRA_CA_CERTS: roots,
    }
    const { findings, troubles, of } = await examine(env, { secrets: ['pass-of-proxy'] })
    assert.deepEqual(
      troubles(),
      ['dns', 'tcp', 'tls', 'clock'].map((check) => `${check} not tried`),
    )
    assert.match(of('proxy').seen, /with credentials\) takes connections, for layer1\.test:\d+/)
    assert.match(of('dns').seen, /through the proxy/)
    assert.deepEqual(
      findings.slice(-3).map(({ check, status }) => `${check} ${status}`),
      ['token ok', 'api ok', 'clock ok'],
    )
  })

  it('when the proxy refuses, then the token fails, and says what to check', async (t) => {
    const proxy = await startProxy(t, 1, { credentials: 'user:pass-of-proxy' })
    const origin = 'https://layer1.test'
    const env = { LAYER1_CLIENT_ID: 'a', LAYER1_CLIENT_SECRET: 'any-secret', LAYER1_BASE_URL: origin }
    const { of } = await examine({ ...env, LAYER1_TOKEN_URL: `${origin}/token`, HTTPS_PROXY: proxy.url })
    assert.equal(of('token').status, 'failed')
    assert.match(String(of('token').mend), /HTTPS_PROXY, its credentials/)
  })
})

describe('given layer1 doctor and name servers', { skip: namespace.skip }, () => {
  it('when none answers, then dns says that, and not that there is no such name', async () => {
    const launcher = namespace.launcher({ resolver: 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' })
    const { of } = await examine({ LAYER1_CLIENT_ID: 'a', LAYER1_CLIENT_SECRET: 'any-secret' }, { launcher })
    assert.match(of('dns', 'api.sandbox.layer1.com:443').seen, /does not resolve: no name server answered/)
    assert.equal(of('token').status, 'not tried')
  })
})

describe('given layer1 doctor and a proxy', () => {
  it('when nothing listens there, then the proxy fails, and no call is tried', async (t) => {
    const { host, port } = await deadEnd(t)
    const origin = 'https://layer1.test'
    const env = { LAYER1_CLIENT_ID: 'a', LAYER1_CLIENT_SECRET: 'any-secret', LAYER1_BASE_URL: origin }
    const { of } = await examine({ ...env, LAYER1_TOKEN_URL: `${origin}/token`, HTTPS_PROXY: `http://${host}:${port}` })
    assert.equal(of('proxy').status, 'failed')
    assert.match(of('token').seen, /the proxy check failed/)
    assert.equal(of('api').status, 'not tried')
  })

  it('when it is for other hosts, then it says that it is not used', async (t) => {
    const peer = await startPeer(t)
    const { host, port } = await deadEnd(t)
    const { troubles, of } = await examine({ ...variables(peer.options), https_proxy: `${host}:${port}` })
    assert.deepEqual(troubles(), [])
    assert.match(of('proxy').seen, /for none of the hosts/)
  })

  /** @type {[url: string, noProxy: string, isProxied: boolean][]} */
  const cases = [
    ['https://api.layer1.test/', '', true],
    ['https://api.layer1.test/', 'other.test', true],
    ['https://api.layer1.test/', 'yer1.test', true],
    ['https://api.layer1.test/', 'a.test, LAYER1.test', false],
    ['https://api.layer1.test/', '.layer1.test', false],
    ['https://layer1.test/', '.layer1.test', false],
    ['https://api.layer1.test/', '*.layer1.test', false],
    ['https://api.layer1.test/', '*', false],
    ['https://api.layer1.test/', 'api.layer1.test:443', false],
    ['https://api.layer1.test/', 'api.layer1.test:8443', true],
    ['https://192.0.2.1/', '192.0.2.1', false],
    ['https://192.0.2.1/', '192.0.2.0/24', false],
    ['https://192.0.2.1/', '198.51.100.0/24', true],
    ['https://192.0.2.1/', '192.0.2.0/99', true],
    ['https://[2001:db8::1]/', '2001:db8::/32', false],
    ['https://[2001:db8::1]/', '[2001:db8::1]:443', false],
    ['https://[2001:db8::1]/', '192.0.2.1', true],
    ['https://localhost/', '', false],
    ['https://127.8.9.1/', '', false],
  ]
  it('when NO_PROXY has any of its forms, then doctor and client go the same way', async (t) => {
    const ways = cases.map(async ([url, noProxy]) => {
      const proxy = await startProxy(t, 1)
      const environment = { HTTPS_PROXY: proxy.url, NO_PROXY: noProxy }
      setVariables(t, environment)
      const client = new Layer1({
        clientId: 'a',
        clientSecret: 'any-secret',
        tokenUrl: `${url}token`,
        baseUrl: url,
        connectTimeout: 1500,
        timeout: 2000,
        shareToken: false,
      })
      t.after(() => client.close())
      await assert.rejects(client.getToken())
      return [url, noProxy, proxy.asked.length > 0, isProxied(findProxy(environment), new URL(url))]
    })
    assert.deepEqual(
      await Promise.all(ways),
      cases.map(([url, noProxy, expected]) => [url, noProxy, expected, expected]),
    )
  })
})
