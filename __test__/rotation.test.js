'use strict'
// Credentials that are swapped in a client that lives on.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { tracingChannel } = require('node:diagnostics_channel')
const { describe, it } = require('node:test')
const { inspect } = require('node:util')
const { setTimeout: pause } = require('node:timers/promises')
const { Layer1ClosedError, Layer1ConfigError } = require('layer1')
const { failure, thrown } = require('./support/failures.js')
const { CLIENT_ID, CLIENT_SECRET, answerOk, makeClient, sendJson, sendToken, startPeer } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('./support/peer.js').Answerer} Answerer */
/** @typedef {import('./support/peer.js').Seen} Seen */

const NEW_ID = 'rotated-client'
const NEW_SECRET = 'rotated-secret-9c41d'

/**
 * Reads the credentials of a token request, however they came.
 *
 * @param {Seen | undefined} request
 * @returns {[string, string]}
 */
function credentialsOf(request) {
  const form = new URLSearchParams(request?.body)
  const [scheme, encoded = ''] = String(request?.headers.authorization).split(' ')
  if (scheme !== 'Basic') return [String(form.get('client_id')), String(form.get('client_secret'))]
  const [id = '', secret = ''] = Buffer.from(encoded, 'base64').toString().split(':')
  const decode = (/** @type {string} */ text) => String(new URLSearchParams(`text=${text}`).get('text'))
  return [decode(id), decode(secret)]
}

/**
 * Starts a peer whose tokens say for whom they are, `{id}.{secret}.{number}`, and that refuses the secrets it is told
 * to, by saying them again.
 *
 * @param {TestContext} t
 * @param {{ api?: Answerer, lifetime?: number }} [manners]
 */
async function startStrict(t, { api = answerOk, lifetime = 300 } = {}) {
  /** @type {Set<string>} */
  const refused = new Set()
  const peer = await startPeer(t, {
    api,
    token: (request, response, count) => {
      const [id, secret] = credentialsOf(request)
      if (refused.has(secret)) {
        sendJson(response, 401, { error: 'invalid_client', error_description: `no such secret: ${secret}` })
      } else {
        const named = encodeURIComponent(secret).slice(0, 40)
        sendToken(response, { access_token: `${id}.${named}.${count}`, expires_in: lifetime })
      }
    },
  })
  return { ...peer, refused, seen: () => peer.tokenRequests.map(credentialsOf) }
}

/**
 * Lets the I/O thread take up whatever it was given before: a stranger's call comes after that.
 *
 * @param {TestContext} t
 */
async function passBy(t) {
  await makeClient(t, (await startPeer(t)).options).getToken()
}

/** @param {Seen | undefined} call */
function tokenOf(call) {
  return String(call?.headers.authorization).replace('Bearer ', '')
}

