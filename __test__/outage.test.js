'use strict'
// The identity provider is down while tokens end and begin. Lifetimes are real time, so cases run side by side.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const http = require('node:http')
const { describe, it } = require('node:test')
const { setTimeout: pause } = require('node:timers/promises')
const { startChild } = require('./support/child.js')
const { failure } = require('./support/failures.js')
const { grantToken, makeClient, sendJson, sendToken, startPeer } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('./support/peer.js').Answerer} Answerer */
/** @typedef {import('layer1').Layer1} Client */

/** Renewals are begun in this last part of a life, the first of them by any use in the second; in the third they are waited for. */
const [AGING, AGING_FOR_SURE, DUE] = [0.2, 0.15, 0.05]
const REQUESTS_PER_GRANT = 3
/** How far the wall clock and the monotonic clock may disagree, in ms: the one that is ahead ends a token. */
const CLOCK_SLACK = 5

/**
 * Tells how many renewals there may be while a token is valid: a second lies between their beginnings.
 *
 * @param {number} lifetime in ms
 */
function mostRenewals(lifetime) {
  return 1 + Math.floor((AGING * lifetime) / 1000)
}

/**
 * Starts a token endpoint that can go away and come back at the same place.
 *
 * @param {TestContext} t
 * @param {(response: http.ServerResponse, count: number) => void} answer
 */
async function startProvider(t, answer) {
  // All of 127/8 is this machine. The peer keeps the port on its own address, so nobody gets it on another meanwhile.
  const peer = await startPeer(t)
  const isOnLinux = process.platform === 'linux'
  const host = isOnLinux ? '127.0.0.2' : '127.0.0.1'
  let port = isOnLinux ? peer.port : 0
  let requests = 0
  const server = http.createServer((request, response) => {
    requests += 1
    const count = requests
    request.resume().once('end', () => answer(response, count))
  })
  const start = async () => {
    server.listen(port, host)
    await once(server, 'listening')
    port = /** @type {import('node:net').AddressInfo} */ (server.address()).port
  }
  const stop = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  await start()
  t.after(stop)
  return {
    peer,
    start,
    stop,
    requests: () => requests,
    options: { ...peer.options, tokenUrl: `http://${host}:${port}/token` },
  }
}

/**
 * Makes calls one after the other until one fails, and gives its error and when it came.
 *
 * @param {Client} client
 */
async function callUntilFailure(client) {
  for (let calls = 0; ; calls++) {
    try {
      await client.get('/steady')
    } catch (error) {
      return { calls, at: Date.now(), error: /** @type {any} */ (error) }
    }
    await pause(10)
  }
}

/**
 * Runs in a process of its own: calls on and on in four loops, each to its first failure, and tells what happened; when
 * it is told that the provider is back, calls once more.
 *
 * @param {any} options
 */
async function sufferAndTell(options) {
  const { tracingChannel } = require('node:diagnostics_channel')
  const { once } = require('node:events')
  const { setTimeout: pause } = require('node:timers/promises')
  const { Layer1 } = require('layer1')
  let unhandled = 0
  process.on('unhandledRejection', () => (unhandled += 1))
  // A request had begun before it is told of here, but not before the last turn but one of the event loop.
  let turns = [performance.now(), performance.now()]
  setInterval(() => {
    turns = [turns[1] ?? 0, performance.now()]
  }, 5).unref()
  /** @type {{ at: number, toldAt: number, notBefore: number }[]} */
  const began = []
  tracingChannel('layer1:token').start.subscribe(() => {
    began.push({ at: Date.now(), toldAt: performance.now(), notBefore: turns[0] ?? 0 })
  })
  const client = new Layer1(options)
  const expiresAt = (await client.getTokenInfo()).expiresAt.getTime()
  process.send?.({ expiresAt })
  let [answered, answeredLast] = [0, 0]
  const failures = await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (;;) {
        const at = Date.now()
        try {
          await client.get('/steady')
          answered += 1
          answeredLast = Math.max(answeredLast, at)
          await pause(20)
        } catch (error) {
          const { code, endpoint, attempts, retryable } = /** @type {any} */ (error)
          return { at: Date.now(), code, endpoint, attempts, retryable }
        }
      }
    }),
  )
  process.send?.({ began, answered, answeredLast, failures, requests: client.stats().tokenRequests })
  await once(process, 'message')
  const answer = await client.get('/back')
  process.send?.({ answer, unhandled })
  process.disconnect()
}

