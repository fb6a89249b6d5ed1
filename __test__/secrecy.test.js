'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { inspect } = require('node:util')
const { Layer1 } = require('layer1')
const { rejection, thrown } = require('./support/failures.js')
const {
  answerOk,
  deadEnd,
  makeClient,
  neverAnswer,
  sendJson,
  sendToken,
  startPeer,
  startTcp,
} = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('./support/peer.js').Answerer} Answerer */

const SECRET = 'sEcReT:% + é-0b7f3'
const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.tOkEn-5c1d9.c2lnbmF0dXJl'
const ID = 'test-client'

/** The secret and the token in every form in which a wire or a log could hold them. */
const forms = [
  SECRET,
  TOKEN,
  encodeURIComponent(SECRET),
  lowerEscapes(encodeURIComponent(SECRET)),
  formEncode(SECRET),
  lowerEscapes(formEncode(SECRET)),
  Buffer.from(SECRET).toString('base64').replace(/=+$/, ''),
  basicCredentials().replace(/=+$/, ''),
]

/** What a client_secret_basic request sends. */
function basicCredentials() {
  return Buffer.from(`${formEncode(ID)}:${formEncode(SECRET)}`).toString('base64')
}

/** @param {string} text */
function formEncode(text) {
  return new URLSearchParams({ s: text }).toString().slice('s='.length)
}

/** @param {string} text */
function lowerEscapes(text) {
  return text.replace(/%../g, (digits) => digits.toLowerCase())
}

/**
 * Asserts that nothing of a value, however it is looked at, shows secret or token.
 *
 * @param {any} value
 */
function assertSilent(value) {
  const texts = [
    inspect(value, { depth: 9, showHidden: true, getters: true }),
    inspect({ nested: [value] }, { depth: 0 }),
    JSON.stringify(value) ?? '',
    String(value),
    `${value?.message}\n${value?.stack}`,
    inspect(value?.cause, { depth: 9, showHidden: true }),
    ...everyPropertyOf(value),
  ]
  for (const text of texts) {
    for (const form of forms) assert.ok(!text.includes(form), `${form} is in: ${text}`)
  }
}

/**
 * Lists own properties of a value and of what it inherits from, hidden and symbolic ones too.
 *
 * @param {any} value
 * @returns {string[]}
 */
function everyPropertyOf(value) {
  const texts = []
  for (let owner = value; owner && owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
    for (const key of Reflect.ownKeys(owner)) {
      const descriptor = Object.getOwnPropertyDescriptor(owner, key)
      texts.push(String(key), inspect(descriptor?.value, { depth: 9, showHidden: true }))
    }
  }
  return texts
}

/** @type {Answerer} */
const grantKnownToken = (_request, response) => sendToken(response, { access_token: TOKEN })

/**
 * Starts a server that grants the known token, and gives options with the known secret.
 *
 * @param {TestContext} t
 * @param {{ token?: Answerer, api?: Answerer }} [manners]
 */
async function start(t, { token = grantKnownToken, api = answerOk } = {}) {
  const peer = await startPeer(t, { token, api })
  return { peer, options: { ...peer.options, clientId: ID, clientSecret: SECRET, maxRetries: 0 } }
}

describe('a client', { timeout: 60_000 }, () => {
  it('given a client that has done everything, when it is looked at, then it shows neither secret nor token', async (t) => {
    const { options } = await start(t)
    const client = makeClient(t, options)
    await client.get('/a')
    await client.getToken()
    await client.getTokenInfo()
    assertSilent(client)
    assertSilent(client.stats())
  })

  it('given a proxy with a password, when the client is looked at, then it does not show it', (t) => {
    const proxy = 'http://user:hunter2@127.0.0.1:1'
    const client = makeClient(t, { clientId: ID, clientSecret: SECRET, proxy })
    assert.ok(!inspect(client, { depth: 9, showHidden: true }).includes('hunter2'))
  })

  it('given headers of the client, when it is looked at, then it does not show their values', (t) => {
    const client = makeClient(t, { clientId: ID, clientSecret: SECRET, headers: { 'x-api-key': 'hunter2' } })
    assert.ok(!inspect(client, { depth: 9, showHidden: true }).includes('hunter2'))
  })

  it('given a closed client, when it is looked at, then it shows neither secret nor token', async (t) => {
    const { options } = await start(t)
    const client = makeClient(t, options)
    await client.get('/a')
    await client.close()
    assertSilent(client)
  })

  it('given a class that logs its client, when it is printed with its owner, then nothing shows', async (t) => {
    const { options } = await start(t)
    const service = { name: 'treasury', client: makeClient(t, options) }
    await service.client.get('/a')
    assertSilent(service)
  })
})