for (const shareToken of [true, false]) {
  describe(`setCredentials(), with shareToken ${shareToken}`, { concurrency: true, timeout: 60_000 }, () => {
    for (const clientAuth of /** @type {const} */ (['client_secret_post', 'client_secret_basic'])) {
      it(`given ${clientAuth}, when both are swapped, then the next use asks with the new ones, and calls have that token`, async (t) => {
        const peer = await startStrict(t)
        const client = makeClient(t, { ...peer.options, shareToken, clientAuth })
        await client.get('/before')
        assert.equal(client.setCredentials({ clientId: NEW_ID, clientSecret: NEW_SECRET }), undefined)
        assert.equal(peer.tokenRequests.length, 1)
        await client.get('/after')
        assert.deepEqual(peer.seen(), [
          [CLIENT_ID, CLIENT_SECRET],
          [NEW_ID, NEW_SECRET],
        ])
        assert.deepEqual(peer.calls.map(tokenOf), [`${CLIENT_ID}.${CLIENT_SECRET}.1`, `${NEW_ID}.${NEW_SECRET}.2`])
        assert.equal(await client.getToken(), `${NEW_ID}.${NEW_SECRET}.2`)
      })
    }

    for (const [what, given, expected] of /** @type {[string, any, [string, string]][]} */ ([
      ['the secret', { clientSecret: NEW_SECRET }, [CLIENT_ID, NEW_SECRET]],
      ['the id', { clientId: NEW_ID }, [NEW_ID, CLIENT_SECRET]],
      ['the secret, and an undefined id', { clientId: undefined, clientSecret: NEW_SECRET }, [CLIENT_ID, NEW_SECRET]],
      ['the id, and a secret that is null', { clientId: NEW_ID, clientSecret: null }, [NEW_ID, CLIENT_SECRET]],
      ['the same again', { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET }, [CLIENT_ID, CLIENT_SECRET]],
    ])) {
      it(`given ${what}, when that is swapped, then the rest stays, and the next use asks`, async (t) => {
        const peer = await startStrict(t)
        const client = makeClient(t, { ...peer.options, shareToken })
        await client.getToken()
        client.setCredentials(given)
        assert.equal(await client.getToken(), `${expected.join('.')}.2`)
        assert.deepEqual(peer.seen()[1], expected)
      })
    }

    it('given two partial swaps, when the client is used, then both count', async (t) => {
      const peer = await startStrict(t)
      const client = makeClient(t, { ...peer.options, shareToken })
      client.setCredentials({ clientSecret: NEW_SECRET })
      client.setCredentials({ clientId: NEW_ID })
      await client.get('/a')
      assert.deepEqual(peer.seen(), [[NEW_ID, NEW_SECRET]])
    })

    it('given a client that was never used, when its credentials are swapped, then the old ones are never sent', async (t) => {
      const peer = await startStrict(t)
      const client = makeClient(t, { ...peer.options, shareToken })
      client.setCredentials({ clientSecret: NEW_SECRET })
      assert.equal(peer.connections(), 0)
      await client.warmUp()
      await client.get('/a')
      assert.deepEqual(peer.seen(), [[CLIENT_ID, NEW_SECRET]])
    })

    it('given secrets with odd characters, when they are swapped in, then the endpoint sees them as they are', async (t) => {
      const peer = await startStrict(t)
      const client = makeClient(t, { ...peer.options, shareToken })
      const odd = ['p:% + é&=ü', 'x'.repeat(500), ' leading', '\u{1f511}']
      for (const clientSecret of odd) {
        client.setCredentials({ clientSecret })
        await client.getToken()
      }
      assert.deepEqual(
        peer.seen().map(([, secret]) => secret),
        odd,
      )
    })

    it('given a refusal that is remembered, when the right secret is swapped in, then the next use works at once', async (t) => {
      const peer = await startStrict(t)
      peer.refused.add('wrong')
      const client = makeClient(t, { ...peer.options, shareToken, clientSecret: 'wrong' })
      const began = performance.now()
      for (let index = 0; index < 5; index++) await failure(client.get('/a'), 'ERR_LAYER1_AUTH')
      const most = 1 + Math.floor((performance.now() - began) / 1000)
      assert.ok(peer.tokenRequests.length <= most)
      const asked = peer.tokenRequests.length
      client.setCredentials({ clientSecret: CLIENT_SECRET })
      assert.deepEqual(await client.get('/b'), { ok: true })
      assert.equal(peer.tokenRequests.length, asked + 1)
    })

    it('given a refusal that is remembered, when the same secret is given again, then the endpoint is asked at once', async (t) => {
      const peer = await startStrict(t)
      peer.refused.add(CLIENT_SECRET)
      const client = makeClient(t, { ...peer.options, shareToken })
      for (let count = 1; count <= 5; count++) {
        await failure(client.getToken(), 'ERR_LAYER1_AUTH')
        assert.equal(peer.tokenRequests.length, count)
        client.setCredentials({ clientSecret: CLIENT_SECRET })
      }
      // As after somebody has mended things at the identity provider.
      peer.refused.clear()
      assert.equal(await client.getToken(), `${CLIENT_ID}.${CLIENT_SECRET}.6`)
    })

    it('given a wrong secret that is swapped in, when calls follow, then they fail, and the right one mends them', async (t) => {
      const peer = await startStrict(t)
      peer.refused.add('wrong')
      const client = makeClient(t, { ...peer.options, shareToken })
      await client.get('/a')
      client.setCredentials({ clientSecret: 'wrong' })
      const error = await failure(client.get('/b'), 'ERR_LAYER1_AUTH')
      assert.deepEqual([error.status, error.oauthError, error.endpoint], [401, 'invalid_client', 'token'])
      client.setCredentials({ clientSecret: NEW_SECRET })
      await client.get('/c')
      assert.deepEqual(
        peer.seen().map(([, secret]) => secret),
        [CLIENT_SECRET, 'wrong', NEW_SECRET],
      )
    })

    it('given an endpoint that says the new secret again, when it refuses, then the error does not', async (t) => {
      const peer = await startStrict(t)
      peer.refused.add(NEW_SECRET)
      const client = makeClient(t, { ...peer.options, shareToken })
      client.setCredentials({ clientSecret: NEW_SECRET })
      const error = await failure(client.getToken(), 'ERR_LAYER1_AUTH')
      assert.match(error.oauthErrorDescription, /^no such secret: /)
      assert.ok(!`${inspect(error, { depth: 9, showHidden: true })}${JSON.stringify(error)}`.includes(NEW_SECRET))
    })

    it('given a grant under way, when credentials are swapped, then its token is for those who wait, and nobody else', async (t) => {
      /** @type {(() => void)[]} */
      const held = []
      const peer = await startPeer(t, {
        token: (request, response, count) => {
          const grant = () => sendToken(response, { access_token: `${credentialsOf(request).join('.')}.${count}` })
          if (count === 1) held.push(grant)
          else grant()
        },
      })
      const client = makeClient(t, { ...peer.options, shareToken })
      const waiting = [client.getToken(), client.getToken(), client.get('/early')]
      await peer.asked(1)
      await passBy(t)
      client.setCredentials({ clientSecret: NEW_SECRET })
      // Whoever comes now does not wait for it.
      const next = `${CLIENT_ID}.${NEW_SECRET}.2`
      assert.equal(await client.getToken(), next)
      await client.get('/late')
      held[0]?.()
      const old = `${CLIENT_ID}.${CLIENT_SECRET}.1`
      assert.deepEqual(await Promise.all(waiting), [old, old, { ok: true }])
      assert.equal(await client.getToken(), next)
      await client.get('/later')
      assert.deepEqual(
        peer.calls.map((call) => [call.url, tokenOf(call)]),
        [
          ['/late', next],
          ['/early', old],
          ['/later', next],
        ],
      )
      assert.equal(peer.tokenRequests.length, 2)
    })

    it('given a forced refresh under way, when credentials are swapped, then the next use does not join it', async (t) => {
      /** @type {(() => void)[]} */
      const held = []
      const peer = await startPeer(t, {
        token: (request, response, count) => {
          const grant = () => sendToken(response, { access_token: `${credentialsOf(request).join('.')}.${count}` })
          if (count === 2) held.push(grant)
          else grant()
        },
      })
      const client = makeClient(t, { ...peer.options, shareToken })
      await client.getToken()
      const forced = client.getToken({ forceRefresh: true })
      await peer.asked(2)
      client.setCredentials({ clientSecret: NEW_SECRET })
      assert.equal(await client.getToken({ forceRefresh: true }), `${CLIENT_ID}.${NEW_SECRET}.3`)
      held[0]?.()
      assert.equal(await forced, `${CLIENT_ID}.${CLIENT_SECRET}.2`)
      assert.equal(await client.getToken(), `${CLIENT_ID}.${NEW_SECRET}.3`)
    })

    it('given calls under way, when credentials are swapped, then they keep their token and finish, retries too', async (t) => {
      /** @type {(() => void)[]} */
      const held = []
      const peer = await startStrict(t, {
        api: (request, response, count) => {
          if (count === 1) held.push(() => answerOk(request, response, count))
          else if (count === 2) held.push(() => sendJson(response, 503, {}))
          else answerOk(request, response, count)
        },
      })
      const client = makeClient(t, { ...peer.options, shareToken })
      const calls = [client.get('/a'), client.get('/b')]
      await peer.called(2)
      client.setCredentials({ clientId: NEW_ID, clientSecret: NEW_SECRET })
      await client.get('/new')
      for (const answer of held) answer()
      assert.deepEqual(await Promise.all(calls), [{ ok: true }, { ok: true }])
      const old = `${CLIENT_ID}.${CLIENT_SECRET}.1`
      assert.deepEqual(peer.calls.map(tokenOf), [old, old, `${NEW_ID}.${NEW_SECRET}.2`, old])
      assert.equal(peer.tokenRequests.length, 2)
    })

    it('given another client with the old credentials, when one swaps, then the other keeps its token', async (t) => {
      const peer = await startStrict(t)
      const [one, other] = [
        makeClient(t, { ...peer.options, shareToken }),
        makeClient(t, { ...peer.options, shareToken }),
      ]
      await one.getToken()
      const token = await other.getToken()
      const asked = peer.tokenRequests.length
      one.setCredentials({ clientSecret: NEW_SECRET })
      await one.get('/one')
      await other.get('/other')
      assert.equal(await other.getToken(), token)
      assert.equal(peer.tokenRequests.length, asked + 1)
      assert.ok(inspect(other).includes(CLIENT_ID))
    })

    it('given two sets of credentials, when they are swapped back and forth, then each swap asks once, with the right ones', async (t) => {
      const peer = await startStrict(t)
      const client = makeClient(t, { ...peer.options, shareToken })
      const sets = [
        { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET },
        { clientId: NEW_ID, clientSecret: NEW_SECRET },
      ]
      const expected = []
      for (let index = 0; index < 10; index++) {
        const set = /** @type {typeof sets[number]} */ (sets[index % 2])
        client.setCredentials(set)
        expected.push(`${set.clientId}.${set.clientSecret}.${index + 1}`)
        await Promise.all(Array.from({ length: 5 }, () => client.get('/a')))
      }
      assert.equal(peer.tokenRequests.length, 10)
      assert.deepEqual([...new Set(peer.calls.map(tokenOf))], expected)
    })

    it('given calls on and on, when credentials are swapped in their midst, then all are answered', async (t) => {
      const peer = await startStrict(t)
      const client = makeClient(t, { ...peer.options, shareToken })
      let isOver = false
      const loops = Array.from({ length: 8 }, async () => {
        while (!isOver) await client.get('/a')
      })
      for (let round = 1; round <= 10; round++) {
        client.setCredentials({ clientSecret: `secret-${round}` })
        await client.get(`/round/${round}`)
        await pause(5)
      }
      isOver = true
      await Promise.all(loops)
      for (let round = 1; round <= 10; round++) {
        const call = peer.calls.find(({ url }) => url === `/round/${round}`)
        assert.ok(tokenOf(call).startsWith(`${CLIENT_ID}.secret-${round}.`), `round ${round} had ${tokenOf(call)}`)
      }
      // One for the first credentials, if a call came before the first swap, and one for each swap.
      assert.ok(peer.tokenRequests.length <= 11, `${peer.tokenRequests.length} grants`)
      assert.equal(client.stats().replays401, 0)
    })

    it('given a secret that was rotated at the provider, when a renewal is refused and the new one is given, then the next call has it', async (t) => {
      const peer = await startStrict(t, { lifetime: 3 })
      const client = makeClient(t, { ...peer.options, shareToken })
      const token = await client.getToken()
      peer.refused.add(CLIENT_SECRET)
      while (peer.tokenRequests.length < 2) {
        // Not waited for: should the machine be late, the token has ended, and this use hears of the refusal.
        client.getToken().then(
          (present) => assert.equal(present, token),
          (error) => assert.equal(error.oauthError, 'invalid_client'),
        )
        await pause(10)
      }
      client.setCredentials({ clientSecret: NEW_SECRET })
      await client.get('/a')
      assert.ok(tokenOf(peer.calls[0]).startsWith(`${CLIENT_ID}.${NEW_SECRET}.`))
      assert.deepEqual(peer.seen().at(-1), [CLIENT_ID, NEW_SECRET])
    })

    it('given a swap, when the client is looked at, then it shows the new id, and no secret', async (t) => {
      const peer = await startStrict(t)
      const client = makeClient(t, { ...peer.options, shareToken })
      await client.get('/a')
      client.setCredentials({ clientId: NEW_ID, clientSecret: NEW_SECRET })
      for (const moment of ['before', 'after']) {
        const shown = inspect(client, { depth: 9, showHidden: true, getters: true })
        assert.ok(shown.includes(NEW_ID) && !shown.includes(CLIENT_ID), shown)
        const all = [shown, inspect(client), JSON.stringify(client), String(client), inspect(client.stats())].join('\n')
        for (const secret of [CLIENT_SECRET, NEW_SECRET]) assert.ok(!all.includes(secret), `${moment} the next use`)
        await client.get('/b')
      }
    })

    it('given a swap, when token requests are watched, then they are told of under the new id, and without a secret', async (t) => {
      const peer = await startStrict(t)
      const client = makeClient(t, { ...peer.options, shareToken })
      /** @type {any[]} */
      const events = []
      const channel = tracingChannel('layer1:token')
      const note = (/** @type {any} */ event) => {
        if (event.tokenUrl === peer.options.tokenUrl) events.push(event)
      }
      channel.asyncEnd.subscribe(note)
      t.after(() => channel.asyncEnd.unsubscribe(note))
      await client.getToken()
      client.setCredentials({ clientId: NEW_ID, clientSecret: NEW_SECRET })
      await client.getToken()
      assert.deepEqual(
        events.map(({ clientId }) => clientId),
        [CLIENT_ID, NEW_ID],
      )
      const shown = inspect(events, { depth: 9, showHidden: true })
      for (const secret of [CLIENT_SECRET, NEW_SECRET]) assert.ok(!shown.includes(secret))
    })
  })
}

