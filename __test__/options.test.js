'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { inspect } = require('node:util')
const vm = require('node:vm')
const { Layer1, Layer1ConfigError } = require('layer1')
const { thrown } = require('./support/failures.js')
const { makeClient, startPeer } = require('./support/peer.js')

/** @typedef {import('layer1').Layer1Options} Options */

const credentials = { clientId: 'test-client', clientSecret: 'test-secret' }

/**
 * Gives the error of a client that cannot be made.
 *
 * @param {any} options
 */
function refusal(options) {
  const error = thrown(() => new Layer1(options))
  assert.ok(error instanceof Layer1ConfigError, String(error?.stack ?? error))
  assert.equal(error.code, 'ERR_LAYER1_CONFIG')
  assert.doesNotMatch(error.message, /\[object|undefined/)
  return error
}

const noStrings = ['', 7, 1n, true, {}, [], ['x'], () => 'x', Symbol('x'), new String('x'), Buffer.from('x'), '\ud800']
const noNumbers = ['7', 7n, true, {}, [7], () => 7, new Number(7), Symbol('7'), Number.NaN]
const noUrls = ['', 'nonsense', '/relative', 'api.example.com', 'https://', 'ftp://127.0.0.1', 'file:///a', 7, {}]

/** @type {Record<string, unknown[]>} */
const wrong = {
  clientId: noStrings,
  clientSecret: noStrings,
  environment: [...noStrings, 'staging', 'Sandbox', 'sandbox ', '__proto__', 'constructor', 'toString'],
  baseUrl: [...noUrls, 'https://api.example/?a=b', 'https://api.example/#a', 'https://user:pass@api.example'],
  tokenUrl: [...noUrls, 'https://api.example/#a', 'https://user:pass@api.example', 'https://user@api.example'],
  scope: [7, {}, [7], ['a', null], [['a']], Symbol('a'), 'a"b', 'a\\b', 'é', 'a\0', ['\ud800']],
  clientAuth: [...noStrings, 'client_secret_jwt', 'basic', 'CLIENT_SECRET_POST'],
  timeout: [...noNumbers, 0, -1, Number.NEGATIVE_INFINITY],
  connectTimeout: [...noNumbers, 0, -1, Number.NEGATIVE_INFINITY],
  maxRetries: [...noNumbers, -1, 1.5, Number.POSITIVE_INFINITY],
  maxConnections: [...noNumbers, 0, -1, 1.5, Number.POSITIVE_INFINITY, 1e9],
  maxResponseBytes: [...noNumbers, 0, -1, 1.5],
  ca: [7, {}, true, '', 'no PEM', Buffer.from('no PEM'), [7], ['no PEM', null], Symbol('a')],
  proxy: [true, 7, {}, '', 'socks5://127.0.0.1:1', 'ftp://127.0.0.1', 'http://', Symbol('a')],
  userAgent: [7, {}, '', 'a\r\nx: y', 'é', 'a\0', Symbol('a')],
  shareToken: ['true', 0, 1, {}, Symbol('a')],
  auth: [7, {}, 'OAUTH2', 'basic'],
  privateKey: [7, {}, true, '', [], ['x'], Symbol('x'), new Uint8Array(0), 'no key'],
  keyId: [...noStrings, 'é', 'a\nb', '\x7f'],
  cert: [7, {}, true, '', ['x'], Symbol('x'), Buffer.alloc(0), 'no PEM'],
  key: [7, {}, true, '', ['x'], Symbol('x'), Buffer.alloc(0), 'no PEM'],
}

describe('an option that is wrong', { timeout: 60_000 }, () => {
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      it(`given ${name} ${inspect(value)}, when a client is made, then it is refused by name`, () => {
        const { message } = refusal({ ...credentials, [name]: value })
        assert.match(message, new RegExp(`\\b${name}\\b`))
      })
    }
  }

  for (const [name, variable] of Object.entries({
    clientId: 'LAYER1_CLIENT_ID',
    clientSecret: 'LAYER1_CLIENT_SECRET',
    environment: 'LAYER1_ENVIRONMENT',
    baseUrl: 'LAYER1_BASE_URL',
    tokenUrl: 'LAYER1_TOKEN_URL',
    scope: 'LAYER1_SCOPE',
    auth: 'LAYER1_AUTH',
    privateKey: 'LAYER1_PRIVATE_KEY',
  })) {
    it(`given ${name}, when it is wrong, then the error names ${variable} too`, () => {
      assert.ok(refusal({ ...credentials, [name]: 7 }).message.includes(variable))
    })
  }

  for (const [name, value] of Object.entries({
    clientSecret: 'Hunter2\ud800',
    environment: 'Hunter2',
    baseUrl: 'http://user:Hunter2@api.example/Hunter2',
    tokenUrl: 'https://api.example/Hunter2#Hunter2',
    scope: 'Hunter2"',
    clientAuth: 'Hunter2',
    ca: 'Hunter2',
    proxy: 'socks5://user:Hunter2@127.0.0.1',
    userAgent: 'Hunter2é',
    headers: { 'x-a': 'Hunter2\n' },
    timeout: 'Hunter2',
    privateKey: 'Hunter2',
    keyId: 'Hunter2é',
    cert: 'Hunter2',
    key: 'Hunter2',
  })) {
    it(`given ${name}, when it is wrong, then no part of the error shows the value`, () => {
      const error = refusal({ ...credentials, [name]: value })
      assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes('Hunter2'), error.message)
    })
  }

  for (const name of /** @type {const} */ (['baseUrl', 'tokenUrl'])) {
    for (const url of [
      'http://api.example',
      'http://localhost.example',
      'http://127.0.0.1.example',
      'http://10.0.0.1',
      'http://0.0.0.0:80',
      'http://[::2]',
      'http://[::ffff:10.0.0.1]',
    ]) {
      it(`given the ${name} ${url}, when a client is made, then it has to be https`, () => {
        assert.match(refusal({ ...credentials, [name]: url }).message, /https/)
      })
    }

    for (const url of [
      'http://localhost:1',
      'http://LOCALHOST',
      'http://127.0.0.1',
      'http://127.9.8.7/a',
      'http://[::1]',
    ]) {
      it(`given the ${name} ${url}, when a client is made, then http is allowed: it is loopback`, (t) => {
        makeClient(t, { ...credentials, [name]: url })
      })
    }
  }
})

