'use strict'

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const { once } = require('node:events')
const http = require('node:http')
const { connect } = require('node:net')
const { describe, it } = require('node:test')
const { startSandbox } = require('../lib/sandbox')

/** @typedef {import('../lib/sandbox').Sandbox} Sandbox */

/** ms; far longer than the one turn of the event loop in which an answer goes out that is not held back. */
const HELD_BACK = 250

/**
 * @param {import('node:test').TestContext} t
 * @param {import('../lib/sandbox').SandboxOptions} [options]
 */
async function start(t, options) {
  const sandbox = await startSandbox(options)
  t.after(() => sandbox.close())
  return sandbox
}

/** @param {Sandbox} sandbox */
function requestToken(sandbox) {
  const { clientId, clientSecret } = sandbox.options
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
  return fetch(sandbox.tokenUrl, { method: 'POST', body: new URLSearchParams(form) })
}

/**
 * @param {Promise<Response>} response
 * @returns {Promise<any>}
 */
async function json(response) {
  return (await response).json()
}

/**
 * @param {Sandbox} sandbox
 * @param {string} [path]
 * @param {RequestInit} [init]
 */
async function call(sandbox, path = '/digital/v1/networks', init = {}) {
  const { access_token: token } = await json(requestToken(sandbox))
  return fetch(sandbox.baseUrl + path, { headers: { authorization: `Bearer ${token}` }, ...init })
}

/** Let the event loop turn once, so that what has arrived is served. */
function turn() {
  return new Promise((resolve) => setImmediate(resolve))
}

/**
 * Wait until the sandbox has this many requests, and has read the last one.
 *
 * @param {Sandbox} sandbox
 * @param {number} count
 */
async function arrived(sandbox, count) {
  while (sandbox.requests.length < count) await turn()
  await turn()
}

