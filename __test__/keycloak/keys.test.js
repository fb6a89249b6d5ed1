'use strict'

const assert = require('node:assert/strict')
const { after, afterEach, before, describe, it } = require('node:test')
const { Layer1, Layer1AuthError } = require('layer1')
const { startJwtApi } = require('../support/jwt-api.js')
const { newKey } = require('../support/keys.js')
const { issuer, jwksUrl, keyedClients, tls, tokenUrl } = require('./under-test.js')

/** @typedef {import('layer1').Layer1Options} Options */

describe('given clients of Keycloak that have no secret', () => {
  /** @type {Awaited<ReturnType<typeof startJwtApi>>} */
  let api
  /** @type {Layer1[]} */
  const opened = []

  before(async () => {
    api = await startJwtApi({ jwksUrl, issuer })
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((client) => client.close()))
  })
  after(() => api.close())

  /** @param {Options} options */
  function coldClient(options) {
    const client = new Layer1({ tokenUrl, baseUrl: api.baseUrl, shareToken: false, ...options })
    opened.push(client)
    return client
  }

  describe('and a client with "Signed JWT"', () => {
    const { clientId, privateKey } = keyedClients.signedJwt
    const clientAuth = /** @type {const} */ ('private_key_jwt')

    it('when it asks with its key, then Keycloak grants a token, and the API takes it', async () => {
      const client = coldClient({ clientId, clientAuth, privateKey })
      const claims = await api.verify(await client.getToken())
      assert.equal(claims.azp, clientId)
      assert.ok(await client.get('/api/v1/asset-pools'))
      console.log(`private_key_jwt: iss ${claims.iss}, azp ${claims.azp}: signature verified through ${jwksUrl}`)
    })

    it('when it asks again and again, then each assertion is taken: none has the id of another', async () => {
      const client = coldClient({ clientId, clientAuth, privateKey })
      for (let grant = 0; grant < 5; grant += 1) await client.getToken({ forceRefresh: true })
      assert.equal(client.stats().tokenRequests, 5)
    })

    it('when it asks with another key, then the refusal says to look at the key', async () => {
      await assert.rejects(coldClient({ clientId, clientAuth, privateKey: newKey() }).getToken(), (error) => {
        assert.ok(error instanceof Layer1AuthError)
        assert.deepEqual([error.retryable, error.oauthError], [false, 'invalid_client'])
        assert.match(error.message, /privateKey \(LAYER1_PRIVATE_KEY\)/)
        console.log(`refused: ${error.message}`)
        return true
      })
    })

    it('when it asks with a secret, then it is refused', async () => {
      await assert.rejects(coldClient({ clientId, clientSecret: 'none' }).getToken(), Layer1AuthError)
    })
  })

  describe('and a client with "X509 Certificate"', { skip: tls ? false : 'there is no openssl program' }, () => {
    const { clientId } = keyedClients.x509
    const { tokenUrl = '', ca = '', client: certificate } = tls ?? {}

    it('when it shows its certificate, then Keycloak grants a token, and the API takes it', async () => {
      const client = coldClient({ clientId, tokenUrl, ca, ...certificate })
      const claims = await api.verify(await client.getToken())
      assert.equal(claims.azp, clientId)
      assert.ok(await client.get('/api/v1/asset-pools'))
      console.log(`client certificate: azp ${claims.azp} by ${tokenUrl}`)
    })

    it('when it shows none, then it is refused', async () => {
      await assert.rejects(coldClient({ clientId, clientSecret: 'none', tokenUrl, ca }).getToken(), Layer1AuthError)
    })
  })
})