describe('an error', { timeout: 60_000 }, () => {
  /** @type {Record<string, (t: TestContext) => Promise<any>>} */
  const failures = {
    'a config error of the secret': async () => thrown(() => new Layer1({ clientId: '', clientSecret: SECRET })),
    'a refused path': async (t) => rejection(makeClient(t, (await start(t)).options).get('/../a')),
    'a refused header': async (t) => {
      const client = makeClient(t, (await start(t)).options)
      return await rejection(client.get('/a', { headers: { authorization: `Bearer ${TOKEN}` } }))
    },
    'an API error': async (t) => {
      const api = (/** @type {any} */ _, /** @type {any} */ response) => sendJson(response, 500, { message: 'no' })
      return await rejection(makeClient(t, (await start(t, { api })).options).get('/a'))
    },
    'a second 401': async (t) => {
      const api = (/** @type {any} */ _, /** @type {any} */ response) => sendJson(response, 401, {})
      return await rejection(makeClient(t, (await start(t, { api })).options).get('/a'))
    },
    'an API that is down': async (t) => {
      const { host, port } = await deadEnd(t)
      const { options } = await start(t)
      return await rejection(makeClient(t, { ...options, baseUrl: `http://${host}:${port}` }).get('/a'))
    },
    'a token endpoint that is down': async (t) => {
      const { host, port } = await deadEnd(t)
      const { options } = await start(t)
      return await rejection(makeClient(t, { ...options, tokenUrl: `http://${host}:${port}/token` }).get('/a'))
    },
    'a TLS error': async (t) => {
      const { options, peer } = await start(t)
      return await rejection(makeClient(t, { ...options, baseUrl: `https://127.0.0.1:${peer.port}` }).get('/a'))
    },
    'a connection that is lost': async (t) => {
      const port = await startTcp(t, (socket) => void socket.once('data', () => socket.destroy()))
      const { options } = await start(t)
      return await rejection(makeClient(t, { ...options, baseUrl: `http://127.0.0.1:${port}` }).get('/a'))
    },
    'a server that echoes the request as its answer': async (t) => {
      const port = await startTcp(t, (socket) => void socket.once('data', (bytes) => socket.end(bytes)))
      const { options } = await start(t)
      return await rejection(makeClient(t, { ...options, baseUrl: `http://127.0.0.1:${port}` }).get('/a'))
    },
    'a timeout': async (t) => {
      const { options } = await start(t, { api: neverAnswer })
      return await rejection(makeClient(t, options).get('/a', { timeout: 200 }))
    },
    'a redirect': async (t) => {
      const api = (/** @type {any} */ _, /** @type {any} */ response) =>
        response.writeHead(302, { location: 'https://evil.example' }).end()
      return await rejection(makeClient(t, (await start(t, { api })).options).get('/a'))
    },
    'a closed client': async (t) => {
      const client = makeClient(t, (await start(t)).options)
      await client.getToken()
      await client.close()
      return await rejection(client.get('/a'))
    },
  }
  for (const [name, make] of Object.entries(failures)) {
    it(`given ${name}, when the error is looked at, then it shows neither secret nor token`, async (t) => {
      assertSilent(await make(t))
    })
  }
})