describe('an outage of the identity provider', { concurrency: true, timeout: 60_000 }, () => {
  describe('an identity provider that is down', { concurrency: true }, () => {
    it('given 503 and then no answer for the last 60 % of a life, when calls go on, then none fails before its end', async (t) => {
      const lifetime = 10_000
      let isDown = false
      let requestsInVain = 0
      /** @type {() => void} */
      let noteGrant = () => {}
      const failedGrant = new Promise((resolve) => {
        noteGrant = () => resolve(undefined)
      })
      const provider = await startProvider(t, (response, count) => {
        if (!isDown) return sendToken(response, { access_token: `token-${count}`, expires_in: lifetime / 1000 })
        requestsInVain += 1
        sendJson(response, 503, {})
        if (requestsInVain === REQUESTS_PER_GRANT) noteGrant()
      })
      const { child, ended } = startChild(t, sufferAndTell, provider.options)
      const [{ expiresAt }] = await once(child, 'message')
      await pause(expiresAt - 0.6 * lifetime - Date.now())
      isDown = true
      await failedGrant
      // Now nobody is there any more; the three answers have to get through first.
      await pause(20)
      await provider.stop()
      const [{ began, answered, answeredLast, failures, requests }] = await once(child, 'message')
      await provider.start()
      isDown = false
      child.send('back')
      const [{ answer, unhandled }] = await once(child, 'message')
      const { code, signal, stderr } = await ended

      /** @type {{ at: number, toldAt: number, notBefore: number }[]} */
      const whileValid = began.filter((/** @type {{ at: number }} */ { at }) => at < expiresAt).slice(1)
      const gaps = whileValid.slice(1).map(({ toldAt }, index) => toldAt - (whileValid[index]?.notBefore ?? Number.NaN))
      t.diagnostic(`${answered} calls answered, the last begun ${expiresAt - answeredLast} ms before the token's end`)
      const part = (/** @type {number} */ at) => `${Math.round(100 - (100 * (expiresAt - at)) / lifetime)} %`
      t.diagnostic(
        `renewals begun at ${began
          .slice(1)
          .map((/** @type {{ at: number }} */ { at }) => part(at))
          .join(', ')} of its life; ${requests} requests in all`,
      )
      t.diagnostic(
        `then: ${failures.map((/** @type {any} */ { code, endpoint }) => `${code} (${endpoint})`).join(', ')}`,
      )

      assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
      assert.equal(unhandled, 0)
      assert.deepEqual(answer, { ok: true })
      assert.equal(failures.length, 4)
      for (const { at, code, endpoint, attempts, retryable } of failures) {
        assert.ok(at >= expiresAt - CLOCK_SLACK, `a call failed ${expiresAt - at} ms before the token's end`)
        assert.match(code, /^ERR_LAYER1_(AUTH|CONNECT|CONNECTION_LOST)$/)
        assert.deepEqual([endpoint, retryable], ['token', true])
        assert.ok(attempts >= 1 && attempts <= REQUESTS_PER_GRANT, `${attempts} attempts`)
      }
      assert.ok(whileValid.length >= 1 && whileValid.length <= mostRenewals(lifetime), `${whileValid.length} renewals`)
      // A second from the end of one to the beginning of the next.
      for (const gap of gaps) assert.ok(gap >= 990, `renewals began ${gap} ms apart`)
      // The first token, the renewals, and for each loop at most one try of its own after the end.
      const most = 1 + REQUESTS_PER_GRANT * (mostRenewals(lifetime) + failures.length)
      assert.ok(requests <= most, `${requests} requests, at most ${most} were due`)
    })

    for (const [
      what,
      answer,
      code,
      requestsPerGrant,
    ] of /** @type {[string, (response: http.ServerResponse) => void, string, number][]} */ ([
      ['answers 503', (response) => sendJson(response, 503, {}), 'ERR_LAYER1_AUTH', 3],
      ['answers a web page', (response) => void response.end('<html>'), 'ERR_LAYER1_AUTH', 3],
      ['breaks connections', (response) => void response.destroy(), 'ERR_LAYER1_CONNECTION_LOST', 3],
      ['refuses', (response) => sendJson(response, 401, { error: 'invalid_client' }), 'ERR_LAYER1_AUTH', 1],
      ['redirects', (response) => void response.writeHead(302, { location: '/' }).end(), 'ERR_LAYER1_REDIRECT', 1],
    ])) {
      it(`given an endpoint that ${what}, when a token of 4 s ends, then calls fail only after it, and recover`, async (t) => {
        const lifetime = 4_000
        let isDown = false
        const peer = await startPeer(t, {
          token: (_request, response, count) => {
            if (isDown) answer(response)
            else sendToken(response, { access_token: `token-${count}`, expires_in: lifetime / 1000 })
          },
        })
        const client = makeClient(t, peer.options)
        const expiresAt = (await client.getTokenInfo()).expiresAt.getTime()
        isDown = true
        const { calls, at, error } = await callUntilFailure(client)
        const asked = peer.tokenRequests.length - 1
        t.diagnostic(`${calls} calls answered, failed ${at - expiresAt} ms after the end, ${asked} token requests`)
        assert.ok(at >= expiresAt - CLOCK_SLACK, `a call failed ${expiresAt - at} ms before the token's end`)
        assert.deepEqual([error.code, error.endpoint], [code, 'token'])
        // One more try than there are renewals: that of the call that failed.
        const most = requestsPerGrant * (mostRenewals(lifetime) + 1)
        assert.ok(asked >= 1 && asked <= most, `${asked} token requests, at most ${most} were due`)
        isDown = false
        // A refusal is remembered for a second, and so is a redirect, which would be shown the secret each time.
        if (requestsPerGrant === 1) await pause(1_050)
        assert.deepEqual(await client.get('/back'), { ok: true })
      })
    }
  })

  describe('Retry-After of the token endpoint', { concurrency: true }, () => {
    for (const [how, value] of /** @type {[string, () => string][]} */ ([
      ['in seconds', () => '30'],
      ['as a date', () => new Date(Date.now() + 30_000).toUTCString()],
    ])) {
      it(`given 30 s ${how}, when an aging token is used on and on, then the endpoint is asked once until its end`, async (t) => {
        const lifetime = 6_000
        const peer = await startPeer(t, {
          token: (_request, response, count) => {
            if (count === 1) sendToken(response, { access_token: 'token-1', expires_in: lifetime / 1000 })
            else sendJson(response, 503, {}, { 'retry-after': value() })
          },
        })
        const client = makeClient(t, peer.options)
        const expiresAt = (await client.getTokenInfo()).expiresAt.getTime()
        const { at, error } = await callUntilFailure(client)
        assert.ok(at >= expiresAt - CLOCK_SLACK, `a call failed ${expiresAt - at} ms before the token's end`)
        assert.equal(error.code, 'ERR_LAYER1_AUTH')
        // One for the renewal, which is not tried again, and one by the call that had no token any more.
        assert.ok(peer.tokenRequests.length - 1 <= 2, `${peer.tokenRequests.length - 1} token requests`)
      })
    }

    it('given one second, when a cold client asks, then the next request comes no sooner, and the call is answered', async (t) => {
      const peer = await startPeer(t, {
        token: (request, response, count) =>
          count === 1 ? sendJson(response, 429, {}, { 'retry-after': '1' }) : grantToken(request, response, count),
      })
      await makeClient(t, peer.options).get('/a')
      const [first, second] = peer.tokenRequests
      assert.ok((second?.at ?? 0) - (first?.at ?? 0) >= 990)
      assert.equal(peer.tokenRequests.length, 2)
    })

    it('given more than a grant may take, when a cold client asks, then it hears so at once', async (t) => {
      const peer = await startPeer(t, {
        token: (_request, response) => sendJson(response, 503, {}, { 'retry-after': '30' }),
      })
      const error = await failure(makeClient(t, peer.options).get('/a'), 'ERR_LAYER1_AUTH')
      assert.deepEqual([error.status, error.attempts, peer.tokenRequests.length], [503, 1, 1])
    })
  })

  describe('a token endpoint that hangs', { concurrency: true }, () => {
    it('given a valid token, when its renewal is not answered, then calls go on until it is due, and then wait for the next', async (t) => {
      const lifetime = 8_000
      /** @type {(() => void) | undefined} */
      let release
      const peer = await startPeer(t, {
        token: (request, response, count) => {
          if (count === 1) sendToken(response, { access_token: 'token-1', expires_in: lifetime / 1000 })
          else release = () => grantToken(request, response, count)
        },
      })
      const client = makeClient(t, peer.options)
      const sentAt = (await client.getTokenInfo()).expiresAt.getTime() - lifetime
      await pause(sentAt + (1 - AGING - 0.05) * lifetime - Date.now())
      // From then on the next token is waited for: should this machine be so late, then let it come.
      let isLate = false
      const dueAt = setTimeout(
        () => {
          isLate = true
          release?.()
        },
        sentAt + (1 - DUE) * lifetime - Date.now(),
      )
      let longest = 0
      let callsDuringRenewal = 0
      while (Date.now() < sentAt + (1 - (AGING_FOR_SURE + DUE) / 2) * lifetime) {
        const began = performance.now()
        await client.get('/steady')
        longest = Math.max(longest, performance.now() - began)
        callsDuringRenewal += Number(peer.tokenRequests.length === 2)
        await pause(10)
      }
      clearTimeout(dueAt)
      if (isLate) return t.diagnostic('this machine was held up beyond the window: nothing was looked at')
      t.diagnostic(
        `${callsDuringRenewal} calls beside a renewal without an answer, the longest took ${longest.toFixed(1)} ms`,
      )
      assert.deepEqual(new Set(peer.calls.map(({ headers }) => headers.authorization)), new Set(['Bearer token-1']))
      assert.equal(peer.tokenRequests.length, 2)
      assert.ok(callsDuringRenewal > 0)
      // Were it waited for, that would take a second; and these calls would still be waiting.
      assert.ok(longest < 1_000, `a call took ${longest} ms`)
      await pause(sentAt + (1 - DUE + 0.01) * lifetime - Date.now())
      const late = Array.from({ length: 20 }, () => client.get('/due', { timeout: 20_000 }))
      await pause(100)
      release?.()
      assert.deepEqual(await Promise.all(late), Array(20).fill({ ok: true }))
      assert.equal(peer.tokenRequests.length, 2)
      assert.equal(await client.getToken(), 'token-2')
    })
  })
})
