'use strict'

const assert = require('node:assert/strict')
const { after, afterEach, before, describe, it } = require('node:test')
const { Layer1, Layer1ApiError, Layer1AuthError } = require('layer1')
const { startJwtApi } = require('./support/jwt-api.js')
const { AWKWARD_CLIENT, CLIENT, startOidcProvider } = require('./support/oidc.js')

/**
 * @typedef {Awaited<ReturnType<typeof startOidcProvider>>} OidcProvider
 * @typedef {Awaited<ReturnType<typeof startJwtApi>>} JwtApi
 * @typedef {ConstructorParameters<typeof Layer1>[0]} Options
 */

describe('given oidc-provider and an API that verifies its tokens', () => {
  /** @type {OidcProvider} */
  let provider
  /** @type {JwtApi} */
  let api
  /** @type {InstanceType<typeof Layer1>[]} */
  const opened = []

  before(async () => {
    provider = await startOidcProvider({ tokenLifetime: 60 })
    api = await startJwtApi(provider)
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((client) => client.close()))
  })
  after(async () => {
    await api.close()
    await provider.close()
  })

  /** A client with no token yet, whatever other tests did. @param {Options} [options] */
  function coldClient(options) {
    const own = { ...CLIENT, tokenUrl: provider.tokenUrl, baseUrl: api.baseUrl, shareToken: false }
    const client = new Layer1({ ...own, ...options })
    opened.push(client)
    return client
  }

  it('when a token is asked for, then it is one that the issuer signed for this audience', async () => {
    const claims = await api.verify(await coldClient().getToken())
    assert.equal(claims.iss, provider.issuer)
    assert.equal(claims.aud, provider.audience)
    assert.equal(claims.client_id, CLIENT.clientId)
  })

  it('when the token is described, then type, scope and expiry are what was granted', async () => {
    const earliest = Date.now()
    const info = await coldClient({ scope: ['tenants:view', 'networks:view'] }).getTokenInfo()
    const latest = Date.now()
    const claims = await api.verify(info.accessToken)
    assert.equal(info.tokenType, 'Bearer')
    assert.deepEqual(info.scope.toSorted(), ['networks:view', 'tenants:view'])
    assert.equal(claims.scope?.toString().split(' ').toSorted().join(' '), 'networks:view tenants:view')
    assert.ok(info.expiresAt.getTime() >= earliest + 60_000, `${info.expiresAt.toISOString()} is too early`)
    assert.ok(info.expiresAt.getTime() <= latest + 60_000, `${info.expiresAt.toISOString()} is too late`)
  })

  it('when the API is called, then it has verified the token and answers the page', async () => {
    const page = /** @type {any} */ (await coldClient().get('/api/v1/asset-pools', { query: { pageSize: 2 } }))
    assert.equal(page.totalElements, 3)
    assert.deepEqual(
      page.content.map((/** @type {{ name: string }} */ { name }) => name),
      ['Pool 0', 'Pool 1'],
    )
    assert.deepEqual(page.pageable, { pageNumber: 0, pageSize: 2 })
  })

  for (const clientAuth of /** @type {const} */ (['client_secret_post', 'client_secret_basic'])) {
    it(`when id and secret hold : % + space and ${clientAuth} carries them, then the token is granted`, async () => {
      const before = provider.requests.length
      const claims = await api.verify(await coldClient({ ...AWKWARD_CLIENT, clientAuth }).getToken())
      assert.equal(claims.client_id, AWKWARD_CLIENT.clientId)
      const { scheme } = provider.requests.slice(before).find(({ path }) => path === '/token') ?? {}
      assert.equal(scheme, clientAuth === 'client_secret_basic' ? 'Basic' : undefined)
    })

    it(`when the secret is wrong by ${clientAuth}, then the refusal is an auth error with the advice`, async () => {
      const client = coldClient({ clientSecret: 'not-the-secret', clientAuth })
      await assert.rejects(client.getToken(), (error) => {
        assert.ok(error instanceof Layer1AuthError)
        assert.equal(error.code, 'ERR_LAYER1_AUTH')
        const { status, oauthError, oauthErrorDescription, retryable, endpoint } = error
        assert.deepEqual(
          { status, oauthError, oauthErrorDescription, retryable, endpoint },
          {
            status: 401,
            oauthError: 'invalid_client',
            oauthErrorDescription: 'client authentication failed',
            retryable: false,
            endpoint: 'token',
          },
        )
        assert.match(error.message, /LAYER1_CLIENT_SECRET/)
        assert.doesNotMatch(error.message, /not-the-secret/)
        return true
      })
    })
  }

  it('when 1,000 callers of a cold client want a token at once, then there is one grant', async () => {
    const before = provider.grants()
    const client = coldClient()
    const tokens = await Promise.all(Array.from({ length: 1_000 }, () => client.getToken()))
    const grants = provider.grants() - before
    console.log(`1,000 concurrent getToken() on a cold client: ${grants} grant(s) at oidc-provider`)
    assert.equal(grants, 1)
    assert.equal(new Set(tokens).size, 1)
    await api.verify(tokens[0] ?? '')
  })

  it('when 200 calls follow one another on a 60 s token, then there is one grant', async () => {
    const before = { grants: provider.grants(), refused: api.refused() }
    const client = coldClient()
    for (let call = 0; call < 200; call += 1) await client.get('/api/v1/asset-pools')
    assert.equal(provider.grants() - before.grants, 1)
    assert.equal(api.refused() - before.refused, 0)
  })

  it('when the API rejects the token, then the caller sees success after one refresh and one replay', async () => {
    const client = coldClient()
    await client.get('/api/v1/asset-pools')
    const before = { grants: provider.grants(), requests: api.requests(), refused: api.refused() }
    api.rejectCurrent()
    const page = /** @type {any} */ (await client.get('/api/v1/asset-pools'))
    assert.equal(page.totalElements, 3)
    assert.equal(provider.grants() - before.grants, 1)
    assert.equal(api.requests() - before.requests, 2)
    assert.equal(api.refused() - before.refused, 1)
    assert.equal(client.stats().replays401, 1)
  })

  it('when the API trusts another issuer, then the caller gets its 401 after one replay', async () => {
    const stranger = await startJwtApi({ ...provider, issuer: 'http://127.0.0.1:1' })
    try {
      const client = coldClient({ baseUrl: stranger.baseUrl })
      await assert.rejects(client.get('/api/v1/asset-pools'), (error) => {
        assert.ok(error instanceof Layer1ApiError)
        assert.equal(error.status, 401)
        assert.equal(error.apiStatus, 'UNAUTHORIZED')
        return true
      })
      assert.equal(stranger.requests(), 2)
    } finally {
      await stranger.close()
    }
  })
})