describe('given startSandbox', () => {
  it('when it is called without options, then what it gives is enough to get a token and call the API', async (t) => {
    const sandbox = await start(t)
    assert.deepEqual(sandbox.options, {
      clientId: 'layer1-sandbox',
      clientSecret: 'layer1-sandbox-secret',
      baseUrl: sandbox.baseUrl,
      tokenUrl: sandbox.tokenUrl,
    })
    assert.equal(sandbox.baseUrl, `http://127.0.0.1:${sandbox.port}`)
    assert.equal(sandbox.issuer, `${sandbox.baseUrl}/auth/realms/bvnk`)
    assert.equal(sandbox.tokenUrl, `${sandbox.issuer}/protocol/openid-connect/token`)
    assert.equal((await call(sandbox, '/api/v1/asset-pools')).status, 200)
  })

  it('when it is loaded, then nothing of the native client is', () => {
    const script = `require(${JSON.stringify(require.resolve('../lib/sandbox'))})
      const foreign = Object.keys(require.cache).filter((file) => !/[\\\\/]lib[\\\\/]sandbox[\\\\/][\\w-]+\\.js$/.test(file))
      console.log(JSON.stringify(foreign))`
    assert.deepEqual(JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })), [])
  })

  it('when the client is named, then that one is known and the default one is not', async (t) => {
    const sandbox = await start(t, { clientId: 'me', clientSecret: 'mine' })
    assert.deepEqual([sandbox.options.clientId, sandbox.options.clientSecret], ['me', 'mine'])
    assert.equal((await requestToken(sandbox)).status, 200)
    const form = {
      grant_type: 'client_credentials',
      client_id: 'layer1-sandbox',
      client_secret: 'layer1-sandbox-secret',
    }
    const refused = await fetch(sandbox.tokenUrl, { method: 'POST', body: new URLSearchParams(form) })
    assert.equal(refused.status, 401)
  })

  it('when a client has the id of the first one, then it takes its place in the options too', async (t) => {
    const sandbox = await start(t, {
      clients: [{ clientId: 'layer1-sandbox', clientSecret: 'other', tokenLifetime: 9 }],
    })
    assert.equal(sandbox.options.clientSecret, 'other')
    assert.equal((await json(requestToken(sandbox))).expires_in, 9)
  })

  it('when the port is taken, then it rejects with EADDRINUSE', async (t) => {
    const sandbox = await start(t)
    await assert.rejects(startSandbox({ port: sandbox.port }), { code: 'EADDRINUSE' })
  })

  /** @type {[given: string, options: any, message: RegExp][]} */
  const bad = [
    ['an unknown option', { lifetime: 1 }, /^Unknown "lifetime" in the options of startSandbox\. Known: port, host,/],
    ['no object', 'x', /Expected an object/],
    ['null', null, /Expected an object/],
    ['a port that is none', { port: 70_000 }, /"port" .* must be a port/],
    ['an empty host', { host: '' }, /"host"/],
    ['a lifetime of 0', { tokenLifetime: 0 }, /"tokenLifetime" .* seconds above 0/],
    ['an endless lifetime', { tokenLifetime: Infinity }, /"tokenLifetime"/],
    ['a negative latency', { latency: -1 }, /"latency" .* milliseconds/],
    ['a clock that is no function', { now: 5 }, /"now"/],
    ['clients that are no array', { clients: {} }, /"clients"/],
    [
      'an unknown key in a client',
      { clients: [{ clientId: 'a', clientSecret: 'b', secret: 'c' }] },
      /Unknown "secret" in a client/,
    ],
    ['a client without a secret', { clients: [{ clientId: 'a' }] }, /"a" .* needs a clientSecret/],
    ['a client without an id', { clients: [{ clientSecret: 'a' }] }, /needs a clientId/],
    ['a scope with a space', { clients: [{ clientId: 'a', clientSecret: 'b', scopes: ['a b'] }] }, /"scopes"/],
    ['the same client twice', { clients: [1, 2].map(() => ({ clientId: 'a', clientSecret: 'b' })) }, /same clientId/],
  ]
  for (const [given, options, message] of bad) {
    it(`when it is given ${given}, then it rejects with a TypeError that says so`, async () => {
      await assert.rejects(startSandbox(options), (/** @type {any} */ error) => {
        assert.ok(error instanceof TypeError)
        assert.match(error.message, message)
        return true
      })
    })
  }

  it('when a secret is unusable, then the error does not show it', async () => {
    const options = /** @type {any} */ ({ clientSecret: ['hunter2'] })
    await assert.rejects(startSandbox(options), (/** @type {any} */ error) => !String(error).includes('hunter2'))
  })
})

describe('given close', () => {
  it('when it is called twice, then both calls resolve', async () => {
    const sandbox = await startSandbox()
    await Promise.all([sandbox.close(), sandbox.close()])
    await sandbox.close()
    await assert.rejects(fetch(sandbox.baseUrl))
  })

  it('when a connection is kept alive, then it is ended', async () => {
    const sandbox = await startSandbox()
    const socket = connect(sandbox.port, '127.0.0.1')
    socket.write('GET /digital/v1/networks HTTP/1.1\r\nhost: x\r\n\r\n')
    await once(socket, 'data')
    const ended = once(socket, 'close')
    await sandbox.close()
    await ended
  })

  it('when an answer is being held back, then it is given up', async () => {
    const sandbox = await startSandbox()
    sandbox.fail({ delay: 2 ** 31 - 1 })
    const pending = assert.rejects(fetch(`${sandbox.baseUrl}/digital/v1/networks`))
    await arrived(sandbox, 1)
    await sandbox.close()
    await pending
    assert.equal(sandbox.requests[0]?.status, 0)
  })

  it('when it is reached by Symbol.asyncDispose, then it is the same close', async () => {
    const sandbox = await startSandbox()
    await sandbox[Symbol.asyncDispose]()
    await assert.rejects(fetch(sandbox.baseUrl))
  })
})

