'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { failure } = require('./support/failures.js')
const { makeClient, sendJson, sendToken, startPeer, startWire } = require('./support/peer.js')

/** @typedef {import('./support/peer.js').Answerer} Answerer */

/**
 * @param {import('node:test').TestContext} t
 * @param {Answerer} token
 */
async function clientOf(t, token) {
  const peer = await startPeer(t, { token })
  return { peer, client: makeClient(t, { ...peer.options, maxRetries: 0 }) }
}

/**
 * Answers with a body as it is, whatever it says.
 *
 * @param {string | Buffer} body
 * @param {number} [status]
 * @param {Record<string, string>} [headers]
 * @returns {Answerer}
 */
function verbatim(body, status = 200, headers = {}) {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(body)
  }
}

/** @param {string} expiresIn JSON */
function withLifetime(expiresIn) {
  return verbatim(`{"access_token":"token-x","token_type":"Bearer","expires_in":${expiresIn}}`)
}

describe('a token answer that is good', { timeout: 60_000 }, () => {
  for (const { expiresIn, lasts } of [
    { expiresIn: '300', lasts: 300_000 },
    { expiresIn: '299.5', lasts: 299_500 },
    { expiresIn: '"300"', lasts: 300_000 },
    { expiresIn: '"299.5"', lasts: 299_500 },
    { expiresIn: '1000000000', lasts: 1e12 },
  ]) {
    it(`given expires_in ${expiresIn}, when the token is kept, then it lasts ${lasts} ms`, async (t) => {
      const { client } = await clientOf(t, withLifetime(expiresIn))
      const before = Date.now()
      const { expiresAt } = await client.getTokenInfo()
      const began = expiresAt.getTime() - lasts
      assert.ok(began >= before - 1 && began <= Date.now() + 1, `it began at ${began}, asked at ${before}`)
    })
  }

  it('given no expires_in, when the token is kept, then it lasts 60 s', async (t) => {
    const { client } = await clientOf(t, (_request, response) => sendToken(response, { expires_in: undefined }))
    const before = Date.now()
    const began = (await client.getTokenInfo()).expiresAt.getTime() - 60_000
    assert.ok(began >= before - 1 && began <= Date.now() + 1)
  })

  for (const tokenType of ['Bearer', 'bearer', 'BEARER']) {
    it(`given token_type ${tokenType}, when the API is called, then the scheme is Bearer`, async (t) => {
      const { client, peer } = await clientOf(t, (_request, response) => sendToken(response, { token_type: tokenType }))
      await client.get('/a')
      assert.equal(peer.calls[0]?.headers.authorization, 'Bearer token-x')
    })
  }

  for (const [name, extra] of Object.entries({
    'unknown members': { refresh_expires_in: 0, 'not-before-policy': 0, session: { a: [1] } },
    'a null scope': { scope: null },
    'a token of 8 KiB': { access_token: 'x'.repeat(8192) },
  })) {
    it(`given ${name}, when a token is asked for, then it is taken`, async (t) => {
      const { client } = await clientOf(t, (_request, response) => sendToken(response, extra))
      assert.ok(await client.getToken())
    })
  }

  it('given a content-type that says nothing of JSON, when a token is asked for, then it is taken', async (t) => {
    const { client } = await clientOf(
      t,
      verbatim('{"access_token":"token-x","token_type":"Bearer"}', 200, { 'content-type': 'text/plain' }),
    )
    assert.equal(await client.getToken(), 'token-x')
  })
})

describe('a token answer that is no good', { timeout: 60_000 }, () => {
  const lifetimes = ['0', '-1', '1000000001', '1e999', 'null', 'true', '[]', '{}', '""', '"soon"', '"-1"', '"NaN"']
  const answers = {
    ...Object.fromEntries(lifetimes.map((expiresIn) => [`expires_in ${expiresIn}`, withLifetime(expiresIn)])),
    'expires_in "Infinity"': withLifetime('"Infinity"'),
    'expires_in "0"': withLifetime('"0"'),
    'an access_token that is empty': verbatim('{"access_token":"","token_type":"Bearer"}'),
    'no access_token': verbatim('{"token_type":"Bearer"}'),
    'an access_token that is null': verbatim('{"access_token":null,"token_type":"Bearer"}'),
    'an access_token that is a number': verbatim('{"access_token":12,"token_type":"Bearer"}'),
    'an access_token with a line break': verbatim('{"access_token":"a\\r\\nx: y","token_type":"Bearer"}'),
    'an access_token with a NUL': verbatim('{"access_token":"a\\u0000","token_type":"Bearer"}'),
    'an access_token outside ASCII': verbatim('{"access_token":"é","token_type":"Bearer"}'),
    'token_type mac': verbatim('{"access_token":"a","token_type":"mac"}'),
    'no token_type': verbatim('{"access_token":"a"}'),
    'an empty body': verbatim(''),
    'an empty object': verbatim('{}'),
    'an array': verbatim('[]'),
    'JSON null': verbatim('null'),
    HTML: verbatim('<html>maintenance</html>', 200, { 'content-type': 'text/html' }),
    'half of an object': verbatim('{"access_token":"a"'),
    'invalid UTF-8': verbatim(Buffer.from([0x7b, 0xff, 0x7d])),
    'a body of a megabyte': verbatim(`{"access_token":"a","token_type":"Bearer","x":"${'x'.repeat(1 << 20)}"}`),
    'a content coding nobody asked for': verbatim('{}', 200, { 'content-encoding': 'br' }),
  }
  for (const [name, answer] of Object.entries(answers)) {
    it(`given ${name}, when a token is asked for, then it is an auth error worth a retry, and nothing is kept`, async (t) => {
      let isBroken = true
      const { client } = await clientOf(t, (request, response, count) =>
        isBroken ? answer(request, response, count) : sendToken(response, { access_token: 'good' }),
      )
      const error = await failure(client.get('/a'), 'ERR_LAYER1_AUTH')
      assert.equal(error.name, 'Layer1AuthError')
      assert.deepEqual([error.status, error.retryable, error.endpoint], [200, true, 'token'])
      isBroken = false
      assert.equal(await client.getToken(), 'good')
    })
  }

  it('given a valid token, when a forced refresh brings nonsense, then the valid one is still there', async (t) => {
    const { client } = await clientOf(t, (request, response, count) =>
      count === 1 ? sendToken(response) : verbatim('{}')(request, response, count),
    )
    await client.getToken()
    await failure(client.getToken({ forceRefresh: true }), 'ERR_LAYER1_AUTH')
    assert.equal(await client.getToken(), 'token-x')
  })
})

