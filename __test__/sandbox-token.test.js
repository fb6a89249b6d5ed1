'use strict'

const assert = require('node:assert/strict')
const { createPublicKey, verify } = require('node:crypto')
const { describe, it } = require('node:test')
const { startSandbox } = require('../lib/sandbox')

/** @typedef {import('../lib/sandbox').SandboxOptions} SandboxOptions */
/** @typedef {Record<string, string> | [name: string, value: string][] | string} Form */

const SECRET = 'right-secret'
const REFUSED = 'Invalid client or Invalid client credentials'
const GRANT = { grant_type: 'client_credentials' }
const RIGHT = { client_id: 'alice', client_secret: SECRET }

/** @type {SandboxOptions} */
const CLIENTS = {
  clientId: 'alice',
  clientSecret: SECRET,
  clients: [
    {
      clientId: 'alice',
      clientSecret: SECRET,
      scopes: ['tenants:view', 'networks:view'],
      optionalScopes: ['moon:walk'],
    },
    { clientId: 'odd id:%+é', clientSecret: 'odd secret:%+é&=', scopes: ['tenants:view'] },
    { clientId: 'disabled', clientSecret: SECRET, enabled: false },
    { clientId: 'no service account', clientSecret: SECRET, serviceAccountsEnabled: false },
    { clientId: 'public', publicClient: true },
    { clientId: 'short', clientSecret: SECRET, tokenLifetime: 7 },
  ],
}

/**
 * @param {import('node:test').TestContext} t
 * @param {SandboxOptions} [options]
 */
async function start(t, options = CLIENTS) {
  const sandbox = await startSandbox(options)
  t.after(() => sandbox.close())
  return sandbox
}

/**
 * @param {string} url
 * @param {Form} form
 * @param {Record<string, string>} [headers]
 */
async function post(url, form, headers = {}) {
  const body = typeof form === 'string' ? form : new URLSearchParams(form).toString()
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  const response = await fetch(url, { method: 'POST', headers: { ...type, ...headers }, body })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: text === '' ? {} : JSON.parse(text) }
}

/**
 * @param {string} url
 * @returns {Promise<any>}
 */
async function getJson(url) {
  return (await fetch(url)).json()
}

/**
 * @param {string} clientId
 * @param {string} clientSecret
 */
