'use strict'
// private_key_jwt at the sandbox's token endpoint: assertions that share no code with the client, and the client.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { createPublicKey } = require('node:crypto')
const { describe, it } = require('node:test')
const { startSandbox } = require('layer1/sandbox')
const { clients } = require('../scripts/keycloak/realm.js')
const { assertionAnswers } = require('./support/assertion-answers.js')
const { assertionRequests } = require('./support/assertion-requests.js')
const { ASSERTION_TYPE, makeAssertion } = require('./support/assertions.js')
const { failure } = require('./support/failures.js')
const { PRIVATE_KEY, PUBLIC_KEY, newKey } = require('./support/keys.js')
const { makeClient } = require('./support/peer.js')
const { sendTokenRequest } = require('./support/token-requests.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('layer1/sandbox').SandboxOptions} SandboxOptions */

const suite = { timeout: 60_000 }
const stranger = newKey()
const own = {
  clientId: 'layer1-sandbox',
  privateKey: PRIVATE_KEY,
  clientAuth: /** @type {const} */ ('private_key_jwt'),
}

/**
 * @param {TestContext} t
 * @param {SandboxOptions} [options]
 */
async function start(t, options) {
  const sandbox = await startSandbox({ publicKey: PUBLIC_KEY, ...options })
  t.after(() => sandbox.close())
  const { baseUrl, tokenUrl } = sandbox
  return { sandbox, urls: { baseUrl, tokenUrl } }
}

/** @param {string} tokenUrl @param {string} assertion */
function grant(tokenUrl, assertion) {
  const form = { grant_type: 'client_credentials', client_assertion_type: ASSERTION_TYPE, client_assertion: assertion }
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return sendTokenRequest(tokenUrl, { method: 'POST', headers, body: new URLSearchParams(form).toString() })
}

describe('given token requests with assertions, and what Keycloak answered to each', suite, () => {
  const answers = new Map(
    Object.entries(assertionAnswers).flatMap(([said, names]) => names.map((name) => [name, said])),
  )

  for (const { name, request } of assertionRequests) {
    it(`when one is sent to the sandbox (${name}), then it answers the same`, async (t) => {
      const keyed = { clientId: 'keyed', publicKey: PUBLIC_KEY }
      const disabled = { clientId: 'disabled', publicKey: PUBLIC_KEY, enabled: false }
      const optionalScopes = ['exports:create']
      const known = [clients.service, { ...keyed, optionalScopes }, disabled]
      const { sandbox } = await start(t, { publicKey: undefined, clients: known })
      const [mine, other] = [keyed, disabled].map(({ clientId }) => ({ clientId, privateKey: PRIVATE_KEY }))
      const { issuer, tokenUrl } = sandbox
      if (!mine || !other) assert.fail()
      const target = { issuer, tokenUrl, keyed: mine, disabled: other, stranger, service: clients.service }
      const [first, second] = [request(target)].flat()
      const once = await sendTokenRequest(tokenUrl, first ?? assert.fail())
      const last = second ? await sendTokenRequest(tokenUrl, second) : once
      const { status, error, description, headers } = last
      assert.equal(status === 200 ? 'granted' : `${status} ${error}: ${description}`, answers.get(name))
      assert.equal(headers['cache-control'], 'no-store')
    })
  }

  it('when they are counted, then each has an answer', () => {
    assert.deepEqual([...answers.keys()].toSorted(), assertionRequests.map(({ name }) => name).toSorted())
  })
})

describe('given a sandbox that knows a public key', suite, () => {
  it('when an assertion is as old as the clock of the sandbox allows, then that clock counts', async (t) => {
    const now = 1_800_000_000
    const { sandbox } = await start(t, { now: () => now * 1000 })
    const made = (/** @type {number} */ at) => makeAssertion({ ...own, audience: sandbox.issuer, now: at })
    assert.equal((await grant(sandbox.tokenUrl, made(now - 59))).status, 200)
    assert.equal((await grant(sandbox.tokenUrl, made(now - 61))).description, 'Token is not active')
    assert.equal((await grant(sandbox.tokenUrl, made(now + 16))).description, 'Token was issued in the future')
  })

  it('when an assertion comes again at any moment of its life, then it is refused, though thousands came between', async (t) => {
    let now = 1_800_000_000_000
    const { sandbox } = await start(t, { now: () => now })
    const made = () => makeAssertion({ ...own, audience: sandbox.issuer, now: now / 1000 })
    const first = made()
    assert.equal((await grant(sandbox.tokenUrl, first)).status, 200)
    for (let index = 0; index < 1_100; index++) await grant(sandbox.tokenUrl, made())
    now += 59_000
    assert.equal((await grant(sandbox.tokenUrl, made())).status, 200)
    assert.equal((await grant(sandbox.tokenUrl, first)).description, 'Token reuse detected')
  })

  it('when it is asked how clients may authenticate, then private_key_jwt with RS256 is among that', async (t) => {
    const { sandbox } = await start(t)
    const response = await fetch(`${sandbox.issuer}/.well-known/openid-configuration`)
    const configuration = /** @type {any} */ (await response.json())
    assert.ok(configuration.token_endpoint_auth_methods_supported.includes('private_key_jwt'))
    assert.deepEqual(configuration.token_endpoint_auth_signing_alg_values_supported, ['RS256'])
  })

  it('when a token is revoked with an assertion, then the API takes it no more', async (t) => {
    const { sandbox } = await start(t)
    const made = () => makeAssertion({ ...own, audience: sandbox.issuer })
    const token = JSON.parse((await grant(sandbox.tokenUrl, made())).text).access_token
    const form = { client_assertion_type: ASSERTION_TYPE, client_assertion: made(), token }
    const url = sandbox.tokenUrl.replace(/token$/, 'revoke')
    assert.equal((await fetch(url, { method: 'POST', body: new URLSearchParams(form) })).status, 200)
    const headers = { authorization: `Bearer ${token}` }
    assert.equal((await fetch(`${sandbox.baseUrl}/digital/v1/networks`, { headers })).status, 401)
  })

  it('when the log of requests is looked at, then it has no assertion', async (t) => {
    const { sandbox, urls } = await start(t)
    await makeClient(t, { ...own, ...urls }).getToken()
    assert.equal(sandbox.requests.length, 1)
    assert.deepEqual(
      [sandbox.requests[0]?.grantType, sandbox.requests[0]?.clientId],
      ['client_credentials', own.clientId],
    )
    assert.doesNotMatch(JSON.stringify(sandbox.requests), /eyJ/)
  })
})

describe('given a client with private_key_jwt, and a sandbox', suite, () => {
  it('when it calls, then its token is granted by its key alone, and the API takes it', async (t) => {
    const { sandbox, urls } = await start(t, {
      publicKey: undefined,
      clients: [{ clientId: 'keyed', publicKey: PUBLIC_KEY }],
    })
    const client = makeClient(t, { ...own, ...urls, clientId: 'keyed' })
    await client.get('/digital/v1/networks')
    assert.deepEqual(
      sandbox.requests.map(({ endpoint, status }) => [endpoint, status]),
      [
        ['token', 200],
        ['api', 200],
      ],
    )
  })

  it('when it asks again and again, then each assertion is a new one, and is taken', async (t) => {
    const { sandbox, urls } = await start(t)
    const client = makeClient(t, { ...own, ...urls })
    for (let count = 0; count < 5; count++) await client.getToken({ forceRefresh: true })
    assert.deepEqual(
      sandbox.requests.map(({ status }) => status),
      [200, 200, 200, 200, 200],
    )
  })

  it('when the sandbox demands both, then one key does for token and signature', async (t) => {
    const { urls } = await start(t, { auth: 'both' })
    const client = makeClient(t, { ...own, ...urls, auth: 'both' })
    await client.get('/digital/v1/addresses', { query: { pageSize: 2 } })
  })

  it('when its key is another, then it is refused, and the error says to look at the key and the clock', async (t) => {
    const { urls } = await start(t)
    const error = await failure(makeClient(t, { ...own, ...urls, privateKey: stranger }).getToken(), 'ERR_LAYER1_AUTH')
    assert.deepEqual([error.status, error.oauthError, error.retryable], [400, 'invalid_client', false])
    assert.match(error.message, /Signature on JWT token failed validation.*privateKey \(LAYER1_PRIVATE_KEY\).*clock/)
  })

  it("when the clock of the sandbox is another, then the refusal is Keycloak's, and tells of time", async (t) => {
    for (const [apart, said] of /** @type {[number, RegExp][]} */ ([
      [120_000, /Token is not active/],
      [-120_000, /Token was issued in the future/],
    ])) {
      const { urls } = await start(t, { now: () => Date.now() + apart })
      const error = await failure(makeClient(t, { ...own, ...urls }).getToken(), 'ERR_LAYER1_AUTH')
      assert.match(error.message, said)
    }
  })

  it('when its key is rotated, then the next token is asked for with the new one', async (t) => {
    const { sandbox, urls } = await start(t, {
      clients: [{ clientId: 'second', publicKey: createPublicKey(stranger) }],
    })
    const client = makeClient(t, { ...own, ...urls })
    await client.get('/digital/v1/networks')
    client.setCredentials({ clientId: 'second', privateKey: stranger })
    await client.get('/digital/v1/networks')
    const grants = sandbox.requests.filter(({ endpoint }) => endpoint === 'token')
    assert.deepEqual(
      grants.map(({ clientId, status }) => [clientId, status]),
      [
        [own.clientId, 200],
        ['second', 200],
      ],
    )
  })
})