describe('an option that does not exist', { timeout: 60_000 }, () => {
  for (const [given, near] of Object.entries({
    clientid: 'clientId',
    client_secret: 'clientSecret',
    secret: 'clientSecret',
    baseURL: 'baseUrl',
    tokenEndpoint: 'tokenUrl',
    time_out: 'timeout',
    scopes: 'scope',
    retries: 'maxRetries',
    user_agent: 'userAgent',
    enviroment: 'environment',
  })) {
    it(`given ${given}, when a client is made, then the error names it, and ${near} among what there is`, () => {
      const { message } = refusal({ ...credentials, [given]: 'x' })
      assert.ok(message.includes(`"${given}"`) && message.includes(near), message)
    })
  }

  for (const [given, near] of Object.entries({ clientid: 'clientId', baseURL: 'baseUrl', scopes: 'scope' })) {
    it(`given ${given}, when a client is made, then the error asks whether ${near} was meant`, () => {
      assert.match(refusal({ ...credentials, [given]: 'x' }).message, new RegExp(`did you mean "${near}"`))
    })
  }

  it('given an option of no sense at all, when a client is made, then the error does not guess', () => {
    const { message } = refusal({ ...credentials, zzzzzzzzzzzz: 1 })
    assert.doesNotMatch(message, /did you mean/)
  })

  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    it(`given an own option ${name}, when a client is made, then it is as unknown as any`, () => {
      refusal({
        ...credentials,
        ...JSON.parse('{}'),
        ...Object.defineProperty({}, name, { value: 1, enumerable: true }),
      })
    })
  }

  for (const name of ['tokenStore', 'rejectUnauthorized', 'insecure']) {
    it(`given ${name}, when a client is made, then it is refused by name`, () => {
      assert.ok(refusal({ ...credentials, [name]: 'x' }).message.includes(name))
    })
  }
})