describe('a token endpoint that refuses', { timeout: 60_000 }, () => {
  for (const status of [500, 502, 503, 504, 429]) {
    it(`given ${status} without JSON, when a token is asked for, then it is an auth error worth a retry`, async (t) => {
      const { client } = await clientOf(t, verbatim('<html>busy</html>', status))
      const error = await failure(client.getToken(), 'ERR_LAYER1_AUTH')
      assert.deepEqual([error.status, error.retryable, error.endpoint], [status, true, 'token'])
      assert.equal(error.oauthError, undefined)
    })
  }

  for (const status of [400, 401, 403, 404]) {
    it(`given ${status} with an empty body, when a token is asked for, then it is an auth error for good`, async (t) => {
      const { client } = await clientOf(t, verbatim('', status))
      const error = await failure(client.getToken(), 'ERR_LAYER1_AUTH')
      assert.deepEqual([error.status, error.retryable], [status, false])
    })
  }

  it('given an error of RFC 6749 with all members, when a token is asked for, then the error has the three', async (t) => {
    const { client } = await clientOf(t, (_request, response) =>
      sendJson(response, 400, { error: 'invalid_scope', error_description: 'no', error_uri: 'https://e.example/1' }),
    )
    const error = await failure(client.getToken(), 'ERR_LAYER1_AUTH')
    assert.equal(error.oauthError, 'invalid_scope')
    assert.equal(error.oauthErrorDescription, 'no')
    assert.equal(error.oauthErrorUri, 'https://e.example/1')
  })

  it('given endless words, when they are kept, then they are cut at 512 characters', async (t) => {
    const long = 'é'.repeat(5000)
    const { client } = await clientOf(t, (_request, response) =>
      sendJson(response, 400, { error: long, error_description: long, error_uri: long }),
    )
    const { oauthError, oauthErrorDescription, oauthErrorUri } = await failure(client.getToken(), 'ERR_LAYER1_AUTH')
    assert.deepEqual([oauthError.length, oauthErrorDescription.length, oauthErrorUri.length], [512, 512, 512])
  })

  for (const status of [301, 302, 303, 307, 308]) {
    it(`given a ${status} to another place, when a token is asked for, then the secret does not go there`, async (t) => {
      const target = await startPeer(t)
      const { client } = await clientOf(t, (_request, response) => {
        response.writeHead(status, { location: target.options.tokenUrl }).end()
      })
      const error = await failure(client.getToken(), 'ERR_LAYER1_REDIRECT')
      assert.deepEqual([error.endpoint, error.status], ['token', status])
      assert.equal(target.connections(), 0)
    })
  }

  it('given a redirect on its own origin, when a token is asked for, then it is not followed either', async (t) => {
    const { client, peer } = await clientOf(t, (_request, response) => {
      response.writeHead(307, { location: '/auth/realms/another/protocol/openid-connect/token' }).end()
    })
    await failure(client.getToken(), 'ERR_LAYER1_REDIRECT')
    assert.equal(peer.tokenRequests.length, 1)
  })

  it('given an answer that is no HTTP, when a token is asked for, then the connection was lost on the way to it', async (t) => {
    const port = await startWire(t, 'SSH-2.0-OpenSSH_9.6\r\n')
    const peer = await startPeer(t)
    const client = makeClient(t, { ...peer.options, tokenUrl: `http://127.0.0.1:${port}/token`, maxRetries: 0 })
    const error = await failure(client.get('/a'), 'ERR_LAYER1_CONNECTION_LOST')
    assert.deepEqual([error.endpoint, error.port], ['token', port])
  })
})