describe('setCredentials() in clients that share', { timeout: 60_000 }, () => {
  it('given clients that have all swapped, when they are used, then one grant serves them', async (t) => {
    const peer = await startStrict(t)
    const clients = Array.from({ length: 5 }, () => makeClient(t, peer.options))
    await Promise.all(clients.map((client) => client.getToken()))
    for (const client of clients) client.setCredentials({ clientSecret: NEW_SECRET })
    const tokens = await Promise.all(clients.map((client) => client.getToken()))
    assert.deepEqual(tokens, Array(5).fill(`${CLIENT_ID}.${NEW_SECRET}.2`))
    assert.equal(peer.tokenRequests.length, 2)
  })

  it('given a swap, when a client is made with the new credentials, then it has the same token', async (t) => {
    const peer = await startStrict(t)
    const client = makeClient(t, peer.options)
    client.setCredentials({ clientSecret: NEW_SECRET })
    const token = await client.getToken()
    assert.equal(await makeClient(t, { ...peer.options, clientSecret: NEW_SECRET }).getToken(), token)
    assert.equal(peer.tokenRequests.length, 1)
  })

  it('given a swap by one, when that client invalidates its token, then clients with the old credentials keep theirs', async (t) => {
    const peer = await startStrict(t)
    const [one, other] = [makeClient(t, peer.options), makeClient(t, peer.options)]
    const token = await other.getToken()
    one.setCredentials({ clientSecret: NEW_SECRET })
    await one.getToken()
    one.invalidateToken()
    assert.equal(await other.getToken(), token)
    assert.equal(peer.tokenRequests.length, 2)
  })

  it('given a swap, when the client is closed, then clients with either credentials work on', async (t) => {
    const peer = await startStrict(t)
    const [one, old] = [makeClient(t, peer.options), makeClient(t, peer.options)]
    await old.getToken()
    one.setCredentials({ clientSecret: NEW_SECRET })
    await one.get('/a')
    await one.close()
    await old.get('/b')
    await makeClient(t, { ...peer.options, clientSecret: NEW_SECRET }).get('/c')
    assert.equal(peer.tokenRequests.length, 2)
  })
})