describe('given a client that goes away', () => {
  it('when it has sent half a body, then the sandbox serves the next one', async (t) => {
    const sandbox = await start(t)
    const socket = connect(sandbox.port, '127.0.0.1')
    socket.write(`POST ${new URL(sandbox.tokenUrl).pathname} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf`)
    await arrived(sandbox, 1)
    socket.destroy()
    assert.equal((await call(sandbox)).status, 200)
    assert.equal(sandbox.requests[0]?.status, 0)
  })

  it('when its answer is held back, then the sandbox serves the next one', async (t) => {
    const sandbox = await start(t)
    sandbox.fail({ delay: 1 })
    const socket = connect(sandbox.port, '127.0.0.1')
    socket.write('GET /digital/v1/networks HTTP/1.1\r\nhost: x\r\n\r\n')
    await arrived(sandbox, 1)
    socket.destroy()
    assert.equal((await call(sandbox)).status, 200)
  })
})

describe('given fail', () => {
  it('when it is called without a plan, then one API call gets 503 in Layer1’s shape, and the next is fine', async (t) => {
    const sandbox = await start(t)
    sandbox.fail()
    const failed = call(sandbox)
    assert.deepEqual([(await json(failed)).status, (await failed).status], ['SERVICE_UNAVAILABLE', 503])
    assert.equal((await call(sandbox)).status, 200)
  })

  it('when several plans are queued, then they are used up in order', async (t) => {
    const sandbox = await start(t)
    sandbox.fail({ status: 500, times: 2 })
    sandbox.fail({ status: 429 })
    const statuses = []
    for (const _ of [1, 2, 3, 4]) statuses.push((await call(sandbox)).status)
    assert.deepEqual(statuses, [500, 500, 429, 200])
  })

  it('when it is endless, then it lasts until clearFailures', async (t) => {
    const sandbox = await start(t)
    sandbox.fail({ times: Infinity })
    for (const _ of [1, 2, 3]) assert.equal((await call(sandbox)).status, 503)
    sandbox.clearFailures()
    assert.equal((await call(sandbox)).status, 200)
  })

  it('when it is for the token endpoint, then the API is left alone', async (t) => {
    const sandbox = await start(t)
    const { access_token: token } = await json(requestToken(sandbox))
    sandbox.fail({ endpoint: 'token' })
    const headers = { authorization: `Bearer ${token}` }
    assert.equal((await fetch(`${sandbox.baseUrl}/digital/v1/networks`, { headers })).status, 200)
    const failed = await requestToken(sandbox)
    assert.deepEqual([failed.status, failed.headers.get('content-type')], [503, 'text/html'])
    assert.equal((await requestToken(sandbox)).status, 200)
  })

  it('when it is for a path or a method, then other requests pass and do not use it up', async (t) => {
    const sandbox = await start(t)
    sandbox.fail({ path: '/digital/v1/addresses', method: 'get' })
    assert.equal((await call(sandbox, '/digital/v1/networks')).status, 200)
    assert.equal((await call(sandbox, '/digital/v1/addresses', { method: 'DELETE' })).status, 405)
    assert.equal((await call(sandbox, '/digital/v1/addresses?pageSize=1')).status, 503)
  })

  it('when it has a body and headers, then they are sent as given', async (t) => {
    const sandbox = await start(t)
    sandbox.fail({
      status: 200,
      body: '{"access_token":""}',
      headers: { 'Content-Type': 'x/y', 'set-cookie': ['a=1', 'b=2'] },
    })
    sandbox.fail({ status: 418, body: { tea: true } })
    sandbox.fail({ status: 404, body: '' })
    const text = await call(sandbox)
    assert.deepEqual(
      [text.status, text.headers.get('content-type'), await text.text()],
      [200, 'x/y', '{"access_token":""}'],
    )
    assert.deepEqual(text.headers.getSetCookie(), ['a=1', 'b=2'])
    const object = await call(sandbox)
    assert.deepEqual([object.headers.get('content-type'), await object.json()], ['application/json', { tea: true }])
    assert.equal(await (await call(sandbox)).text(), '')
  })

  it('when it has retryAfter, then the header is there: seconds, a date, or as given', async (t) => {
    const sandbox = await start(t)
    const waits = [7, new Date(Date.UTC(2026, 0, 2)), 'soon']
    for (const retryAfter of waits) sandbox.fail({ status: 429, retryAfter })
    const headers = []
    for (const _ of waits) headers.push((await call(sandbox)).headers.get('retry-after'))
    assert.deepEqual(headers, ['7', 'Fri, 02 Jan 2026 00:00:00 GMT', 'soon'])
  })

  it('when it has only a delay, then the answer is the normal one, and does not come at once', async (t) => {
    const sandbox = await start(t)
    const { access_token: token } = await json(requestToken(sandbox))
    sandbox.fail({ delay: HELD_BACK })
    const headers = { authorization: `Bearer ${token}` }
    const pending = fetch(`${sandbox.baseUrl}/digital/v1/networks`, { headers })
    await arrived(sandbox, 2)
    assert.equal(sandbox.requests[1]?.status, 0)
    assert.equal((await pending).status, 200)
    assert.equal(sandbox.requests[1]?.status, 200)
  })

  it('when it has a delay and a status, then the failure does not come at once', async (t) => {
    const sandbox = await start(t)
    sandbox.fail({ delay: HELD_BACK, status: 502 })
    const pending = fetch(`${sandbox.baseUrl}/digital/v1/networks`)
    await arrived(sandbox, 1)
    assert.equal(sandbox.requests[0]?.status, 0)
    assert.equal((await pending).status, 502)
  })

  it('when it disconnects, then the connection ends without an answer', async (t) => {
    const sandbox = await start(t)
    sandbox.fail({ disconnect: true })
    await assert.rejects(call(sandbox), TypeError)
    assert.equal(sandbox.requests.at(-1)?.status, 0)
    assert.equal((await call(sandbox)).status, 200)
  })

  /** @type {[given: string, plan: any, message: RegExp][]} */
  const bad = [
    ['an unknown key', { code: 500 }, /Unknown "code" in the plan for fail\(\)\. Known: endpoint, status/],
    ['no object', 503, /Expected an object/],
    ['an endpoint that is none', { endpoint: 'realm' }, /"endpoint" .* 'api' or 'token'/],
    ['a status below 200', { status: 100 }, /"status"/],
    ['a status as a string', { status: '503' }, /"status"/],
    ['zero times', { times: 0 }, /"times"/],
    ['an endless delay', { delay: Infinity }, /"delay"/],
    ['a body that is a number', { body: 5 }, /"body"/],
    ['a header nobody can send', { headers: { 'a b': 'c' } }, /"headers"/],
    ['a header value with a line end', { headers: { a: 'b\r\nc' } }, /"headers"/],
    ['a path without its slash', { path: 'api' }, /"path"/],
    ['a broken date', { retryAfter: new Date('x') }, /"retryAfter"/],
    ['an answer for a disconnect', { disconnect: true, status: 500 }, /"disconnect" sends no answer/],
  ]
  for (const [given, plan, message] of bad) {
    it(`when its plan has ${given}, then it throws a TypeError that says so`, async (t) => {
      const sandbox = await start(t)
      assert.throws(
        () => sandbox.fail(plan),
        (error) => error instanceof TypeError && message.test(error.message),
      )
      assert.equal((await call(sandbox)).status, 200)
    })
  }
})