describe('a token endpoint that tells secrets', { timeout: 60_000 }, () => {
  /** @type {Record<string, (request: import('./support/peer.js').Seen) => string>} */
  const echoes = {
    'the secret as it is': () => SECRET,
    'the form that was sent': ({ body }) => body,
    'the Authorization header that was sent': ({ headers }) => String(headers.authorization),
    'the secret as encodeURIComponent writes it': () => encodeURIComponent(SECRET),
    'the secret form-encoded in lower case': ({ body }) => lowerEscapes(body),
    'the secret as JSON': () => JSON.stringify(SECRET),
    'the secret at the place where words are cut': () => `${'x'.repeat(505)}${SECRET}`,
  }
  for (const clientAuth of /** @type {const} */ (['client_secret_post', 'client_secret_basic'])) {
    for (const [name, echo] of Object.entries(echoes)) {
      it(`given ${clientAuth} and ${name}, when it is in an OAuth error, then it is masked`, async (t) => {
        const { options } = await start(t, {
          token: (request, response) => {
            const text = echo(request)
            sendJson(response, 401, {
              error: text,
              error_description: `not ${text}`,
              error_uri: `https://e.example/${text}`,
            })
          },
        })
        const error = await rejection(makeClient(t, { ...options, clientAuth }).getToken())
        assert.equal(error.code, 'ERR_LAYER1_AUTH')
        assertSilent(error)
        // What is cut may leave a part: no eight characters of the secret in a row.
        assert.ok(!inspect(error, { depth: 9 }).includes(SECRET.slice(0, 8)))
      })
    }
  }

  /** @type {Record<string, string>} */
  const answers = {
    'the bare token as a JSON string': JSON.stringify(TOKEN),
    'the bare secret as a JSON string': JSON.stringify(SECRET),
    'the bare token': TOKEN,
    'the token in an array': JSON.stringify([TOKEN]),
    'the token where an object belongs': JSON.stringify({ access_token: { value: TOKEN }, token_type: 'Bearer' }),
    'the token as token_type': JSON.stringify({ access_token: 'a', token_type: TOKEN }),
    'the token as expires_in': JSON.stringify({ access_token: 'a', token_type: 'Bearer', expires_in: TOKEN }),
    'the token in a scope that is no string': JSON.stringify({
      access_token: 'a',
      token_type: 'Bearer',
      scope: [TOKEN],
    }),
    'the token as a key twice': `{"${TOKEN}":1,"${TOKEN}":2}`,
    'a token with a line break': JSON.stringify({ access_token: `${TOKEN}\n`, token_type: 'Bearer' }),
    'a token whose type is wrong': JSON.stringify({ access_token: TOKEN, token_type: 'mac' }),
    'a token whose life is wrong': JSON.stringify({ access_token: TOKEN, token_type: 'Bearer', expires_in: -1 }),
    'half of an answer with a token': `{"access_token":"${TOKEN}","token_ty`,
    'HTML with secret and token': `<p>${SECRET} ${TOKEN}</p>`,
  }
  for (const [name, answer] of Object.entries(answers)) {
    it(`given ${name}, when the answer is no good, then the error does not show it`, async (t) => {
      const { options } = await start(t, { token: (_request, response) => void response.writeHead(200).end(answer) })
      const error = await rejection(makeClient(t, options).getToken())
      assert.equal(error.code, 'ERR_LAYER1_AUTH')
      assertSilent(error)
    })
  }

  it('given a number as access_token, when the answer is no good, then the error does not show it', async (t) => {
    const { options } = await start(t, {
      token: (_request, response) => sendToken(response, { access_token: 987654321012345 }),
    })
    const error = await rejection(makeClient(t, options).getToken())
    assert.ok(!inspect(error, { depth: 9 }).includes('987654321012345'), error.message)
  })

  it('given other members in an OAuth error, when it is kept, then they are not', async (t) => {
    const { options } = await start(t, {
      token: (_request, response) => sendJson(response, 400, { error: 'no', debug: SECRET, trace: TOKEN }),
    })
    assertSilent(await rejection(makeClient(t, options).getToken()))
  })

  it('given a redirect with the secret in its location, when it is refused, then the error does not show it', async (t) => {
    const location = `https://e.example/?client_secret=${encodeURIComponent(SECRET)}`
    const { options } = await start(t, {
      token: (_request, response) => void response.writeHead(302, { location }).end(),
    })
    assertSilent(await rejection(makeClient(t, options).getToken()))
  })
})
