'use strict'
// Token endpoints that refuse, fail, hang, or give what is no token.

require('../support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { setTimeout: sleep } = require('node:timers/promises')
const { Layer1 } = require('layer1')
const { rejection } = require('../support/failures.js')
const { schemes, security } = require('../support/faults/ground.js')
const { Ledger } = require('../support/faults/ledger.js')
const { SECRET, TOKEN, assertError } = require('../support/faults/outcome.js')
const { OK, send, sendAndReset, withBody } = require('../support/faults/scripts.js')
const { FaultServer, answer } = require('../support/faults/server.js')
const { startEndpoint, tokenAnswer, tryToken } = require('../support/faults/token-ways.js')
const { startPeer } = require('../support/peer.js')

/** @typedef {import('../support/faults/server.js').Script} Script */

const STORM = 1000

/** @param {string} status @param {object} members */
const refusal = (status, members) => answer(members, [], status)

describe('a token endpoint in trouble', { timeout: 120_000 }, () => {
  it('given a token endpoint that refuses, when callers come, then it is an auth error at once, remembered for a second', async (t) => {
    const ledger = new Ledger(t)
    const description = `no client with ${SECRET}`
    const answers = {
      'invalid_client, 401': refusal('401 Unauthorized', { error: 'invalid_client', error_description: description }),
      'unauthorized_client, 401': refusal('401 Unauthorized', { error: 'unauthorized_client' }),
      'invalid_client, 400': refusal('400 Bad Request', { error: 'invalid_client' }),
      'invalid_scope, 400': refusal('400 Bad Request', { error: 'invalid_scope' }),
      'a 401 of HTML': withBody('<p>', [], '401 Unauthorized'),
      'a 403 without a body': withBody('', [], '403 Forbidden'),
    }
    await Promise.all(
      Object.entries(answers).map(async ([name, bytes]) => {
        const outcome = /** @type {const} */ ({ code: 'ERR_LAYER1_AUTH', endpoint: 'token', retryable: false })
        await tryToken(t, ledger, { name, script: send(bytes), outcome, requests: 1, isRemembered: true })
        for (const scheme of schemes) {
          await ledger.enter(`${name} (${scheme}, in a loop)`, () => loop(t, scheme, send(bytes)))
        }
      }),
    )
    ledger.close()
  })

  it('given a token with a bad expires_in or token_type, a newline, or a megabyte of it, when it comes, then it is an auth error, and nothing is kept', async (t) => {
    const ledger = new Ledger(t)
    const raw = (/** @type {string} */ expiresIn) =>
      withBody(`{"access_token":"${TOKEN}","token_type":"Bearer","expires_in":${expiresIn}}`)
    const lifetimes = ['0', '-1', '1e999', 'null', '"soon"', '"-1"', '1000000001', '[]', '{}']
    const answers = {
      ...Object.fromEntries(lifetimes.map((expiresIn) => [`expires_in ${expiresIn}`, raw(expiresIn)])),
      'token_type mac': tokenAnswer({ token_type: 'mac' }),
      'no token_type': tokenAnswer({ token_type: undefined }),
      'a line end in it': tokenAnswer({ access_token: `${TOKEN}\r\nx-evil: 1` }),
      'a NUL in it': tokenAnswer({ access_token: `${TOKEN}\0` }),
      'a megabyte of it': tokenAnswer({ access_token: TOKEN.repeat(25_000) }),
      'an empty one': tokenAnswer({ access_token: '' }),
      'none at all': tokenAnswer({ access_token: undefined }),
      'half of the JSON': withBody(`{"access_token":"${TOKEN}"`),
      HTML: withBody(`<p>${TOKEN} ${SECRET}</p>`),
      'an empty body': withBody(''),
      'broken UTF-8': withBody(Buffer.from([0x7b, 0xff, 0x7d])),
    }
    await Promise.all(
      Object.entries(answers).map(([name, bytes]) =>
        tryToken(t, ledger, {
          name,
          script: send(bytes),
          outcome: { code: 'ERR_LAYER1_AUTH', endpoint: 'token', retryable: true, status: 200 },
          requests: 3,
        }),
      ),
    )
    ledger.close()
  })

  it('given a token endpoint that is down or hangs, when the token is still valid, then calls go on with it', async (t) => {
    const ledger = new Ledger(t)
    /** @type {Record<string, Script>} */
    const troubles = {
      'it hangs': () => {},
      'it closes': (wire) => wire.destroy(),
      'it resets': sendAndReset(''),
      'it answers 503': send(withBody('', [], '503 Unavailable')),
      'it answers 429 for an hour': send(withBody('', ['retry-after: 3600'], '429 Too Many')),
      'it answers nonsense': send(withBody('<p>')),
      'it breaks off': sendAndReset(`${OK}content-length: 100\r\n\r\n{"access`),
      'it refuses': send(refusal('401 Unauthorized', { error: 'invalid_client' })),
    }
    await Promise.all(
      schemes.flatMap((scheme) =>
        Object.entries(troubles).map(([name, script]) =>
          ledger.enter(`${name} (${scheme})`, () => goOn(t, scheme, script)),
        ),
      ),
    )
    ledger.close()
  })

  it('given 1,000 calls at once with a revoked token, when all meet a 401, then one new token is asked for, and each is replayed once', async (t) => {
    const ledger = new Ledger(t)
    for (const scheme of schemes) {
      for (const method of /** @type {const} */ (['GET', 'POST'])) {
        for (const isReused of [false, true]) {
          const way = `${scheme}, ${isReused ? 'reused' : 'fresh'}, ${method}`
          await ledger.enter(`${STORM} calls (${way})`, () => storm(t, scheme, method, isReused))
        }
      }
    }
    ledger.close()
  })
})

/**
 * Asks on and on, for less than a second or so: the endpoint hears of it once a second.
 *
 * @param {import('node:test').TestContext} t
 * @param {'http' | 'https'} scheme
 * @param {Script} script
 */
async function loop(t, scheme, script) {
  const { server, state, options } = await startEndpoint(t, scheme, script)
  state.isGood = false
  const client = new Layer1(options)
  const began = performance.now()
  for (let index = 0; index < 50; index++) {
    assertError(await rejection(client.getToken()), { code: 'ERR_LAYER1_AUTH', endpoint: 'token' })
  }
  const most = 1 + Math.floor((performance.now() - began) / 1000)
  assert.ok(server.requests.length <= most, `${server.requests.length} requests, at most ${most} were due`)
  client.close()
}

/**
 * Calls until shortly before a token's end, while none can be had: no call may fail while it is valid.
 *
 * @param {import('node:test').TestContext} t
 * @param {'http' | 'https'} scheme
 * @param {Script} script
 */
async function goOn(t, scheme, script) {
  const life = 3000
  const grant = () => tokenAnswer({ expires_in: life / 1000 })
  const { server, api, state, options } = await startEndpoint(t, scheme, script, grant)
  const client = new Layer1(options)
  try {
    const began = performance.now()
    const sinceThen = () => performance.now() - began
    await client.getToken()
    state.isGood = false
    // From four fifths of its life on, every use asks for another.
    while (sinceThen() < 0.92 * life) {
      const [outcome] = await Promise.allSettled([client.get('/a')])
      // A machine that was held up beyond the end proves nothing.
      if (sinceThen() < life) assert.equal(outcome.status, 'fulfilled', String(/** @type {any} */ (outcome).reason))
      await sleep(10)
    }
    assert.ok(server.requests.length > 1 || sinceThen() > life, 'no renewal was tried')
    assert.ok(api.calls.length > 0)
  } finally {
    client.close()
  }
}

/**
 * @param {import('node:test').TestContext} t
 * @param {'http' | 'https'} scheme
 * @param {'GET' | 'POST'} method
 * @param {boolean} isReused whether the calls have connections when they begin
 */
async function storm(t, scheme, method, isReused) {
  const { pair, trust } = security(scheme)
  const realm = await startPeer(t)
  let isRevoked = false
  const api = await FaultServer.start(
    t,
    (wire, { head, target }) => {
      const isRefused = isRevoked && /^authorization: Bearer token-1$/im.test(head)
      return wire.write(answer({ own: target }, [], isRefused ? '401 Unauthorized' : '200 OK'))
    },
    pair,
  )
  const client = new Layer1({ ...realm.options, ...trust, baseUrl: api.origin, maxConnections: 50, timeout: 60_000 })
  try {
    await client.getToken()
    if (isReused) await Promise.all(Array.from({ length: 50 }, () => client.get('/before')))
    const before = api.requests.length
    isRevoked = true
    const answers = await Promise.all(
      Array.from({ length: STORM }, (_, number) => client.request(method, `/${number}`)),
    )
    answers.forEach(({ data }, number) => {
      assert.deepEqual(data, { own: `/${number}` })
    })
    assert.equal(realm.tokenRequests.length, 2, 'more than one new token was asked for')
    const replays = client.stats().replays401
    assert.equal(api.requests.length - before, STORM + replays)
    // Those whose turn came after the new token had come needed no replay.
    assert.ok(replays > 0 && replays <= STORM, `${replays} replays`)
    assert.equal(client.stats().inFlight, 0)
  } finally {
    client.close()
  }
  await api.until(() => api.open === 0, 'no connection is open')
}
