'use strict'

const assert = require('node:assert/strict')
const { after, afterEach, before, describe, it } = require('node:test')
const { Layer1, Layer1AuthError } = require('layer1')
const { startJwtApi } = require('../support/jwt-api.js')
const { clients, issuer, jwksUrl, tokenUrl } = require('./under-test.js')

/**
 * @typedef {Awaited<ReturnType<typeof startJwtApi>>} JwtApi
 * @typedef {import('../../scripts/keycloak/realm.js').RealmClient} RealmClient
 * @typedef {ConstructorParameters<typeof Layer1>[0]} Options
 */

describe('given Keycloak with realm bvnk and an API that verifies its tokens', () => {
  /** @type {JwtApi} */
  let api
  /** @type {InstanceType<typeof Layer1>[]} */
  const opened = []

  before(async () => {
    api = await startJwtApi({ jwksUrl, issuer })
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((client) => client.close()))
  })
  after(() => api.close())

  /** A client with no token yet, whatever other tests did. @param {RealmClient} realmClient @param {Options} [options] */
  function coldClient({ clientId, clientSecret = 'none' }, options) {
    const own = { clientId, clientSecret, tokenUrl, baseUrl: api.baseUrl, shareToken: false }
    const client = new Layer1({ ...own, ...options })
    opened.push(client)
    return client
  }

  it('when a token is asked for, then it is one that realm bvnk signed for this client', async () => {
    const claims = await api.verify(await coldClient(clients.service).getToken())
    assert.match(claims.iss ?? '', /^http:\/\/127\.0\.0\.1:\d+\/auth\/realms\/bvnk$/)
    assert.equal(claims.azp, clients.service.clientId)
    console.log(`iss ${claims.iss}, azp ${claims.azp}, scope ${claims.scope}: signature verified through ${jwksUrl}`)
  })

  for (const [name, realmClient, lifetimeMs] of /** @type {const} */ ([
    ['300 s', clients.service, 300_000],
    ['60 s', clients.shortLived, 60_000],
  ])) {
    it(`when a ${name} token is described, then type, scope and expiry are what was granted`, async () => {
      const earliest = Date.now()
      const info = await coldClient(realmClient).getTokenInfo()
      const latest = Date.now()
      await api.verify(info.accessToken)
      assert.equal(info.tokenType, 'Bearer')
      assert.deepEqual(info.scope.toSorted(), realmClient.scopes.toSorted())
      // Keycloak subtracts two clock readings in seconds: `expires_in` may be one less than the lifetime.
      assert.ok(
        info.expiresAt.getTime() >= earliest + lifetimeMs - 1_000,
        `${info.expiresAt.toISOString()} is too early`,
      )
      assert.ok(info.expiresAt.getTime() <= latest + lifetimeMs, `${info.expiresAt.toISOString()} is too late`)
    })

    it(`when 200 calls follow one another on a ${name} token, then one token serves them all`, async () => {
      const before = api.tokensSeen()
      const client = coldClient(realmClient)
      for (let call = 0; call < 200; call += 1) await client.get('/api/v1/asset-pools')
      assert.equal(api.tokensSeen() - before, 1)
      assert.equal(client.stats().tokenRequests, 1)
    })
  }

  it('when the API is called, then it has verified the token and answers the page', async () => {
    const page = /** @type {any} */ (await coldClient(clients.service).get('/api/v1/asset-pools'))
    assert.equal(page.totalElements, page.content.length)
    assert.deepEqual(page.pageable, { pageNumber: 0, pageSize: 20 })
  })

  it('when an optional scope is asked for, then it is granted beside the default ones', async () => {
    const { scopes, optionalScopes } = clients.service
    const { scope } = await coldClient(clients.service, { scope: optionalScopes }).getTokenInfo()
    assert.deepEqual(scope.toSorted(), [...scopes, ...optionalScopes].toSorted())
  })

  for (const clientAuth of /** @type {const} */ (['client_secret_post', 'client_secret_basic'])) {
    it(`when id and secret hold : % + space and non-ASCII and ${clientAuth} carries them, then the token is granted`, async () => {
      const claims = await api.verify(await coldClient(clients.awkward, { clientAuth }).getToken())
      assert.equal(claims.azp, clients.awkward.clientId)
    })

    it(`when the secret is wrong by ${clientAuth}, then the refusal is Keycloak's, with the advice`, async () => {
      const client = coldClient({ ...clients.service, clientSecret: 'not-the-secret' }, { clientAuth })
      await assert.rejects(client.getToken(), (/** @type {Error} */ error) => {
        assertRefused(error, 401, 'unauthorized_client', 'Invalid client or Invalid client credentials')
        assert.match(error.message, /LAYER1_CLIENT_SECRET/)
        assert.doesNotMatch(error.message, /not-the-secret/)
        return true
      })
    })
  }

  for (const { when, realmClient, options, status, oauthError, description } of [
    {
      when: 'the client is unknown',
      realmClient: { ...clients.service, clientId: 'nobody' },
      status: 401,
      oauthError: 'invalid_client',
      description: 'Invalid client or Invalid client credentials',
    },
    {
      when: 'the client is disabled',
      realmClient: clients.disabled,
      status: 401,
      oauthError: 'invalid_client',
      description: 'Invalid client or Invalid client credentials',
    },
    {
      when: 'the client has no service account',
      realmClient: clients.noServiceAccount,
      status: 401,
      oauthError: 'unauthorized_client',
      description: 'Client not enabled to retrieve service account',
    },
    {
      when: 'the scope is unknown',
      realmClient: clients.service,
      options: { scope: 'moon:walk' },
      status: 400,
      oauthError: 'invalid_scope',
      description: 'Invalid scopes: moon:walk',
    },
  ]) {
    it(`when ${when}, then the refusal is Keycloak's`, async () => {
      await assert.rejects(coldClient(realmClient, options).get('/api/v1/asset-pools'), (error) => {
        assertRefused(error, status, oauthError, description)
        return true
      })
    })
  }

  it('when the API rejects the token, then the caller sees success after one refresh and one replay', async () => {
    const client = coldClient(clients.service)
    await client.get('/api/v1/asset-pools')
    const before = { tokens: api.tokensSeen(), requests: api.requests(), refused: api.refused() }
    api.rejectCurrent()
    const page = /** @type {any} */ (await client.get('/api/v1/asset-pools'))
    assert.ok(page.content.length > 0)
    assert.equal(api.tokensSeen() - before.tokens, 1)
    assert.equal(api.requests() - before.requests, 2)
    assert.equal(api.refused() - before.refused, 1)
    assert.equal(client.stats().tokenRequests, 2)
    assert.equal(client.stats().replays401, 1)
  })

  it('when 5,000 calls are made, 50 at once, on a token of 60 s, then there is one grant', async () => {
    const before = api.tokensSeen()
    const client = coldClient(clients.shortLived)
    const began = performance.now()
    const callers = Array.from({ length: 50 }, async () => {
      for (let call = 0; call < 100; call += 1) await client.get('/api/v1/asset-pools')
    })
    await Promise.all(callers)
    const { requests, tokenRequests, retries, replays401 } = client.stats()
    console.log(`5,000 calls on a 60 s token in ${Math.round(performance.now() - began)} ms: ${tokenRequests} grant(s)`)
    assert.deepEqual([requests, tokenRequests, retries, replays401], [5_000, 1, 0, 0])
    assert.equal(api.tokensSeen() - before, 1)
  })

  it('when 1,000 callers of a cold client want a token at once, then they share one', async () => {
    const client = coldClient(clients.service)
    const tokens = await Promise.all(Array.from({ length: 1_000 }, () => client.getToken()))
    assert.equal(new Set(tokens).size, 1)
    assert.equal(client.stats().tokenRequests, 1)
  })
})

/** @param {unknown} error @param {number} status @param {string} oauthError @param {string} oauthErrorDescription */
function assertRefused(error, status, oauthError, oauthErrorDescription) {
  assert.ok(error instanceof Layer1AuthError)
  assert.equal(error.code, 'ERR_LAYER1_AUTH')
  assert.equal(error.endpoint, 'token')
  assert.equal(error.retryable, false)
  assert.deepEqual(
    [error.status, error.oauthError, error.oauthErrorDescription],
    [status, oauthError, oauthErrorDescription],
  )
}