function basic(clientId, clientSecret) {
  return { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` }
}

/** @param {string} token */
function claimsOf(token) {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

/** @type {[given: string, form: Form, headers: Record<string, string>, status: number, error: string, description: string][]} */
const REFUSALS = [
  ['an unknown client', { ...GRANT, ...RIGHT, client_id: 'nobody' }, {}, 401, 'invalid_client', REFUSED],
  ['a disabled client', { ...GRANT, ...RIGHT, client_id: 'disabled' }, {}, 401, 'invalid_client', REFUSED],
  ['no client id', { ...GRANT, client_secret: SECRET }, {}, 401, 'invalid_client', REFUSED],
  ['no credentials', GRANT, {}, 401, 'invalid_client', REFUSED],
  ['an empty client id', { ...GRANT, ...RIGHT, client_id: '' }, {}, 401, 'invalid_client', REFUSED],
  ['a wrong secret', { ...GRANT, ...RIGHT, client_secret: 'x' }, {}, 401, 'unauthorized_client', REFUSED],
  ['no secret', { ...GRANT, client_id: 'alice' }, {}, 401, 'unauthorized_client', REFUSED],
  ['an empty secret', { ...GRANT, ...RIGHT, client_secret: '' }, {}, 401, 'unauthorized_client', REFUSED],
  ['a wrong secret in Basic', GRANT, basic('alice', 'x'), 401, 'unauthorized_client', REFUSED],
  ['an unreadable Basic header', GRANT, { authorization: 'Basic !!!' }, 401, 'invalid_client', REFUSED],
  ['another scheme', GRANT, { authorization: 'Bearer abc' }, 401, 'invalid_client', REFUSED],
  [
    'a Basic header that is not form-encoded',
    GRANT,
    basic('odd id:%+é', 'odd secret:%+é&='),
    400,
    'unauthorized_client',
    'Unexpected error when authenticating client',
  ],
  [
    'a wrong secret in the form over a right one in Basic',
    { ...GRANT, client_secret: 'x' },
    basic('alice', SECRET),
    401,
    'unauthorized_client',
    REFUSED,
  ],
  [
    'a client without service account',
    { ...GRANT, ...RIGHT, client_id: 'no service account' },
    {},
    401,
    'unauthorized_client',
    'Client not enabled to retrieve service account',
  ],
  [
    'a public client',
    { ...GRANT, client_id: 'public' },
    {},
    401,
    'unauthorized_client',
    'Public client not allowed to retrieve service account',
  ],
  [
    'an unknown scope',
    { ...GRANT, ...RIGHT, scope: 'tenants:view x' },
    {},
    400,
    'invalid_scope',
    'Invalid scopes: tenants:view x',
  ],
  ['an empty scope', { ...GRANT, ...RIGHT, scope: '' }, {}, 400, 'invalid_scope', 'Invalid scopes: '],
  ['two spaces in the scope', { ...GRANT, ...RIGHT, scope: 'a  b' }, {}, 400, 'invalid_scope', 'Invalid scopes: a  b'],
  ['no grant type', RIGHT, {}, 400, 'invalid_request', 'Missing form parameter: grant_type'],
  ['no body', '', {}, 400, 'invalid_request', 'Missing form parameter: grant_type'],
  [
    'JSON instead of a form',
    JSON.stringify({ ...GRANT, ...RIGHT }),
    { 'content-type': 'application/json' },
    400,
    'invalid_request',
    'Missing form parameter: grant_type',
  ],
  ['an empty grant type', { ...RIGHT, grant_type: '' }, {}, 400, 'unsupported_grant_type', 'Unsupported grant_type'],
  ['another grant', { ...RIGHT, grant_type: 'foo' }, {}, 400, 'unsupported_grant_type', 'Unsupported grant_type'],
  [
    'the grant of an unknown client',
    { grant_type: 'foo' },
    {},
    400,
    'unsupported_grant_type',
    'Unsupported grant_type',
  ],
  [
    'the password grant',
    { ...RIGHT, grant_type: 'password' },
    {},
    400,
    'unauthorized_client',
    'Client not allowed for direct access grants',
  ],
  ['the refresh grant', { ...RIGHT, grant_type: 'refresh_token' }, {}, 400, 'invalid_request', 'No refresh token'],
  [
    'a made-up refresh token',
    { ...RIGHT, grant_type: 'refresh_token', refresh_token: 'x' },
    {},
    400,
    'invalid_grant',
    'Invalid refresh token',
  ],
  [
    'a repeated parameter',
    Object.entries({ ...GRANT, ...RIGHT }).concat([['client_id', 'alice']]),
    {},
    400,
    'invalid_request',
    'duplicated parameter',
  ],
  [
    'a repeated parameter nobody knows',
    Object.entries({ ...GRANT, ...RIGHT }).concat([
      ['x', '1'],
      ['x', '2'],
    ]),
    {},
    400,
    'invalid_request',
    'duplicated parameter',
  ],
]

describe('given a token request Keycloak would refuse', () => {
  for (const [given, form, headers, status, error, description] of REFUSALS) {
    it(`when it comes with ${given}, then it gets ${status} ${error}`, async (t) => {
      const sandbox = await start(t)
      const answer = await post(sandbox.tokenUrl, form, headers)
      assert.deepEqual([answer.status, answer.json], [status, { error, error_description: description }])
      assert.equal(answer.headers.get('cache-control'), 'no-store')
      assert.equal(answer.headers.get('pragma'), 'no-cache')
      assert.equal(answer.headers.get('content-type'), 'application/json')
    })
  }

  it('when it has a broken percent-escape, then it gets 500 unknown_error', async (t) => {
    const sandbox = await start(t)
    const answer = await post(sandbox.tokenUrl, 'grant_type=client_credentials&client_secret=%zz')
    assert.deepEqual([answer.status, answer.json.error], [500, 'unknown_error'])
  })

  it('when its body is longer than 1 MiB, then it gets 413', async (t) => {
    const sandbox = await start(t)
    const answer = await post(sandbox.tokenUrl, { ...GRANT, ...RIGHT, x: 'x'.repeat(1024 * 1024) })
    assert.equal(answer.status, 413)
  })

  for (const method of ['GET', 'PUT', 'DELETE']) {
    it(`when it is a ${method}, then it gets 405 in Keycloak's words`, async (t) => {
      const sandbox = await start(t)
      const response = await fetch(sandbox.tokenUrl, { method })
      assert.equal(response.status, 405)
      assert.deepEqual(await response.json(), { error: 'HTTP 405 Method Not Allowed' })
    })
  }
})

