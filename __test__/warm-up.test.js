'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const net = require('node:net')
const { after, describe, it } = require('node:test')
const { inspect } = require('node:util')
const { Layer1ClosedError, Layer1RequestError } = require('layer1')
const { Authority, skip: skipTls } = require('./support/certificates.js')
const { runChild } = require('./support/child.js')
const { failure, rejection } = require('./support/failures.js')
const {
  answerOk,
  deadEnd,
  grantToken,
  makeClient,
  neverAnswer,
  sendJson,
  startPeer,
  startTcp,
} = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('./support/peer.js').Answerer} Answerer */
/** @typedef {import('./support/peer.js').Manners} Manners */

/**
 * Starts a token endpoint and an API that are two servers, or one.
 *
 * @param {TestContext} t
 * @param {Manners} [manners]
 * @param {boolean} [isOne]
 */
async function startBoth(t, manners = {}, isOne = false) {
  const api = await startPeer(t, manners)
  const tokens = isOne ? api : await startPeer(t, manners)
  return { api, tokens, options: { ...api.options, tokenUrl: tokens.options.tokenUrl } }
}

/** @param {{ api: { connections(): number }, tokens: { connections(): number } }} both */
function connectionsOf({ api, tokens }) {
  return [api.connections(), tokens.connections()]
}

