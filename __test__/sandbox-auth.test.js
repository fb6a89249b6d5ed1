'use strict'
// What startSandbox can demand of API calls, and whose keys it knows.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const crypto = require('node:crypto')
const { describe, it } = require('node:test')
const { startSandbox } = require('layer1/sandbox')
const { independentCaller, list, send, signer, startSigned, stranger } = require('./support/signed-calls.js')

/** @typedef {import('layer1/sandbox').Sandbox} Sandbox */

const { publicKey, privateKey } = signer
const call = independentCaller()

/** @param {Sandbox} sandbox */
async function grant({ tokenUrl, options: { clientId, clientSecret } }) {
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
  const response = await fetch(tokenUrl, { method: 'POST', body: new URLSearchParams(form) })
  return /** @type {any} */ (await response.json()).access_token
}

describe('given what a sandbox demands', { timeout: 60_000 }, () => {
  const bare = { hostname: '127.0.0.1', path: '/digital/v1/networks' }
  for (const [auth, expected] of /** @type {[any, Record<string, number>][]} */ ([
    ['oauth2', { nothing: 401, token: 200, signature: 401, both: 200, tokenAndWrongSignature: 200 }],
    ['signature', { nothing: 401, token: 401, signature: 200, both: 200, tokenAndWrongSignature: 401 }],
    ['either', { nothing: 401, token: 200, signature: 200, both: 200, tokenAndWrongSignature: 401 }],
    ['both', { nothing: 401, token: 401, signature: 401, both: 200, tokenAndWrongSignature: 401 }],
    [undefined, { nothing: 401, token: 200, signature: 200, both: 200, tokenAndWrongSignature: 401 }],
  ])) {
    it(`when auth is ${auth}, then it takes that and nothing else`, async (t) => {
      const sandbox = await startSigned(t, { auth })
      const authorization = `Bearer ${await grant(sandbox)}`
      const target = { method: 'GET', path: bare.path }
      const wrong = { ...signer, privateKey: stranger.privateKey }
      const got = {
        nothing: await send({ ...bare, port: sandbox.port }, Buffer.alloc(0)),
        token: await send({ ...bare, port: sandbox.port, headers: { authorization } }, Buffer.alloc(0)),
        signature: await call(sandbox.baseUrl, signer, target),
        both: await call(sandbox.baseUrl, signer, { ...target, headers: { authorization } }),
        tokenAndWrongSignature: await call(sandbox.baseUrl, wrong, { ...target, headers: { authorization } }),
      }
      assert.deepEqual(Object.fromEntries(Object.entries(got).map(([what, { status }]) => [what, status])), expected)
    })
  }

  it('when a signature is another client’s than the token, then both together are refused', async (t) => {
    const other = { clientId: 'other', publicKey: stranger.publicKey, keyId: 'other-key' }
    const sandbox = await startSigned(t, { auth: 'both', clients: [other] })
    const headers = { authorization: `Bearer ${await grant(sandbox)}` }
    const mixed = await call(
      sandbox.baseUrl,
      { privateKey: stranger.privateKey, keyId: 'other-key' },
      { ...list, headers },
    )
    assert.deepEqual([mixed.status, /different clients/.test(mixed.json.message)], [401, true])
  })

  it('when a client that signs has few scopes, or is disabled, then its signature gives no more', async (t) => {
    const few = { clientId: 'few', publicKey: stranger.publicKey, scopes: ['networks:view'], optionalScopes: [] }
    const narrow = await startSigned(t, { clients: [few] })
    const caller = { privateKey: stranger.privateKey, keyId: 'few' }
    assert.equal((await call(narrow.baseUrl, caller, { method: 'GET', path: '/digital/v1/networks' })).status, 200)
    assert.equal((await call(narrow.baseUrl, caller, list)).status, 403)
    const disabled = await startSigned(t, { clients: [{ ...few, enabled: false }] })
    assert.equal((await call(disabled.baseUrl, caller, list)).status, 401)
  })

  it('when a client has a key and no secret, then no secret gets it a token', async (t) => {
    const sandbox = await startSigned(t, { clients: [{ clientId: 'keyed', publicKey: stranger.publicKey }] })
    for (const secret of [{}, { client_secret: '' }, { client_secret: 'undefined' }]) {
      const form = { grant_type: 'client_credentials', client_id: 'keyed', ...secret }
      const response = await fetch(sandbox.tokenUrl, { method: 'POST', body: new URLSearchParams(form) })
      const told = { error: 'invalid_client', error_description: 'Parameter client_assertion_type is missing' }
      assert.deepEqual([response.status, await response.json()], [400, told])
    }
  })

  const forms = {
    'PEM of an SPKI': publicKey.export({ type: 'spki', format: 'pem' }),
    'PEM of PKCS#1': publicKey.export({ type: 'pkcs1', format: 'pem' }),
    'PEM in a Buffer': Buffer.from(publicKey.export({ type: 'spki', format: 'pem' })),
    'a KeyObject': publicKey,
  }
  for (const [what, form] of Object.entries(forms)) {
    it(`when the key is given as ${what}, then it is known`, async (t) => {
      const sandbox = await startSigned(t, { publicKey: form })
      assert.equal((await call(sandbox.baseUrl, signer, list)).status, 200)
    })
  }

  const short = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
  const curve = crypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey
  for (const [what, options, said] of /** @type {[string, any, RegExp][]} */ ([
    ['a key of 1024 bits', { publicKey: short }, /"publicKey" .* 2048 to 4096 bits/],
    ['an EC key', { publicKey: curve }, /"publicKey"/],
    ['a private key', { publicKey: privateKey }, /"publicKey"/],
    ['a private key as PEM', { publicKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) }, /"publicKey"/],
    ['text that is no key', { publicKey: 'key' }, /"publicKey"/],
    ['an auth that there is not', { publicKey, auth: 'none' }, /"auth" .* oauth2, signature, either, both/],
    ['signatures demanded, and no key', { auth: 'signature' }, /"auth" signature .* needs a publicKey/],
    ['no time', { publicKey, signatureMaxAge: 0 }, /"signatureMaxAge" .* seconds/],
    ['an empty name for a key', { publicKey, keyId: '' }, /"keyId"/],
    [
      'two keys of one name',
      { publicKey, clients: [{ clientId: 'b', publicKey, keyId: 'layer1-sandbox' }] },
      /same keyId/,
    ],
  ])) {
    it(`when it is given ${what}, then it rejects with a TypeError that says so`, async () => {
      await assert.rejects(startSandbox(options), (/** @type {any} */ error) => {
        assert.ok(error instanceof TypeError)
        assert.match(error.message, said)
        return true
      })
    })
  }
})