describe('the options as a whole', { timeout: 60_000 }, () => {
  for (const options of ['options', 7, true, Symbol('x'), [], [credentials], () => credentials]) {
    it(`given ${inspect(options)}, when a client is made, then it is refused`, () => {
      assert.match(refusal(options).message, /object/)
    })
  }

  for (const options of [undefined, null, {}]) {
    it(`given ${inspect(options)} and no variables, when a client is made, then clientId is missing, with its variable`, () => {
      assert.match(refusal(options).message, /clientId.*LAYER1_CLIENT_ID/)
    })
  }

  it('given only an id, when a client is made, then clientSecret is missing, with its variable', () => {
    assert.match(refusal({ clientId: 'a' }).message, /clientSecret.*LAYER1_CLIENT_SECRET/)
  })

  for (const absent of [undefined, null]) {
    it(`given ${absent} for everything that has a default, when a client is made, then the defaults count`, async (t) => {
      const peer = await startPeer(t)
      const options = Object.fromEntries(Object.keys({ ...wrong, headers: 1 }).map((name) => [name, absent]))
      const client = makeClient(t, /** @type {Options} */ ({ ...options, ...peer.options }))
      assert.deepEqual(await client.get('/a'), { ok: true })
    })
  }

  it('given a getter that throws, when a client is made, then it is a config error with its cause', () => {
    const cause = new Error('vault is sealed')
    const error = refusal({
      ...credentials,
      get scope() {
        throw cause
      },
    })
    assert.equal(error.cause, cause)
  })

  it('given a getter, when a client is made, then it is read once', (t) => {
    let reads = 0
    makeClient(t, {
      ...credentials,
      get scope() {
        reads += 1
        return 'a'
      },
    })
    assert.equal(reads, 1)
  })

  it('given options that are frozen or have no prototype, when a client is made, then they are taken', async (t) => {
    const peer = await startPeer(t)
    const options = Object.freeze(Object.assign(Object.create(null), peer.options))
    assert.ok(await makeClient(t, options).getToken())
  })

  it('given URL objects, when a client is made, then they are taken', async (t) => {
    const { options } = await startPeer(t)
    const urls = { baseUrl: new URL(options.baseUrl), tokenUrl: new URL(options.tokenUrl) }
    assert.deepEqual(await makeClient(t, { ...options, ...urls }).get('/a'), { ok: true })
  })

  it('given a bad option, when a client is made, then a good one can be made after it', async (t) => {
    const peer = await startPeer(t)
    refusal({ ...peer.options, timeout: 0 })
    assert.ok(await makeClient(t, peer.options).getToken())
  })

  it('given Layer1 called without new, when it is called, then there is a TypeError', () => {
    assert.ok(thrown(() => /** @type {any} */ (Layer1)(credentials)) instanceof TypeError)
  })

  it('given values of another realm, as test runners hand them in, when they are used, then they are taken', async (t) => {
    const peer = await startPeer(t)
    const foreign = vm.runInNewContext('({ scope: ["a"], headers: { "x-a": "b" } })')
    const client = makeClient(t, { ...peer.options, ...foreign })
    await client.get('/a', vm.runInNewContext('({ query: { at: new Date(0), type: ["x"] } })'))
    assert.equal(peer.calls[0]?.url, '/a?at=1970-01-01T00%3A00%3A00.000Z&type=x')
  })
})

describe('the two environments', { timeout: 60_000 }, () => {
  for (const [environment, { baseUrl, tokenUrl }] of Object.entries({
    sandbox: {
      baseUrl: 'https://api.sandbox.layer1.com',
      tokenUrl: 'https://auth.sandbox.layer1.com/auth/realms/bvnk/protocol/openid-connect/token',
    },
    production: {
      baseUrl: 'https://api.layer1.com',
      tokenUrl: 'https://auth.layer1.com/auth/realms/bvnk/protocol/openid-connect/token',
    },
  })) {
    it(`given ${environment}, when a client is printed, then it shows its two URLs`, (t) => {
      const client = makeClient(t, { ...credentials, environment: /** @type {'sandbox'} */ (environment) })
      const text = inspect(client)
      assert.ok(text.includes(`'${baseUrl}'`) && text.includes(`'${tokenUrl}'`), text)
    })
  }

  it('given no environment, when a client is made, then it is the sandbox', (t) => {
    assert.match(inspect(makeClient(t, credentials)), /api\.sandbox\.layer1\.com/)
  })

  it('given production and a tokenUrl, when a client is made, then only that URL is replaced', (t) => {
    const client = makeClient(t, { ...credentials, environment: 'production', tokenUrl: 'https://auth.example/token' })
    const text = inspect(client)
    assert.ok(text.includes('https://api.layer1.com') && text.includes('https://auth.example/token'), text)
  })
})
