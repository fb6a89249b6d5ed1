'use strict'
// A token is renewed ahead of its end, by its users and behind their backs. Lifetimes are real time, so cases run side
// by side, and what is asserted are orders, counts, and bounds of what was measured.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { tracingChannel } = require('node:diagnostics_channel')
const { describe, it } = require('node:test')
const { setImmediate: nextTurn, setTimeout: pause } = require('node:timers/promises')
const { startChild } = require('./support/child.js')
const { failure } = require('./support/failures.js')
const { answerOk, makeClient, sendJson, sendToken, startPeer } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('./support/peer.js').Answerer} Answerer */
/** @typedef {import('layer1').Layer1} Client */

/** A request for a token begins no sooner than this part of a life, and no later than with the first use after that. */
const AGING = 0.8
const AGING_FOR_SURE = 0.85
/** From this part of a life on, the next token is waited for. */
const DUE = 0.95

/**
 * Grants `token-1`, which lives for so many seconds, and holds back every later grant until `release()`.
 *
 * @param {number} lifetime
 */
function holdingBack(lifetime) {
  /** @type {(() => void)[]} */
  const held = []
  /** @type {Answerer} */
  const token = (_request, response, count) => {
    const grant = () => sendToken(response, { access_token: `token-${count}`, expires_in: count > 1 ? 300 : lifetime })
    if (count > 1) held.push(grant)
    else grant()
  }
  return {
    token,
    release: () => {
      for (const grant of held.splice(0)) grant()
    },
  }
}

/**
 * Uses a client on and on until it asks for its second token.
 *
 * @param {Client} client
 * @param {{ tokenRequests: unknown[] }} peer
 */
async function useUntilRenewal(client, peer) {
  while (peer.tokenRequests.length < 2) {
    // Not waited for: should the machine be late, this use is one of those that wait for the next token.
    client.getToken().catch(() => {})
    await pause(10)
  }
}

/** Gives the present moment of `performance.now()` as the wall clock would, finer than `Date.now()`. @param {number} at */
function wallTime(at) {
  return performance.timeOrigin + at
}

/**
 * Measures how long this thread was held up by others, which excuses what is late.
 *
 * @param {TestContext} t
 */
function watchHoldUps(t) {
  const beat = 10
  /** @type {{ at: number, lag: number }[]} */
  const lags = []
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    lags.push({ at: now, lag: Math.max(0, now - last - beat) })
    last = now
  }, beat)
  t.after(() => clearInterval(timer))
  return {
    /** @param {number} from @param {number} to */
    between: (from, to) =>
      lags.filter(({ at }) => at >= from && at <= to + beat).reduce((sum, { lag }) => sum + lag, 0),
  }
}

