'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { createPrivateKey, createPublicKey } = require('node:crypto')
const { describe, it } = require('node:test')
const { inspect } = require('node:util')
const { jwtVerify } = require('jose')
const { startJwtApi } = require('./support/jwt-api.js')
const { failure } = require('./support/failures.js')
const { PRIVATE_KEY, PUBLIC_KEY, newKey } = require('./support/keys.js')
const { startOidcProvider } = require('./support/oidc.js')
const { CLIENT_ID, makeClient, sendJson, sendToken, startPeer } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */

/**
 * Starts a server, and makes a client that proves who it is with its key.
 *
 * @param {TestContext} t
 * @param {Parameters<typeof startPeer>[1]} [manners]
 * @param {import('layer1').Layer1Options} [options]
 */
async function keyedPeer(t, manners, options) {
  const peer = await startPeer(t, manners)
  const { clientSecret, ...own } = peer.options
  const given = { ...own, clientAuth: /** @type {const} */ ('private_key_jwt'), privateKey: PRIVATE_KEY, ...options }
  return { peer, client: makeClient(t, given), given }
}

/** @param {Awaited<ReturnType<typeof startPeer>>} peer */
const forms = (peer) => peer.tokenRequests.map(({ body }) => new URLSearchParams(body))

/** @param {URLSearchParams | undefined} form */
const assertionOf = (form) => form?.get('client_assertion') ?? assert.fail('no assertion came')

describe('private_key_jwt', { timeout: 60_000 }, () => {
  it('given a token request, when it is looked at, then it has an assertion, and no secret in any form', async (t) => {
    const { peer, client } = await keyedPeer(t, {}, { clientSecret: 'not-for-this' })
    assert.equal(await client.getToken(), 'token-1')
    const form = Object.fromEntries(forms(peer)[0] ?? [])
    const { client_assertion, ...rest } = form
    assert.deepEqual(rest, {
      grant_type: 'client_credentials',
      client_id: CLIENT_ID,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    })
    assert.equal(peer.tokenRequests[0]?.headers.authorization, undefined)
    assert.match(String(client_assertion), /^[\w-]+\.[\w-]+\.[\w-]+$/)
  })

  it('given an assertion, when jose verifies it, then it says who, for whom, and for how long', async (t) => {
    const earliest = Math.floor(Date.now() / 1_000)
    const { peer, client, given } = await keyedPeer(t)
    await client.getToken()
    const issuer = String(given.tokenUrl).replace(/\/protocol\/openid-connect\/token$/, '')
    const { payload, protectedHeader } = await jwtVerify(assertionOf(forms(peer)[0]), PUBLIC_KEY, {
      algorithms: ['RS256'],
      issuer: CLIENT_ID,
      subject: CLIENT_ID,
      audience: issuer,
    })
    assert.deepEqual(protectedHeader, { alg: 'RS256', typ: 'JWT' })
    const { iat = 0, exp = 0, aud, jti, ...rest } = payload
    assert.equal(aud, issuer)
    assert.ok(iat >= earliest && iat <= Date.now() / 1_000)
    assert.ok(exp > iat && exp - iat <= 300)
    assert.match(String(jti), /^[\w-]{22}$/)
    assert.deepEqual(rest, { iss: CLIENT_ID, sub: CLIENT_ID })
  })

  it('given a token URL that shows no realm, when an assertion is made, then it is for that URL', async (t) => {
    const peer = await startPeer(t, { api: (_request, response) => sendToken(response) })
    const tokenUrl = `${peer.origin}/token?a=b`
    const own = { clientId: 'a', clientAuth: /** @type {const} */ ('private_key_jwt'), privateKey: PRIVATE_KEY }
    await makeClient(t, { ...own, tokenUrl }).getToken()
    const form = new URLSearchParams(peer.calls[0]?.body)
    await jwtVerify(assertionOf(form), PUBLIC_KEY, { audience: tokenUrl })
  })

  it('given grants and tries of one grant, when each makes an assertion, then no two have the same id', async (t) => {
    const { peer, client } = await keyedPeer(t, {
      token: (_request, response, count) => (count === 1 ? sendJson(response, 503, {}) : sendToken(response)),
    })
    await client.getToken()
    await client.getToken({ forceRefresh: true })
    const ids = await Promise.all(
      forms(peer).map(async (form) => (await jwtVerify(assertionOf(form), PUBLIC_KEY)).payload.jti),
    )
    assert.deepEqual([ids.length, new Set(ids).size], [3, 3])
  })

  it('given another key, when the credentials are swapped, then the next assertion is signed with it', async (t) => {
    const { peer, client } = await keyedPeer(t)
    await client.getToken()
    const other = newKey()
    client.setCredentials({ privateKey: other })
    assert.equal(await client.getToken(), 'token-2')
    await jwtVerify(assertionOf(forms(peer)[1]), createPublicKey(other))
  })

  it('given one key in two forms, when clients ask, then they share a token; given another, they do not', async (t) => {
    const { peer, client, given } = await keyedPeer(t)
    const pkcs1 = createPrivateKey(PRIVATE_KEY).export({ type: 'pkcs1', format: 'pem' }).toString()
    await client.getToken()
    assert.equal(await makeClient(t, { ...given, privateKey: pkcs1 }).getToken(), 'token-1')
    assert.equal(await makeClient(t, { ...given, privateKey: newKey() }).getToken(), 'token-2')
    assert.equal(peer.tokenRequests.length, 2)
  })

  it('given a refusal, when it is read, then it says to check the key and the clock, and echoes no assertion', async (t) => {
    const { client } = await keyedPeer(t, {
      token: ({ body }, response) => {
        const assertion = assertionOf(new URLSearchParams(body))
        sendJson(response, 401, { error: 'invalid_client', error_description: `bad ${assertion}.` })
      },
    })
    const error = await failure(client.getToken(), 'ERR_LAYER1_AUTH')
    assert.match(error.message, /privateKey \(LAYER1_PRIVATE_KEY\).*clock/)
    assert.equal(error.oauthErrorDescription, 'bad [redacted].')
    assert.doesNotMatch(inspect(error, { depth: 9 }), /eyJ/)
  })

  it("given auth: 'both' with it, when a call is made, then one key does for both, and no secret is needed", async (t) => {
    const { peer, client } = await keyedPeer(t, {}, { auth: 'both' })
    await client.get('/a')
    assert.equal(peer.calls[0]?.headers.authorization, 'Bearer token-1')
    assert.ok(peer.calls[0]?.headers.signature)
  })

  it("given auth: 'signature' with it, when a token is asked for, then it comes", async (t) => {
    const { client } = await keyedPeer(t, {}, { auth: 'signature' })
    assert.equal(await client.getToken(), 'token-1')
  })

  it('given oidc-provider, when a token is asked for, then it grants one for the right key and none for another', async (t) => {
    const clients = [{ clientId: 'signed-jwt', publicKey: PUBLIC_KEY }]
    const provider = await startOidcProvider({ clients })
    t.after(() => provider.close())
    const api = await startJwtApi(provider)
    t.after(() => api.close())
    const own = {
      clientId: 'signed-jwt',
      clientAuth: /** @type {const} */ ('private_key_jwt'),
      tokenUrl: provider.tokenUrl,
    }
    const claims = await api.verify(await makeClient(t, { ...own, privateKey: PRIVATE_KEY }).getToken())
    assert.equal(claims.client_id, 'signed-jwt')
    await failure(makeClient(t, { ...own, privateKey: newKey() }).getToken(), 'ERR_LAYER1_AUTH')
  })
})