describe('setCredentials(), given what is no credentials', { timeout: 60_000 }, () => {
  const hidden = 'hidden-value-77aa'
  const loud = { toString: () => hidden, [inspect.custom]: () => hidden, toJSON: () => hidden }

  for (const [what, given] of /** @type {[string, any][]} */ ([
    ['nothing', undefined],
    ['null', null],
    ['no names', {}],
    ['an undefined id', { clientId: undefined }],
    ['an undefined secret', { clientSecret: undefined }],
    ['both undefined', { clientId: undefined, clientSecret: undefined }],
    ['both null', { clientId: null, clientSecret: null }],
    ['an empty id', { clientId: '' }],
    ['an empty secret', { clientSecret: '' }],
    ['an empty secret beside an id', { clientId: hidden, clientSecret: '' }],
    ['an empty id beside a secret', { clientId: '', clientSecret: hidden }],
    ['a number', { clientSecret: 770_055_770_055 }],
    ['a bigint', { clientSecret: 770_055_770_055n }],
    ['a boolean', { clientSecret: true }],
    ['a symbol', { clientSecret: Symbol(hidden) }],
    ['a function', { clientSecret: () => hidden }],
    ['an array', { clientSecret: [hidden] }],
    ['an object', { clientSecret: loud }],
    ['a String object', { clientSecret: new String(hidden) }],
    ['a Buffer', { clientSecret: Buffer.from(hidden) }],
    ['a promise', { clientSecret: Promise.resolve(hidden) }],
    ['a lone surrogate', { clientSecret: `${hidden}\ud800` }],
    ['an id that is a number beside a secret', { clientId: 770_055_770_055, clientSecret: hidden }],
    ['an unknown name', { secret: hidden }],
    ['an unknown name beside a secret', { clientSecret: hidden, scope: hidden }],
    ['a misspelt name', { client_secret: hidden }],
    ['a string', hidden],
    ['a list', [hidden]],
    ['a function of its own', () => ({ clientSecret: hidden })],
    ['a getter that throws', Object.defineProperty({}, 'clientSecret', { enumerable: true, get: () => fail() })],
  ])) {
    it(`given ${what}, when it is to be swapped in, then that is refused without its value, and the old ones stay`, async (t) => {
      const peer = await startStrict(t)
      const client = makeClient(t, peer.options)
      const token = await client.getToken()
      const error = thrown(() => client.setCredentials(given))
      assert.ok(error instanceof Layer1ConfigError, String(error))
      assert.deepEqual([error.name, error.code, error.retryable], ['Layer1ConfigError', 'ERR_LAYER1_CONFIG', false])
      assert.match(error.message, /clientId|clientSecret|options/)
      const shown = [error.message, String(error), JSON.stringify(error), error.stack?.split('\n    at ')[0]].join('\n')
      for (const value of [hidden, '770055770055']) assert.ok(!shown.includes(value), shown)
      assert.equal(await client.getToken(), token)
      client.invalidateToken()
      await client.get('/a')
      assert.deepEqual(peer.seen(), Array(2).fill([CLIENT_ID, CLIENT_SECRET]))
      assert.ok(inspect(client).includes(CLIENT_ID))
    })
  }

  /** @returns {never} */
  function fail() {
    throw new Error('cannot be read')
  }

  it('given a misspelt name, when it is refused, then the right one is named', async (t) => {
    const client = makeClient(t, (await startStrict(t)).options)
    const error = thrown(() => client.setCredentials(/** @type {any} */ ({ client_secret: 'x' })))
    assert.match(error.message, /did you mean "clientSecret"/)
  })

  it('given an object, when it is swapped in, then it is read once, left as it is, and may be changed after', async (t) => {
    const peer = await startStrict(t)
    const client = makeClient(t, peer.options)
    let reads = 0
    const credentials = {
      get clientSecret() {
        reads += 1
        return `${NEW_SECRET}-${reads}`
      },
      clientId: NEW_ID,
    }
    client.setCredentials(credentials)
    credentials.clientId = 'changed'
    await client.getToken()
    assert.deepEqual([reads, peer.seen()], [1, [[NEW_ID, `${NEW_SECRET}-1`]]])
    client.setCredentials(Object.freeze({ clientSecret: NEW_SECRET }))
    await client.getToken()
    assert.deepEqual(peer.seen()[1], [NEW_ID, NEW_SECRET])
  })

  it('given a closed client, when credentials are to be swapped, then it says so at once', async (t) => {
    const client = makeClient(t, (await startStrict(t)).options)
    await client.close()
    const error = thrown(() => client.setCredentials({ clientSecret: NEW_SECRET }))
    assert.ok(error instanceof Layer1ClosedError)
    assert.equal(error.code, 'ERR_LAYER1_CLOSED')
    assert.ok(!inspect(error).includes(NEW_SECRET))
  })

  it('given a method without its client, when it is called, then that is a TypeError, and nothing is swapped', async (t) => {
    const peer = await startStrict(t)
    const client = makeClient(t, peer.options)
    const { setCredentials } = client
    for (const receiver of [undefined, null, {}, Object.create(client), 'client']) {
      const error = thrown(() => setCredentials.call(/** @type {any} */ (receiver), { clientSecret: NEW_SECRET }))
      assert.ok(error instanceof TypeError, String(error))
      assert.ok(!inspect(error).includes(NEW_SECRET))
    }
    await client.getToken()
    assert.deepEqual(peer.seen(), [[CLIENT_ID, CLIENT_SECRET]])
  })

  it('given variables in the environment, when a part is swapped, then they are not read again', async (t) => {
    const peer = await startStrict(t)
    const client = makeClient(t, peer.options)
    process.env.LAYER1_CLIENT_ID = 'from-the-environment'
    t.after(() => delete process.env.LAYER1_CLIENT_ID)
    client.setCredentials({ clientSecret: NEW_SECRET })
    await client.getToken()
    assert.deepEqual(peer.seen(), [[CLIENT_ID, NEW_SECRET]])
  })
})