describe('given a token request Keycloak would grant', () => {
  it('when it is the documented one, then the answer has the documented shape', async (t) => {
    const sandbox = await start(t)
    const { status, json, headers } = await post(sandbox.tokenUrl, { ...GRANT, ...RIGHT })
    const { access_token: token, ...rest } = json
    assert.equal(status, 200)
    assert.deepEqual(rest, {
      expires_in: 300,
      refresh_expires_in: 0,
      token_type: 'Bearer',
      'not-before-policy': 0,
      scope: 'tenants:view networks:view',
    })
    assert.match(token, /^[\w-]+\.[\w-]+\.[\w-]+$/)
    assert.ok(token.length > 900)
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.equal(headers.get('pragma'), 'no-cache')
  })

  /** @type {[given: string, form: Form, headers: Record<string, string>][]} */
  const granted = [
    ['Basic credentials', GRANT, basic('alice', SECRET)],
    ['Basic in lower case', GRANT, { authorization: basic('alice', SECRET).authorization.replace('Basic', 'basic') }],
    ['a right form over a wrong Basic', { ...GRANT, ...RIGHT }, basic('alice', 'x')],
    ['a right form and an unreadable Basic', { ...GRANT, ...RIGHT }, { authorization: 'Basic !!!' }],
    ['the id in the form and the secret in Basic', { ...GRANT, client_id: 'alice' }, basic('nobody', SECRET)],
    [
      'a charset in the content type',
      { ...GRANT, ...RIGHT },
      { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
    ],
    ['an ampersand after the parameters', `${new URLSearchParams({ ...GRANT, ...RIGHT })}&`, {}],
    ['odd credentials in the form', { ...GRANT, client_id: 'odd id:%+é', client_secret: 'odd secret:%+é&=' }, {}],
    [
      'odd credentials, form-encoded, in Basic',
      GRANT,
      basic(encodeURIComponent('odd id:%+é').replaceAll('%20', '+'), encodeURIComponent('odd secret:%+é&=')),
    ],
  ]
  for (const [given, form, headers] of granted) {
    it(`when it comes with ${given}, then a token is granted`, async (t) => {
      const sandbox = await start(t)
      const answer = await post(sandbox.tokenUrl, form, headers)
      assert.equal(answer.status, 200, answer.text)
    })
  }

  /** @type {[scope: string, granted: string][]} */
  const scopes = [
    ['tenants:view', 'tenants:view networks:view'],
    ['moon:walk', 'tenants:view networks:view moon:walk'],
    ['moon:walk tenants:view moon:walk', 'tenants:view networks:view moon:walk'],
    ['tenants:view ', 'tenants:view networks:view'],
    [' ', 'tenants:view networks:view'],
    ['openid', 'openid tenants:view networks:view'],
  ]
  for (const [scope, expected] of scopes) {
    it(`when it asks for the scope "${scope}", then the token has "${expected}"`, async (t) => {
      const sandbox = await start(t)
      const { json } = await post(sandbox.tokenUrl, { ...GRANT, ...RIGHT, scope })
      assert.equal(json.scope, expected)
      assert.equal(claimsOf(json.access_token).scope, expected)
      assert.equal('id_token' in json, scope === 'openid')
    })
  }

  it('when the client has a lifetime of its own, then expires_in and the claims say so', async (t) => {
    const sandbox = await start(t, { ...CLIENTS, now: () => 1_700_000_000_000 })
    const { json } = await post(sandbox.tokenUrl, { ...GRANT, client_id: 'short', client_secret: SECRET })
    const { iat, exp, iss, azp, typ } = claimsOf(json.access_token)
    assert.equal(json.expires_in, 7)
    assert.deepEqual([iat, exp], [1_700_000_000, 1_700_000_007])
    assert.deepEqual([iss, azp, typ], [sandbox.issuer, 'short', 'Bearer'])
  })

  it('when two are granted in the same instant, then the tokens differ', async (t) => {
    const sandbox = await start(t, { ...CLIENTS, now: () => 0 })
    const [one, two] = await Promise.all([1, 2].map(() => post(sandbox.tokenUrl, { ...GRANT, ...RIGHT })))
    assert.notEqual(one?.json.access_token, two?.json.access_token)
  })
})

describe('given the rest of the realm', () => {
  it('when its configuration is followed to the keys, then they verify a token', async (t) => {
    const sandbox = await start(t)
    const configuration = await getJson(`${sandbox.issuer}/.well-known/openid-configuration`)
    assert.equal(configuration.issuer, sandbox.issuer)
    assert.equal(configuration.token_endpoint, sandbox.tokenUrl)
    const { keys } = await getJson(configuration.jwks_uri)
    const { json } = await post(configuration.token_endpoint, { ...GRANT, ...RIGHT })
    const [header = '', payload = '', signature = ''] = json.access_token.split('.')
    const { alg, kid } = JSON.parse(Buffer.from(header, 'base64url').toString())
    const jwk = keys.find((/** @type {any} */ key) => key.kid === kid)
    assert.equal(alg, 'RS256')
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    assert.ok(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')))
  })

  it('when a token is revoked by its client, then the API refuses it, and revoking it again is fine', async (t) => {
    const sandbox = await start(t)
    const { json } = await post(sandbox.tokenUrl, { ...GRANT, ...RIGHT })
    const revokeUrl = sandbox.tokenUrl.replace(/token$/, 'revoke')
    const headers = { authorization: `Bearer ${json.access_token}` }
    assert.equal((await fetch(`${sandbox.baseUrl}/digital/v1/networks`, { headers })).status, 200)
    for (const _ of [1, 2]) {
      const answer = await post(revokeUrl, { ...RIGHT, token: json.access_token })
      assert.deepEqual([answer.status, answer.text], [200, ''])
    }
    assert.equal((await fetch(`${sandbox.baseUrl}/digital/v1/networks`, { headers })).status, 401)
  })

  it('when a token is revoked by another client, then that is refused and the token stays', async (t) => {
    const sandbox = await start(t)
    const { json } = await post(sandbox.tokenUrl, { ...GRANT, ...RIGHT })
    const revokeUrl = sandbox.tokenUrl.replace(/token$/, 'revoke')
    const answer = await post(revokeUrl, { client_id: 'short', client_secret: SECRET, token: json.access_token })
    assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_request'])
    const headers = { authorization: `Bearer ${json.access_token}` }
    assert.equal((await fetch(`${sandbox.baseUrl}/digital/v1/networks`, { headers })).status, 200)
  })

  it('when another realm or endpoint is asked for, then it gets 404 in Keycloak’s words', async (t) => {
    const sandbox = await start(t)
    const other = await fetch(sandbox.tokenUrl.replace('bvnk', 'nope'), { method: 'POST' })
    assert.deepEqual([other.status, await other.json()], [404, { error: 'Realm does not exist' }])
    const missing = await fetch(`${sandbox.issuer}/protocol/openid-connect/nope`)
    assert.deepEqual([missing.status, await missing.json()], [404, { error: 'HTTP 404 Not Found' }])
  })
})