describe('warmUp()', { timeout: 60_000 }, () => {
  for (const [what, isOne] of /** @type {const} */ ([
    ['two servers', false],
    ['one server', true],
  ])) {
    it(`given token endpoint and API on ${what}, when a call follows, then it asks for no token, and opens no connection`, async (t) => {
      const both = await startBoth(t, {}, isOne)
      const client = makeClient(t, both.options)
      assert.equal(await client.warmUp(), undefined)
      const opened = connectionsOf(both)
      t.diagnostic(`connections to API and token endpoint: ${opened}`)
      assert.ok(opened.every((count) => count >= 1 && count <= 2))
      assert.deepEqual([both.tokens.tokenRequests.length, both.api.calls.length], [1, 1])
      assert.deepEqual(await client.get('/a'), { ok: true })
      assert.deepEqual(await client.post('/b', {}), { ok: true })
      assert.deepEqual(connectionsOf(both), opened)
      assert.equal(both.tokens.tokenRequests.length, 1)
      assert.deepEqual(
        both.api.calls.map(({ method, url }) => [method, url]),
        [
          ['HEAD', '/'],
          ['GET', '/a'],
          ['POST', '/b'],
        ],
      )
      const { requests, tokenRequests, retries, replays401, inFlight } = client.stats()
      assert.deepEqual(
        { requests, tokenRequests, retries, replays401, inFlight },
        { requests: 3, tokenRequests: 1, retries: 0, replays401: 0, inFlight: 0 },
      )
    })
  }

  it('given TLS, when a call follows, then it opens no connection', { skip: skipTls }, async (t) => {
    const authority = new Authority('layer1 warm-up tests')
    const both = await startBoth(t, { tls: authority.sign(['IP:127.0.0.1']) })
    const client = makeClient(t, { ...both.options, ca: authority.cert })
    await client.warmUp()
    await client.get('/a')
    assert.deepEqual(connectionsOf(both), [1, 1])
    assert.equal(both.tokens.tokenRequests.length, 1)
  })
  after(() => Authority.remove())

  it('given servers that each wait until the other is asked, when a client warms up, then both are asked at once', async (t) => {
    /** @type {(() => void)[]} */
    const held = []
    const both = await startBoth(t, {
      token: (request, response, count) => meet(() => grantToken(request, response, count)),
      api: (request, response, count) => meet(() => answerOk(request, response, count)),
    })
    const meet = (/** @type {() => void} */ answer) => {
      held.push(answer)
      if (held.length === 2) for (const each of held) each()
    }
    await makeClient(t, both.options).warmUp()
    assert.deepEqual([both.api.calls.length, both.tokens.tokenRequests.length], [1, 1])
  })

  it('given a warm-up, when the API is reached, then by a HEAD of the base URL that says nothing of whose it is', async (t) => {
    const both = await startBoth(t, { prefix: '/prefix/v1' })
    const client = makeClient(t, {
      ...both.options,
      headers: { 'x-tenant': 'acme', cookie: 'session=1' },
      userAgent: 'shop/1',
    })
    await client.warmUp()
    const [head] = both.api.calls
    assert.match(`${head?.method} ${head?.url}`, /^HEAD \/prefix\/v1\/?$/)
    assert.deepEqual([head?.body, head?.headers.authorization, head?.headers['x-tenant']], ['', undefined, undefined])
    assert.match(String(head?.headers['user-agent']), /^shop\/1 layer1\//)
    const all = JSON.stringify([head?.rawHeaders, head?.url])
    for (const secret of [both.options.clientId, both.options.clientSecret, 'token-1', 'session=1']) {
      assert.ok(!all.includes(secret), all)
    }
  })

  for (const [what, answer] of /** @type {[string, Answerer][]} */ ([
    ['204', (_request, response) => void response.writeHead(204).end()],
    ['302', (_request, response) => void response.writeHead(302, { location: '/elsewhere' }).end()],
    [
      '302 to another host',
      (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    ],
    ['301 without a place', (_request, response) => void response.writeHead(301).end()],
    ['400', (_request, response) => sendJson(response, 400, {})],
    [
      '401',
      (_request, response) => sendJson(response, 401, {}, { 'www-authenticate': 'Bearer error="invalid_token"' }),
    ],
    ['403', (_request, response) => sendJson(response, 403, {})],
    ['404', (_request, response) => sendJson(response, 404, {})],
    ['405', (_request, response) => sendJson(response, 405, {}, { allow: 'GET' })],
    ['429 for an hour', (_request, response) => sendJson(response, 429, {}, { 'retry-after': '3600' })],
    ['500', (_request, response) => sendJson(response, 500, {})],
    ['503', (_request, response) => sendJson(response, 503, {})],
    ['200 with an unknown coding', (_request, response) => sendJson(response, 200, {}, { 'content-encoding': 'x' })],
    ['200 with a great length', (_request, response) => void response.writeHead(200, { 'content-length': 1e12 }).end()],
  ])) {
    it(`given an API that answers ${what} to the HEAD, when a client warms up, then that will do, and is not tried again`, async (t) => {
      const both = await startBoth(t, {
        api: (request, response, count) => (count === 1 ? answer : answerOk)(request, response, count),
      })
      const client = makeClient(t, both.options)
      assert.equal(await client.warmUp(), undefined)
      assert.deepEqual([both.api.calls.length, both.tokens.tokenRequests.length], [1, 1])
      await client.get('/a')
      assert.deepEqual(connectionsOf(both), [1, 1])
      assert.equal(both.tokens.tokenRequests.length, 1)
    })
  }

  it('given a client that is warm, when it warms up again, then no token is asked for', async (t) => {
    const both = await startBoth(t)
    const client = makeClient(t, both.options)
    for (let index = 0; index < 3; index++) await client.warmUp()
    assert.equal(both.tokens.tokenRequests.length, 1)
    assert.deepEqual(connectionsOf(both), [1, 1])
  })

  it('given warm-ups and calls at once, when they end, then one token request served them all', async (t) => {
    const both = await startBoth(t)
    const client = makeClient(t, both.options)
    await Promise.all([client.warmUp(), client.get('/a'), client.warmUp(), client.getToken(), client.warmUp()])
    assert.equal(both.tokens.tokenRequests.length, 1)
  })

  it('given an equal client that warmed up, when another calls, then it is warm too', async (t) => {
    const both = await startBoth(t)
    const [one, other] = [makeClient(t, both.options), makeClient(t, both.options)]
    await one.warmUp()
    await other.get('/a')
    assert.deepEqual(connectionsOf(both), [1, 1])
    assert.equal(both.tokens.tokenRequests.length, 1)
  })

  it('given shareToken false, when another client warmed up, then that one alone is warm', async (t) => {
    const both = await startBoth(t)
    const options = { ...both.options, shareToken: false }
    const [one, other] = [makeClient(t, options), makeClient(t, options)]
    await one.warmUp()
    await one.get('/a')
    assert.deepEqual([...connectionsOf(both), both.tokens.tokenRequests.length], [1, 1, 1])
    await other.get('/a')
    assert.deepEqual([...connectionsOf(both), both.tokens.tokenRequests.length], [2, 2, 2])
  })

  it('given a cap of one connection, when token endpoint and API are one server, then a client warms up all the same', async (t) => {
    const both = await startBoth(t, {}, true)
    const client = makeClient(t, { ...both.options, maxConnections: 1 })
    await client.warmUp()
    await client.get('/a')
    assert.equal(both.api.mostOpen(), 1)
  })

  it('given credentials that were swapped, when a client warms up, then the token is that of the new ones', async (t) => {
    const both = await startBoth(t)
    const client = makeClient(t, both.options)
    await client.warmUp()
    client.setCredentials({ clientSecret: 'rotated' })
    await client.warmUp()
    await client.get('/a')
    const secrets = both.tokens.tokenRequests.map(({ body }) => new URLSearchParams(body).get('client_secret'))
    assert.deepEqual(secrets, [both.options.clientSecret, 'rotated'])
    assert.equal(both.api.calls.at(-1)?.headers.authorization, 'Bearer token-2')
  })

  it('given a process that only warms up, when nothing else is to do, then it ends once that is done', async (t) => {
    const later = (/** @type {Answerer} */ answer) =>
      /** @type {Answerer} */ ((...args) => void setTimeout(() => answer(...args), 200))
    const both = await startBoth(t, { token: later(grantToken), api: later(answerOk) })
    const ended = await runChild(
      t,
      async (options) => {
        await new (require('layer1').Layer1)(options).warmUp()
        console.log('warm')
      },
      both.options,
    )
    assert.deepEqual(ended, { code: 0, signal: null, stdout: 'warm\n', stderr: '' })
  })
})

describe('warmUp() that fails', { concurrency: true, timeout: 60_000 }, () => {
  it('given a token endpoint that refuses, when a client warms up, then that is the error, and the client works on', async (t) => {
    const both = await startBoth(t, {
      token: (request, response, count) =>
        count === 1 ? sendJson(response, 401, { error: 'invalid_client' }) : grantToken(request, response, count),
    })
    const client = makeClient(t, both.options)
    const error = await failure(client.warmUp(), 'ERR_LAYER1_AUTH')
    assert.deepEqual([error.status, error.oauthError, error.endpoint], [401, 'invalid_client', 'token'])
    assert.ok(!inspect(error).includes(both.options.clientSecret))
    client.setCredentials({ clientSecret: 'mended' })
    assert.deepEqual(await client.get('/a'), { ok: true })
  })

  for (const [what, manners, code] of /** @type {[string, Manners, import('layer1').Layer1ErrorCode][]} */ ([
    [
      'a token endpoint that refuses, and an API that hangs',
      { token: (_request, response) => sendJson(response, 401, { error: 'invalid_client' }), api: neverAnswer },
      'ERR_LAYER1_AUTH',
    ],
    [
      'a token endpoint that hangs, and an API that breaks the connection',
      { token: neverAnswer, api: (request) => request.socket.destroy() },
      'ERR_LAYER1_CONNECTION_LOST',
    ],
  ])) {
    it(`given ${what}, when a client warms up, then the failure does not wait for the other side`, async (t) => {
      const { options } = await startBoth(t, manners)
      await failure(makeClient(t, options).warmUp({ timeout: Number.POSITIVE_INFINITY }), code)
    })
  }

  it('given a kept connection that is dead, when a client warms up, then it opens another', async (t) => {
    const both = await startBoth(t, {
      api: (request, response, count) => (count === 2 ? request.socket.destroy() : answerOk(request, response, count)),
    })
    const client = makeClient(t, both.options)
    await client.get('/a')
    await client.warmUp()
    assert.deepEqual(await client.get('/b'), { ok: true })
    assert.equal(both.api.connections(), 2)
  })

  it('given an API that is down, when a client warms up, then that is the error, and the token is there', async (t) => {
    const { host, port } = await deadEnd(t)
    const peer = await startPeer(t)
    const client = makeClient(t, { ...peer.options, baseUrl: `http://${host}:${port}` })
    const error = await failure(client.warmUp(), 'ERR_LAYER1_CONNECT')
    assert.deepEqual([error.host, error.port, error.endpoint, error.retryable], [host, port, 'api', true])
    assert.equal(error.attempts, 1)
    assert.equal(await client.getToken(), 'token-1')
    assert.equal(peer.tokenRequests.length, 1)
  })

  it('given a token endpoint that is down, when a client warms up, then that is the error', async (t) => {
    const { host, port } = await deadEnd(t)
    const peer = await startPeer(t)
    const client = makeClient(t, { ...peer.options, tokenUrl: `http://${host}:${port}/token` })
    const error = await failure(client.warmUp(), 'ERR_LAYER1_CONNECT')
    assert.deepEqual([error.host, error.port, error.endpoint], [host, port, 'token'])
  })

  it('given an API that breaks the connection, when a client warms up, then that is the error', async (t) => {
    const both = await startBoth(t, { api: (request) => void request.socket.destroy() })
    const error = await failure(makeClient(t, both.options).warmUp(), 'ERR_LAYER1_CONNECTION_LOST')
    assert.equal(error.endpoint, 'api')
  })

  for (const [what, manners, phase, endpoint] of /** @type {[string, Manners, string, string][]} */ ([
    ['an API', { api: neverAnswer }, 'headers', 'api'],
    ['a token endpoint', { token: neverAnswer }, 'token', 'token'],
  ])) {
    it(`given ${what} that hangs, when the time of the warm-up is up, then it says what it waited for`, async (t) => {
      const both = await startBoth(t, manners)
      const error = await failure(makeClient(t, both.options).warmUp({ timeout: 1_500 }), 'ERR_LAYER1_TIMEOUT')
      assert.deepEqual([error.phase, error.endpoint], [phase, endpoint])
      assert.match(error.message, /1500 ms/)
    })

    it(`given ${what} that hangs, when the client's own time is up, then the warm-up ends too`, async (t) => {
      const both = await startBoth(t, manners)
      const error = await failure(makeClient(t, { ...both.options, timeout: 1_500 }).warmUp(), 'ERR_LAYER1_TIMEOUT')
      assert.equal(error.phase, phase)
    })

    it(`given ${what} that hangs, when the caller aborts, then the reason comes back, and nothing is in flight`, async (t) => {
      const both = await startBoth(t, manners)
      const client = makeClient(t, both.options)
      const controller = new AbortController()
      const warm = client.warmUp({ signal: controller.signal })
      await Promise.all([both.api.called(1), both.tokens.asked(1)])
      const reason = { why: 'enough' }
      controller.abort(reason)
      assert.equal(await rejection(warm), reason)
      assert.equal(client.stats().inFlight, 0)
    })

    it(`given ${what} that hangs, when the client is closed, then the warm-up says so`, async (t) => {
      const both = await startBoth(t, manners)
      const client = makeClient(t, both.options)
      const warm = failure(client.warmUp(), 'ERR_LAYER1_CLOSED')
      await Promise.all([both.api.called(1), both.tokens.asked(1)])
      await client.close()
      assert.ok((await warm) instanceof Layer1ClosedError)
    })
  }

  it('given an aborted warm-up, when the token it asked for comes all the same, then the next call has it', async (t) => {
    /** @type {(() => void)[]} */
    const held = []
    const both = await startBoth(t, {
      token: (request, response, count) => void held.push(() => grantToken(request, response, count)),
    })
    const client = makeClient(t, both.options)
    const controller = new AbortController()
    const warm = client.warmUp({ signal: controller.signal }).catch(() => {})
    await both.tokens.asked(1)
    controller.abort()
    await warm
    held[0]?.()
    await client.get('/a')
    assert.equal(both.tokens.tokenRequests.length, 1)
  })

  it('given an aborted warm-up, when its slot is needed, then it is free', async (t) => {
    const both = await startBoth(t, {
      api: (request, response, count) => (request.method === 'HEAD' ? undefined : answerOk(request, response, count)),
    })
    const client = makeClient(t, { ...both.options, maxConnections: 1 })
    const controller = new AbortController()
    const warm = client.warmUp({ signal: controller.signal }).catch(() => {})
    await both.api.called(1)
    controller.abort()
    await warm
    assert.deepEqual(await client.get('/a', { timeout: 20_000 }), { ok: true })
  })

  it('given a signal that was aborted before, when a client warms up, then nothing is sent', async (t) => {
    const both = await startBoth(t)
    const client = makeClient(t, both.options)
    assert.equal(await rejection(client.warmUp({ signal: AbortSignal.abort('no') })), 'no')
    assert.deepEqual(connectionsOf(both), [0, 0])
  })

  it('given a closed client, when it warms up, then it says so, and nothing is sent', async (t) => {
    const both = await startBoth(t)
    const client = makeClient(t, both.options)
    await client.close()
    await failure(client.warmUp(), 'ERR_LAYER1_CLOSED')
    assert.deepEqual(connectionsOf(both), [0, 0])
  })

  for (const [what, options] of /** @type {[string, any][]} */ ([
    ['a string', 'now'],
    ['a number', 1],
    ['a list', []],
    ['a function', () => {}],
    ['an unknown name', { force: true }],
    ['an option of a call', { query: {} }],
    ['a misspelt name', { timeOut: 1 }],
    ['a timeout of 0', { timeout: 0 }],
    ['a timeout below 0', { timeout: -1 }],
    ['a timeout that is no number', { timeout: '1' }],
    ['a timeout of NaN', { timeout: Number.NaN }],
    ['a signal that is none', { signal: {} }],
    ['a getter that throws', Object.defineProperty({}, 'signal', { enumerable: true, get: () => assert.fail('no') })],
  ])) {
    it(`given ${what} for options, when a client warms up, then they are refused, and nothing is sent`, async (t) => {
      const both = await startBoth(t)
      const error = await failure(makeClient(t, both.options).warmUp(options), 'ERR_LAYER1_REQUEST')
      assert.ok(error instanceof Layer1RequestError)
      assert.deepEqual(connectionsOf(both), [0, 0])
    })
  }

  for (const options of [null, undefined, {}, { signal: null, timeout: null }, { timeout: Number.POSITIVE_INFINITY }]) {
    it(`given ${inspect(options)} for options, when a client warms up, then it does`, async (t) => {
      const both = await startBoth(t)
      assert.equal(await makeClient(t, both.options).warmUp(options), undefined)
    })
  }

  it('given the method without its client, when it is called, then that is a TypeError', async (t) => {
    const { warmUp } = makeClient(t, (await startBoth(t)).options)
    assert.ok((await rejection(warmUp.call(/** @type {any} */ (undefined)))) instanceof TypeError)
    assert.ok((await rejection(warmUp.call(/** @type {any} */ ({})))) instanceof TypeError)
  })
})

describe('warmUp() over a distance', { timeout: 60_000 }, () => {
  const DELAY = 30

  /**
   * Starts a relay to a port, through which everything takes its time in both directions.
   *
   * @param {TestContext} t
   * @param {number} port
   */
  function startRelay(t, port) {
    return startTcp(t, (near) => {
      const far = net.connect(port, '127.0.0.1')
      for (const [from, to] of /** @type {const} */ ([
        [near, far],
        [far, near],
      ])) {
        from.setNoDelay(true)
        from.on('error', () => {})
        from.on('data', (chunk) => void setTimeout(() => to.write(chunk), DELAY))
        from.on('close', () => void setTimeout(() => to.destroy(), DELAY))
      }
      t.after(() => far.destroy())
    })
  }

  /** @param {() => Promise<unknown>} run */
  async function time(run) {
    const began = performance.now()
    await run()
    return performance.now() - began
  }

  /** @param {number[]} values */
  function median(values) {
    return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
  }

  it('given 30 ms in each direction, when the first call follows a warm-up, then it takes much less than one without', async (t) => {
    const both = await startBoth(t)
    const [apiPort, tokenPort] = [await startRelay(t, both.api.port), await startRelay(t, both.tokens.port)]
    const options = {
      ...both.options,
      baseUrl: `http://127.0.0.1:${apiPort}`,
      tokenUrl: both.options.tokenUrl.replace(`:${both.tokens.port}/`, `:${tokenPort}/`),
      shareToken: false,
    }
    // What only the first client of a process pays is not of interest here.
    await makeClient(t, options).get('/a')
    /** @type {Record<'cold' | 'warmUp' | 'warm' | 'token' | 'connection', number[]>} */
    const times = { cold: [], warmUp: [], warm: [], token: [], connection: [] }
    for (let round = 0; round < 3; round++) {
      const [cold, warm, serial] = [makeClient(t, options), makeClient(t, options), makeClient(t, options)]
      times.cold.push(await time(() => cold.get('/a')))
      times.warmUp.push(await time(() => warm.warmUp()))
      times.warm.push(await time(() => warm.get('/a')))
      times.token.push(await time(() => serial.getToken()))
      times.connection.push(await time(() => serial.get('/a')))
    }
    const medians = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]))
    const { cold = 0, warmUp = 0, warm = 0, token = 0, connection = 0 } = medians
    const ms = (/** @type {number} */ value) => `${value.toFixed(1)} ms`
    t.diagnostic(`first call: ${ms(cold)} cold, ${ms(warm)} after a warm-up (${(warm / cold).toFixed(2)})`)
    t.diagnostic(`warm-up: ${ms(warmUp)}; one after the other: ${ms(token)} + ${ms(connection)}`)
    assert.ok(warm < 0.8 * cold, `${ms(warm)} of ${ms(cold)}`)
  })
})
