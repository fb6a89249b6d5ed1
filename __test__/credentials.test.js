'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { startSandbox } = require('layer1/sandbox')
const { failure } = require('./support/failures.js')
const { CLIENT_ID, CLIENT_SECRET, makeClient, startPeer } = require('./support/peer.js')

// Every character that form encoding changes, and one outside ASCII.
const ODD_ID = 'id:% + é'
const ODD_SECRET = 'secret:% + é&=ü'

/**
 * Asks for a token, and gives the request that came.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('layer1').Layer1Options} options
 */
async function tokenRequest(t, options) {
  const peer = await startPeer(t)
  await makeClient(t, { ...peer.options, ...options }).getToken()
  const [request] = peer.tokenRequests
  assert.ok(request)
  return { ...request, form: new URLSearchParams(request.body) }
}

describe('the token request', { timeout: 60_000 }, () => {
  it('given client_secret_post, when a token is asked for, then it is one form with the credentials, and nothing else', async (t) => {
    const { method, headers, form } = await tokenRequest(t, {})
    assert.equal(method, 'POST')
    assert.equal(headers['content-type'], 'application/x-www-form-urlencoded')
    assert.equal(headers.authorization, undefined)
    assert.deepEqual(Object.fromEntries(form), {
      grant_type: 'client_credentials',
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
    })
    assert.equal([...form].length, 3)
  })

  it('given odd credentials, when they are posted, then the form decodes to them', async (t) => {
    const { form } = await tokenRequest(t, { clientId: ODD_ID, clientSecret: ODD_SECRET })
    assert.deepEqual([form.get('client_id'), form.get('client_secret')], [ODD_ID, ODD_SECRET])
  })

  it('given client_secret_basic, when a token is asked for, then the header form-decodes to the credentials', async (t) => {
    const { headers } = await tokenRequest(t, {
      clientAuth: 'client_secret_basic',
      clientId: ODD_ID,
      clientSecret: ODD_SECRET,
    })
    const [scheme, encoded] = String(headers.authorization).split(' ')
    assert.equal(scheme, 'Basic')
    const parts = Buffer.from(String(encoded), 'base64').toString('latin1').split(':')
    const decoded = parts.map((part) => new URLSearchParams(`part=${part}`).get('part'))
    assert.deepEqual(decoded, [ODD_ID, ODD_SECRET])
  })

  it('given client_secret_basic, when a token is asked for, then the form holds no credentials', async (t) => {
    const { form } = await tokenRequest(t, { clientAuth: 'client_secret_basic' })
    assert.deepEqual(Object.fromEntries(form), { grant_type: 'client_credentials' })
  })

  for (const clientAuth of /** @type {const} */ (['client_secret_post', 'client_secret_basic'])) {
    it(`given odd credentials and ${clientAuth}, when the sandbox checks them, then it grants a token`, async (t) => {
      const sandbox = await startSandbox({ clientId: ODD_ID, clientSecret: ODD_SECRET })
      t.after(() => sandbox.close())
      const client = makeClient(t, { ...sandbox.options, clientAuth })
      assert.ok(await client.get('/api/v1/asset-pools'))
    })
  }

  it('given headers for API calls, when a token is asked for, then its request has none of them', async (t) => {
    const { headers } = await tokenRequest(t, { headers: { 'x-tenant': 'a', cookie: 'b=c' } })
    assert.deepEqual([headers['x-tenant'], headers.cookie], [undefined, undefined])
  })

  it('given a tokenUrl with a query, when a token is asked for, then the query is sent along', async (t) => {
    const peer = await startPeer(t)
    await makeClient(t, { ...peer.options, tokenUrl: `${peer.options.tokenUrl}?tenant=a%20b` }).getToken()
    assert.ok(peer.tokenRequests[0]?.url.endsWith('/token?tenant=a%20b'))
  })
})

describe('scope', { timeout: 60_000 }, () => {
  it('given no scope, when a token is asked for, then none is sent', async (t) => {
    assert.equal((await tokenRequest(t, {})).form.has('scope'), false)
  })

  for (const { given, sent } of [
    { given: 'b a b  a', sent: 'a b' },
    { given: ['b', 'a', 'b'], sent: 'a b' },
    { given: ['c a', 'b'], sent: 'a b c' },
    { given: ['tenants:view'], sent: 'tenants:view' },
  ]) {
    it(`given scope ${JSON.stringify(given)}, when a token is asked for, then "${sent}" is sent`, async (t) => {
      assert.deepEqual((await tokenRequest(t, { scope: given })).form.getAll('scope'), [sent])
    })
  }

  for (const scope of [[], '', '  ', ['']]) {
    it(`given scope ${JSON.stringify(scope)}, when a token is asked for, then none is sent`, async (t) => {
      assert.equal((await tokenRequest(t, { scope })).form.has('scope'), false)
    })
  }

  it('given an array of scopes, when it is changed later, then the client does not notice', async (t) => {
    const peer = await startPeer(t)
    const scope = ['a']
    const client = makeClient(t, { ...peer.options, scope })
    scope.push('b')
    await client.getToken()
    assert.match(String(peer.tokenRequests[0]?.body), /scope=a(&|$)/)
  })
})

describe('refused credentials', { timeout: 60_000 }, () => {
  it('given a wrong secret, when a call is made, then the error has the words of Keycloak and says what to check', async (t) => {
    const sandbox = await startSandbox()
    t.after(() => sandbox.close())
    const client = makeClient(t, { ...sandbox.options, clientSecret: 'wrong' })
    const error = await failure(client.get('/api/v1/asset-pools'), 'ERR_LAYER1_AUTH')
    assert.equal(error.status, 401)
    assert.equal(error.oauthError, 'unauthorized_client')
    assert.equal(error.oauthErrorDescription, 'Invalid client or Invalid client credentials')
    assert.deepEqual([error.endpoint, error.retryable], ['token', false])
    assert.match(error.message, /LAYER1_CLIENT_ID and LAYER1_CLIENT_SECRET/)
  })

  it('given a scope that is not to be had, when a token is asked for, then the error says so', async (t) => {
    const sandbox = await startSandbox()
    t.after(() => sandbox.close())
    const client = makeClient(t, { ...sandbox.options, scope: 'moon:walk' })
    const error = await failure(client.getToken(), 'ERR_LAYER1_AUTH')
    assert.deepEqual([error.status, error.oauthError], [400, 'invalid_scope'])
    assert.match(error.message, /scope/)
  })

  it('given a refusal, when the API would have been called, then it is not', async (t) => {
    const sandbox = await startSandbox()
    t.after(() => sandbox.close())
    const client = makeClient(t, { ...sandbox.options, clientSecret: 'wrong' })
    await failure(client.get('/api/v1/asset-pools'), 'ERR_LAYER1_AUTH')
    assert.deepEqual(
      sandbox.requests.filter(({ endpoint }) => endpoint === 'api'),
      [],
    )
  })
})
