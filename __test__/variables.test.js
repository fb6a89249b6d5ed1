'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { inspect } = require('node:util')
const { Layer1 } = require('layer1')
const { thrown } = require('./support/failures.js')
const { makeClient, startPeer } = require('./support/peer.js')
const { setVariables } = require('./support/variables.js')

/**
 * Starts a server, and sets the variables that lead to it.
 *
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string | undefined>} [more]
 */
async function peerByVariables(t, more = {}) {
  const peer = await startPeer(t)
  setVariables(t, {
    LAYER1_CLIENT_ID: 'id-of-variable',
    LAYER1_CLIENT_SECRET: 'secret-of-variable',
    LAYER1_BASE_URL: peer.options.baseUrl,
    LAYER1_TOKEN_URL: peer.options.tokenUrl,
    ...more,
  })
  return peer
}

/** @param {Awaited<ReturnType<typeof startPeer>>} peer */
const form = (peer) => new URLSearchParams(peer.tokenRequests[0]?.body)

describe('environment variables', { timeout: 60_000 }, () => {
  it('given all of them, when a client is made without options, then it works with them', async (t) => {
    const peer = await peerByVariables(t, { LAYER1_SCOPE: 'b a' })
    assert.deepEqual(await makeClient(t, {}).get('/a'), { ok: true })
    assert.deepEqual(Object.fromEntries(form(peer)), {
      grant_type: 'client_credentials',
      client_id: 'id-of-variable',
      client_secret: 'secret-of-variable',
      scope: 'a b',
    })
  })

  it('given all of them, when new Layer1() has no argument at all, then it works', async (t) => {
    await peerByVariables(t)
    const client = new Layer1()
    t.after(() => client.close())
    assert.equal(await client.getToken(), 'token-1')
  })

  it('given a variable and an option, when both are there, then the option wins', async (t) => {
    const peer = await peerByVariables(t, { LAYER1_SCOPE: 'of-variable' })
    await makeClient(t, { clientId: 'id-of-option', scope: 'of-option' }).getToken()
    assert.deepEqual([form(peer).get('client_id'), form(peer).get('scope')], ['id-of-option', 'of-option'])
    assert.equal(form(peer).get('client_secret'), 'secret-of-variable')
  })

  for (const absent of [undefined, null]) {
    it(`given a variable, when its option is ${absent}, then the variable counts`, async (t) => {
      const peer = await peerByVariables(t)
      await makeClient(t, /** @type {any} */ ({ clientId: absent })).getToken()
      assert.equal(form(peer).get('client_id'), 'id-of-variable')
    })
  }

  it('given an empty scope as option, when a variable has one, then the option wins: none is sent', async (t) => {
    const peer = await peerByVariables(t, { LAYER1_SCOPE: 'of-variable' })
    await makeClient(t, { scope: [] }).getToken()
    assert.equal(form(peer).has('scope'), false)
  })

  it('given variables, when they change after the client was made, then it does not notice', async (t) => {
    const peer = await peerByVariables(t)
    const client = makeClient(t, {})
    setVariables(t, {
      LAYER1_CLIENT_ID: 'another',
      LAYER1_CLIENT_SECRET: undefined,
      LAYER1_BASE_URL: 'https://evil.example',
      LAYER1_TOKEN_URL: 'https://evil.example/token',
    })
    assert.deepEqual(await client.get('/a'), { ok: true })
    assert.equal(form(peer).get('client_id'), 'id-of-variable')
  })

  for (const name of ['LAYER1_ENVIRONMENT', 'LAYER1_SCOPE', 'LAYER1_AUTH', 'HTTPS_PROXY', 'NODE_EXTRA_CA_CERTS']) {
    it(`given an empty ${name}, when a client is made, then it counts as unset`, async (t) => {
      const peer = await peerByVariables(t, { [name]: '' })
      await makeClient(t, {}).getToken()
      assert.equal(form(peer).has('scope'), false)
    })
  }

  for (const name of ['LAYER1_BASE_URL', 'LAYER1_TOKEN_URL']) {
    it(`given an empty ${name}, when a client is made, then the preset counts`, (t) => {
      setVariables(t, { LAYER1_CLIENT_ID: 'a', LAYER1_CLIENT_SECRET: 'b', [name]: '' })
      assert.match(inspect(makeClient(t, {})), /api\.sandbox\.layer1\.com[\s\S]*auth\.sandbox\.layer1\.com/)
    })
  }

  for (const name of ['LAYER1_CLIENT_ID', 'LAYER1_CLIENT_SECRET']) {
    it(`given an empty ${name}, when a client is made, then it is missing, by name`, (t) => {
      setVariables(t, { LAYER1_CLIENT_ID: 'a', LAYER1_CLIENT_SECRET: 'b', [name]: '' })
      const error = thrown(() => new Layer1())
      assert.equal(error.code, 'ERR_LAYER1_CONFIG')
      assert.ok(error.message.includes(name), error.message)
    })
  }

  it('given LAYER1_ENVIRONMENT production, when a client is made, then it has those URLs', (t) => {
    setVariables(t, { LAYER1_CLIENT_ID: 'a', LAYER1_CLIENT_SECRET: 'b', LAYER1_ENVIRONMENT: 'production' })
    assert.match(inspect(makeClient(t, {})), /https:\/\/api\.layer1\.com/)
  })

  it('given LAYER1_ENVIRONMENT production, when the option says sandbox, then the option wins', (t) => {
    setVariables(t, { LAYER1_CLIENT_ID: 'a', LAYER1_CLIENT_SECRET: 'b', LAYER1_ENVIRONMENT: 'production' })
    assert.match(inspect(makeClient(t, { environment: 'sandbox' })), /https:\/\/api\.sandbox\.layer1\.com/)
  })

  for (const [name, value] of Object.entries({
    LAYER1_ENVIRONMENT: 'hunter2',
    LAYER1_BASE_URL: 'http://hunter2.example',
    LAYER1_TOKEN_URL: 'hunter2',
    LAYER1_SCOPE: 'hunter2"',
    LAYER1_AUTH: 'hunter2',
    HTTPS_PROXY: 'socks5://hunter2:1',
  })) {
    it(`given ${name} with a wrong value, when a client is made, then it is refused by name, without the value`, (t) => {
      setVariables(t, { LAYER1_CLIENT_ID: 'a', LAYER1_CLIENT_SECRET: 'b', [name]: value })
      const error = thrown(() => new Layer1())
      assert.equal(error.code, 'ERR_LAYER1_CONFIG')
      assert.ok(error.message.includes(name), error.message)
      assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes('hunter2'))
    })
  }

  it('given a wrong variable, when its option is good, then the variable is not looked at', (t) => {
    setVariables(t, { LAYER1_ENVIRONMENT: 'nonsense', LAYER1_BASE_URL: 'nonsense' })
    makeClient(t, {
      clientId: 'a',
      clientSecret: 'b',
      environment: 'production',
      baseUrl: 'https://api.example',
    })
  })
})