describe('the renewal of tokens', { concurrency: true, timeout: 60_000 }, () => {
  describe('a token that is near its end', { concurrency: true }, () => {
    it('given tokens of 3 s and a slow endpoint, when callers go on for 10 s, then none waits for a renewal, and none meets a 401', async (t) => {
      const [lifetime, slowness, span, path] = [3_000, 150, 10_000, '/steady']
      /** When each token was answered, by the server's clock. @type {Map<string, number>} */
      const answeredAt = new Map()
      /** @type {number[]} */
      const ages = []
      const peer = await startPeer(t, {
        token: (_request, response, count) => {
          setTimeout(() => {
            answeredAt.set(`token-${count}`, performance.now())
            sendToken(response, { access_token: `token-${count}`, expires_in: lifetime / 1000 })
          }, slowness)
        },
        api: (request, response, count) => {
          const token = String(request.headers.authorization).replace('Bearer ', '')
          const age = request.at - (answeredAt.get(token) ?? Number.NEGATIVE_INFINITY)
          ages.push(age)
          if (age < lifetime) answerOk(request, response, count)
          else sendJson(response, 401, {})
        },
      })
      const client = makeClient(t, peer.options)
      const holdUps = watchHoldUps(t)

      /** @type {WeakMap<object, number>} */
      const starts = new WeakMap()
      /** @type {{ startedAt: number, source: unknown, waited: number }[]} */
      const calls = []
      const channel = tracingChannel('layer1:request')
      const noteStart = (/** @type {any} */ event) => void starts.set(event, performance.now())
      const noteEnd = (/** @type {any} */ event) => {
        if (event.path !== path) return
        calls.push({
          startedAt: starts.get(event) ?? Number.NaN,
          source: event.tokenSource,
          waited: event.timings.token,
        })
      }
      channel.start.subscribe(noteStart)
      channel.asyncEnd.subscribe(noteEnd)
      t.after(() => {
        channel.start.unsubscribe(noteStart)
        channel.asyncEnd.unsubscribe(noteEnd)
      })

      const began = performance.now()
      await client.get(path)
      /** @type {{ expiresAt: number, heldUp: number }[]} */
      const lives = []
      const loops = Array.from({ length: 4 }, async (_, index) => {
        await pause(5 * index)
        while (performance.now() - began < span) {
          await client.get(path)
          await pause(20)
        }
      })
      const note = async () => {
        while (performance.now() - began < span) {
          const expiresAt = (await client.getTokenInfo()).expiresAt.getTime() - performance.timeOrigin
          if (lives.at(-1)?.expiresAt !== expiresAt) lives.push({ expiresAt, heldUp: 0 })
          await pause(20)
        }
      }
      await Promise.all([...loops, note()])
      const elapsed = performance.now() - began

      for (const life of lives) {
        const sentAt = life.expiresAt - lifetime
        life.heldUp = holdUps.between(sentAt + AGING * lifetime, sentAt + DUE * lifetime + slowness)
      }
      const [first, ...others] = calls
      const waiting = others.filter(({ source }) => source !== 'cache')
      t.diagnostic(`${calls.length} calls and ${peer.tokenRequests.length} grants in ${(elapsed / 1000).toFixed(1)} s`)
      t.diagnostic(
        `token from the cache in ${others.length - waiting.length} of the ${others.length} calls after the first`,
      )
      t.diagnostic(`longest wait for a token: ${Math.max(...others.map(({ waited }) => waited)).toFixed(1)} ms`)
      t.diagnostic(`oldest token at the API: ${Math.max(...ages).toFixed(0)} ms of ${lifetime}`)
      t.diagnostic(`held up in the windows: ${lives.map(({ heldUp }) => `${heldUp.toFixed(0)} ms`).join(', ')}`)

      assert.equal(client.stats().replays401, 0)
      assert.equal(ages.filter((age) => !(age < lifetime)).length, 0)
      // Each request is sent when the token before has lived for four fifths, or later.
      const most = 1 + Math.floor(elapsed / (AGING * lifetime))
      assert.ok(peer.tokenRequests.length <= most, `${peer.tokenRequests.length} grants, at most ${most} were due`)
      assert.ok(peer.tokenRequests.length > Math.floor((span - lifetime) / (lifetime + slowness)))
      assert.equal(first?.source, 'fresh')
      // Between the latest beginning of a request and the end of its use there are 300 ms, and the answer takes 150. A
      // call may only have waited where this machine took most of the rest.
      const unexcused = waiting.filter(({ startedAt }) => {
        const life = lives.findLast(({ expiresAt }) => expiresAt - (1 - AGING) * lifetime <= startedAt)
        return (life?.heldUp ?? 0) < (DUE - AGING_FOR_SURE) * lifetime - slowness - 75
      })
      assert.deepEqual(unexcused, [])
    })

    it('given a token in its last fifth, when many use it, then all have it at once, and one request is made behind them', async (t) => {
      const lifetime = 8_000
      const holding = holdingBack(lifetime / 1000)
      const peer = await startPeer(t, holding)
      const client = makeClient(t, peer.options)
      const { expiresAt } = await client.getTokenInfo()
      const sentAt = expiresAt.getTime() - lifetime
      await pause(sentAt + (AGING - 0.05) * lifetime - Date.now())
      await useUntilRenewal(client, peer)
      const renewedAt = wallTime(peer.tokenRequests[1]?.at ?? Number.NaN) - sentAt
      t.diagnostic(`the next token was asked for at ${((100 * renewedAt) / lifetime).toFixed(1)} % of a life of 8 s`)
      assert.ok(renewedAt >= AGING * lifetime - 50, `asked after ${renewedAt} ms`)

      // Past the window the next token is waited for: should this machine be so late, then let it come.
      let isLate = false
      const dueAt = setTimeout(
        () => {
          isLate = true
          holding.release()
        },
        sentAt + DUE * lifetime - Date.now(),
      )
      t.after(() => clearTimeout(dueAt))
      let settled = 0
      for (let index = 0; index < 100; index++) {
        client.getToken().then(() => (settled += 1))
        client.getTokenInfo().then(() => (settled += 1))
      }
      // A token that is at hand is given without a turn of the event loop.
      await nextTurn()
      const atOnce = settled
      const calls = Array.from({ length: 100 }, () => client.get('/a'))
      const tokens = await Promise.all(Array.from({ length: 100 }, () => client.getToken()))
      await Promise.all(calls)
      // A while later the one request is still under way, so there is none beside it.
      await pause(100)
      await client.get('/b')
      assert.equal(peer.tokenRequests.length, 2)
      if (isLate || Date.now() >= sentAt + DUE * lifetime) {
        t.diagnostic('this machine was held up beyond the window: who had which token was not looked at')
        return
      }
      assert.equal(atOnce, 200)
      assert.deepEqual(new Set(tokens), new Set(['token-1']))
      assert.deepEqual(new Set(peer.calls.map(({ headers }) => headers.authorization)), new Set(['Bearer token-1']))
    })

    it('given a client that is not used, when its token ages and ends, then nothing is sent, and the next use asks', async (t) => {
      const peer = await startPeer(t, {
        token: (_request, response, count) => sendToken(response, { access_token: `token-${count}`, expires_in: 2 }),
      })
      const client = makeClient(t, peer.options)
      await client.get('/a')
      const connections = peer.connections()
      await pause(2_400)
      assert.deepEqual([peer.tokenRequests.length, peer.calls.length, peer.connections()], [1, 1, connections])
      await client.get('/b')
      assert.equal(peer.calls[1]?.headers.authorization, 'Bearer token-2')
      assert.equal(peer.tokenRequests.length, 2)
    })

    it('given a renewal under way that is never answered, when nothing else is to do, then the process ends', async (t) => {
      const peer = await startPeer(t, holdingBack(3))
      const { child, ended } = startChild(
        t,
        async (options) => {
          const { setTimeout: pause } = require('node:timers/promises')
          const client = new (require('layer1').Layer1)(options)
          await client.get('/a')
          while (client.stats().tokenRequests < 2) {
            await pause(10)
            client.getToken({ timeout: 1 }).catch(() => {})
          }
          process.send?.('idle')
          process.disconnect()
        },
        peer.options,
      )
      const idleAt = new Promise((resolve) => child.once('message', () => resolve(performance.now())))
      const { code, signal, stdout, stderr } = await ended
      const tookMs = performance.now() - Number(await idleAt)
      assert.deepEqual({ code, signal, stdout, stderr }, { code: 0, signal: null, stdout: '', stderr: '' })
      // The request itself is given up after 10 s: whoever waits for it ends no sooner.
      assert.ok(tookMs < 9_000, `it ended ${tookMs} ms later`)
      assert.equal(peer.tokenRequests.length, 2)
    })

    it('given a token that is renewed again and again, when its end is asked for, then it is ahead, and of that token', async (t) => {
      const lifetime = 1_500
      const peer = await startPeer(t, {
        token: (_request, response, count) =>
          sendToken(response, { access_token: `token-${count}`, expires_in: lifetime / 1000 }),
      })
      const client = makeClient(t, peer.options)
      /** @type {Map<string, Set<number>>} */
      const ends = new Map()
      while (peer.tokenRequests.length < 4) {
        const askedAt = Date.now()
        const { accessToken, expiresAt } = await client.getTokenInfo()
        assert.ok(expiresAt.getTime() >= askedAt, `${accessToken} had ended`)
        ends.set(accessToken, (ends.get(accessToken) ?? new Set()).add(expiresAt.getTime()))
        await pause(10)
      }
      assert.deepEqual([...ends.keys()].slice(0, 3), ['token-1', 'token-2', 'token-3'])
      let before = 0
      for (const [token, all] of ends) {
        assert.equal(all.size, 1, `${token} has more than one end`)
        const [end = Number.NaN] = all
        assert.ok(end >= before + AGING * lifetime - 5 || before === 0, `${token} came too soon`)
        // It counts from when the request was sent, which is before it came here.
        const cameAt = wallTime(peer.tokenRequests[Number(token.slice('token-'.length)) - 1]?.at ?? Number.NaN)
        assert.ok(end <= cameAt + lifetime + 50, `${token} is said to live ${end - cameAt} ms`)
        before = end
      }
    })
  })

  describe('getToken({ forceRefresh }) beside a renewal', { concurrency: true }, () => {
    it('given a renewal under way, when refreshes are forced, then they join it, from other clients too', async (t) => {
      const holding = holdingBack(4)
      const peer = await startPeer(t, holding)
      const clients = [makeClient(t, peer.options), makeClient(t, peer.options)]
      await clients[0]?.getToken()
      await useUntilRenewal(/** @type {Client} */ (clients[0]), peer)
      const forced = clients.flatMap((client) =>
        Array.from({ length: 5 }, () => client.getToken({ forceRefresh: true, timeout: 20_000 })),
      )
      // A stranger's call comes after these, so all of them wait by then.
      await makeClient(t, (await startPeer(t)).options).getToken()
      assert.equal(peer.tokenRequests.length, 2)
      holding.release()
      assert.deepEqual(await Promise.all(forced), Array(10).fill('token-2'))
      assert.equal(peer.tokenRequests.length, 2)
    })

    it('given a forced refresh just before, when another is forced, then it is not spaced', async (t) => {
      const peer = await startPeer(t)
      const client = makeClient(t, peer.options)
      await client.getToken()
      const tokens = []
      const began = performance.now()
      for (let index = 0; index < 12; index++) tokens.push(await client.getToken({ forceRefresh: true }))
      assert.equal(new Set(tokens).size, 12)
      assert.equal(peer.tokenRequests.length, 13)
      // Renewals of a valid token are a second apart.
      assert.ok(performance.now() - began < 11_000)
    })

    it('given an overloaded endpoint, when refreshes are forced, then they fail, and everyone else has the valid token', async (t) => {
      const peer = await startPeer(t, {
        token: (_request, response, count) =>
          count === 1 ? sendToken(response, { access_token: 'token-1' }) : sendJson(response, 503, {}),
      })
      const client = makeClient(t, peer.options)
      await client.getToken()
      const forced = Array.from({ length: 10 }, () =>
        failure(client.getToken({ forceRefresh: true }), 'ERR_LAYER1_AUTH'),
      )
      await peer.asked(2)
      assert.equal(await client.getToken(), 'token-1')
      await client.get('/meanwhile')
      const errors = await Promise.all(forced)
      assert.ok(errors.every(({ status, retryable, endpoint }) => status === 503 && retryable && endpoint === 'token'))
      // One grant, of at most three requests.
      assert.ok(peer.tokenRequests.length <= 4, `${peer.tokenRequests.length} requests`)
      const asked = peer.tokenRequests.length
      assert.equal(await client.getToken(), 'token-1')
      await client.get('/after')
      assert.deepEqual(new Set(peer.calls.map(({ headers }) => headers.authorization)), new Set(['Bearer token-1']))
      assert.equal(peer.tokenRequests.length, asked)
    })
  })
})