describe('given latency', () => {
  it('when the API is called, then its answers are held back and the token endpoint’s are not', async (t) => {
    const sandbox = await start(t, { latency: HELD_BACK })
    assert.equal((await fetch(sandbox.tokenUrl)).status, 405)
    const pending = fetch(`${sandbox.baseUrl}/digital/v1/networks`)
    await arrived(sandbox, 2)
    assert.equal(sandbox.requests[1]?.status, 0)
    assert.equal((await pending).status, 401)
  })
})

describe('given the log of requests', () => {
  it('when an API call was made, then it is there in full', async (t) => {
    const sandbox = await start(t, { now: () => 1_700_000_000_000 })
    const init = { method: 'POST', body: '{"reference":"REF-1"}', headers: { 'x-one': '1' } }
    await fetch(`${sandbox.baseUrl}/digital/v1/asset%2Dpools?type=a&type=b&q=x%20y`, init)
    const entry = sandbox.requests[0]
    assert.ok(entry)
    const { headers, ...rest } = entry
    assert.deepEqual(rest, {
      endpoint: 'api',
      method: 'POST',
      path: '/digital/v1/asset%2Dpools',
      query: { type: ['a', 'b'], q: 'x y' },
      body: '{"reference":"REF-1"}',
      status: 401,
      at: new Date(1_700_000_000_000),
      connection: 1,
    })
    assert.equal(headers['x-one'], '1')
  })

  it('when tokens were requested, then grant type and client id are there, and the secret is nowhere', async (t) => {
    const sandbox = await start(t, { clientId: 'alice', clientSecret: 'hunter2' })
    await requestToken(sandbox)
    const authorization = `Basic ${Buffer.from('alice:hunter2').toString('base64')}`
    const form = new URLSearchParams({ grant_type: 'client_credentials' })
    await fetch(sandbox.tokenUrl, { method: 'POST', body: form, headers: { authorization } })
    await fetch(`${sandbox.tokenUrl}?client_secret=hunter2`, { headers: { authorization: 'hunter2' } })
    await fetch(sandbox.tokenUrl.replace(/token$/, 'revoke'), { method: 'POST', body: 'client_secret=hunter2' })
    const seen = sandbox.requests.map(({ endpoint, grantType, clientId, status }) => [
      endpoint,
      grantType,
      clientId,
      status,
    ])
    assert.deepEqual(seen, [
      ['token', 'client_credentials', 'alice', 200],
      ['token', 'client_credentials', 'alice', 200],
      ['token', undefined, undefined, 405],
      ['realm', undefined, undefined, 401],
    ])
    const text = JSON.stringify(sandbox.requests)
    assert.ok(!text.includes('hunter2'))
    assert.ok(!text.includes(authorization.slice(6)))
  })

  it('when connections are kept or not, then their numbers tell', async (t) => {
    const sandbox = await start(t)
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    t.after(() => agent.destroy())
    for (const options of [{ agent }, { agent }, { agent: false }]) {
      const [response] = await once(http.get(`${sandbox.baseUrl}/x`, /** @type {any} */ (options)), 'response')
      response.resume()
      await once(response, 'end')
    }
    assert.deepEqual(
      sandbox.requests.map(({ connection }) => connection),
      [1, 1, 2],
    )
  })

  it('when it is cleared, then the same array is empty and goes on', async (t) => {
    const sandbox = await start(t)
    const { requests } = sandbox
    await requestToken(sandbox)
    sandbox.clearRequests()
    assert.equal(requests.length, 0)
    await requestToken(sandbox)
    assert.equal(requests.length, 1)
  })

  it('when more than 10,000 requests came, then the newest 10,000 are there', async (t) => {
    const sandbox = await start(t)
    const agent = new http.Agent({ keepAlive: true, maxSockets: 8 })
    t.after(() => agent.destroy())
    const total = 10_005
    await Promise.all(
      Array.from({ length: total }, async (_, index) => {
        const [response] = await once(http.get(`${sandbox.baseUrl}/x?n=${index}`, { agent }), 'response')
        response.resume()
        await once(response, 'end')
      }),
    )
    const numbers = sandbox.requests.map(({ query }) => Number(query.n))
    assert.equal(numbers.length, 10_000)
    assert.ok(!numbers.includes(0) && numbers.includes(total - 1))
  })
})
