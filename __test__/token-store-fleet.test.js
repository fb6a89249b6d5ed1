'use strict'
// Fleets of real processes with a real Redis and a real OAuth2 server.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { execFileSync, spawn } = require('node:child_process')
const { after, before, describe, it } = require('node:test')
const { setTimeout: sleep } = require('node:timers/promises')
const { default: Keyv } = require('keyv')
const { askAll, callWhile, startFleet } = require('./support/fleet.js')
const { startJwtApi } = require('./support/jwt-api.js')
const { CLIENT, startOidcProvider } = require('./support/oidc.js')
const { neverAnswer, grantToken, sendToken, startPeer } = require('./support/peer.js')
const { startRedis, withoutRedis } = require('./support/redis.js')
const { makeFleet } = require('./support/stores.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('./support/fleet-member.js').StoreKind} StoreKind */
/** @typedef {import('./support/fleet-member.js').Told} Told */
/** @typedef {import('./support/fleet.js').Ending} Ending */

/** Of a token, in seconds. A fifth of it is the window in which it is renewed. */
const LIFETIME = 5
/** What is issued in the course of a second ends with one: a JWT lives up to a second less than its answer says. */
const ROUNDING = 1
const LIFETIMES = 3
/** What all operations of one use may take together, and what the lock of a member lives, in ms. */
const BUDGET = 250
const LOCK_LIFE = 2_000
/** What a busy machine may add to a time, in ms. */
const SLACK = 1_000

/** @param {Ending} t @param {number} [tokenLifetime] in seconds */
async function startServers(t, tokenLifetime = 300) {
  const provider = await startOidcProvider({ tokenLifetime })
  t.after(() => provider.close())
  const api = await startJwtApi({ ...provider, clockTolerance: ROUNDING })
  t.after(() => api.close())
  return { provider, api, options: { ...CLIENT, tokenUrl: provider.tokenUrl, baseUrl: api.baseUrl } }
}

/** @param {Ending} t */
async function startStore(t) {
  const redis = await startRedis()
  t.after(() => redis.close())
  return redis
}

/**
 * Gives how often a fleet may renew its token in so many ms: when four fifths of its life are over.
 *
 * @param {number} ms
 */
function mostRenewals(ms) {
  return Math.ceil(ms / (LIFETIME * 0.8 * 1_000))
}

/**
 * Starts a fleet. With `askFirst()` all its members ask for a token at once.
 *
 * @param {StoreKind} kind
 * @param {number} count
 */
async function startKind(kind, count) {
  const [{ provider, api, options }, redis] = await Promise.all([startServers(file, LIFETIME), startStore(file)])
  const fleet = await startFleet(file, { kind, redisUrl: redis.url, options }, count)
  const start = { cold: /** @type {Told[]} */ ([]), began: 0, atStart: 0 }
  const askFirst = async () => {
    start.began = performance.now()
    start.cold = await askAll(fleet)
    start.atStart = provider.grants()
  }
  return { provider, api, fleet, start, askFirst }
}

/** @param {number[]} times */
function summary(times) {
  const sorted = times.toSorted((one, other) => one - other)
  const at = (/** @type {number} */ part) => Math.round(sorted[Math.floor((sorted.length - 1) * part)] ?? 0)
  return `median ${at(0.5)} ms, 99 % ${at(0.99)} ms, longest ${at(1)} ms`
}

/** @type {{ kind: StoreKind, count: number, mostCold: number, promise: string }[]} */
const kinds = [
  { kind: 'ioredis', count: 50, mostCold: 1, promise: 'one a lifetime' },
  { kind: 'redis', count: 8, mostCold: 1, promise: 'one a lifetime' },
  // A plain Keyv has no lock: requests are only spread.
  { kind: 'keyv', count: 16, mostCold: 12, promise: 'few' },
]

/** What has to be stopped in the end. @type {(() => unknown)[]} */
const endings = []
/** For whatever runs as long as this file. */
const file = { after: (/** @type {() => unknown} */ end) => void endings.unshift(end) }
after(async () => {
  for (const end of endings) await end()
})

describe('processes that share a Redis', { skip: withoutRedis, concurrency: kinds.length, timeout: 300_000 }, () => {
  /** @type {Map<StoreKind, Awaited<ReturnType<typeof startKind>>>} */
  const started = new Map()
  // One fleet after the other: on a small machine they would keep each other from all else, and their store too.
  before(async () => {
    for (const { kind, count } of kinds) started.set(kind, await startKind(kind, count))
    for (const fleet of started.values()) await fleet.askFirst()
  })

  for (const { kind, count, mostCold, promise } of kinds) {
    it(`given ${count} processes with ${kind}, when they start at once and go on for ${LIFETIMES} lifetimes, then grants are ${promise}, and no call fails`, async (t) => {
      const { provider, api, fleet, start } = /** @type {Awaited<ReturnType<typeof startKind>>} */ (started.get(kind))
      const { cold, atStart, began } = start
      assert.ok(atStart <= mostCold, `${atStart} grants by ${count} processes`)
      if (mostCold === 1) assert.equal(new Set(cold.map(({ token }) => token)).size, 1)

      const told = await callWhile(fleet, 250, () => sleep(LIFETIMES * LIFETIME * 1_000))
      const ms = performance.now() - began
      const renewals = provider.grants() - atStart
      const waits = cold.map(({ ms }) => ms ?? 0)
      t.diagnostic(
        `${kind}, ${count} processes: ${atStart} grants at the start (${summary(waits)}), ${renewals} in the ${Math.round(ms / 1_000)} s after that (tokens of ${LIFETIME} s), ${api.requests()} calls, ${api.refused()} of them refused`,
      )
      assert.deepEqual(
        told.flatMap(({ failures = [] }) => failures),
        [],
      )
      assert.equal(api.refused(), 0)
      assert.ok(renewals >= LIFETIMES - 1, `${renewals} renewals`)
      assert.ok(renewals <= mostRenewals(ms) * mostCold, `${renewals} renewals in ${ms} ms`)
    })
  }
})

describe('processes that share a Redis in trouble', { skip: withoutRedis, timeout: 180_000 }, () => {
  it('given a process that is killed while it asks for the token, when the others wait for that, then one takes over within the life of the lock', async (t) => {
    const redis = await startStore(t)
    const { tokenRequests, tokenRequested, options } = await startSlowPeer(t)
    const [holder, ...others] = await startFleet(t, { kind: 'ioredis', redisUrl: redis.url, options }, 7)
    assert.ok(holder)
    holder.child.send({ do: 'token' })
    await tokenRequested(1)
    const answers = askAll(others)
    await sleep(100)
    assert.equal(tokenRequests.length, 1)
    const began = performance.now()
    holder.child.kill('SIGKILL')
    const told = await answers
    const waited = performance.now() - began
    t.diagnostic(
      `${others.length} processes had a token ${Math.round(waited)} ms after the death of the one that was asking`,
    )
    assert.deepEqual(new Set(told.map(({ token }) => token)), new Set(['token-2']))
    assert.equal(tokenRequests.length, 2)
    assert.ok(waited <= LOCK_LIFE + BUDGET + SLACK, `${waited} ms`)
  })

  it('given calls that go on, when Redis ends, comes back, hangs and goes on, then no call fails, and none takes a quarter of a second longer', async (t) => {
    // So short that tokens are due for renewal all the time; the API takes any.
    const [peer, redis] = await Promise.all([startPeer(t, { token: grantFor(2) }), startStore(t)])
    const { options } = peer
    const fleet = await startFleet(t, { kind: 'ioredis', redisUrl: redis.url, options }, 6)
    await askAll(fleet)
    const before = await callWhile(fleet, 20, () => sleep(3_000))
    const during = await callWhile(fleet, 20, async () => {
      await sleep(1_000)
      await redis.stop('SIGKILL')
      await sleep(3_000)
      await redis.start()
      await sleep(2_000)
      redis.pause()
      await sleep(3_000)
      redis.resume()
      await sleep(1_000)
    })
    const times = (/** @type {typeof before} */ told) => told.flatMap(({ calls = [] }) => calls)
    const errors = during.reduce((sum, { stats }) => sum + (stats.tokenStore?.errors ?? 0), 0)
    const skips = during.reduce((sum, { stats }) => sum + (stats.tokenStore?.skips ?? 0), 0)
    t.diagnostic(`with Redis: ${times(before).length} calls, ${summary(times(before))}`)
    t.diagnostic(
      `while it ended and came back: ${times(during).length} calls, ${summary(times(during))}; ${errors} operations failed, ${skips} uses went without it`,
    )
    assert.deepEqual(
      [...before, ...during].flatMap(({ failures = [] }) => failures),
      [],
    )
    assert.ok(errors > 0, 'the outage was met')
    const [usual, longest] = [Math.max(...times(before)), Math.max(...times(during))]
    assert.ok(longest <= usual + BUDGET + SLACK, `${longest} ms, and ${usual} ms before`)
  })

  it('given a fleet with a token, when redis-cli shows all there is and all that passes, then token, client and secret are not in it', async (t) => {
    const [{ options }, redis] = await Promise.all([startServers(t), startStore(t)])
    const monitor = spawn('redis-cli', ['-p', String(redis.port), 'monitor'], { stdio: ['ignore', 'pipe', 'ignore'] })
    t.after(() => monitor.kill())
    let seen = ''
    monitor.stdout.setEncoding('utf8').on('data', (text) => {
      seen += text
    })
    while (!seen.includes('OK')) await sleep(10)
    const [one, other] = await startFleet(t, { kind: 'ioredis', redisUrl: redis.url, options }, 2)
    assert.ok(one && other)
    const token = (await askAll([one]))[0]?.token
    assert.equal((await askAll([other]))[0]?.token, token)
    while (!/"set" .*\n(.|\n)*"eval"/i.test(seen)) await sleep(10)
    const cli = (/** @type {string[]} */ ...args) =>
      execFileSync('redis-cli', ['-p', String(redis.port), ...args], { encoding: 'latin1' })
    const keys = cli('--scan').trim().split('\n')
    assert.equal(keys.length, 1, 'one value, and no lock is left')
    const stored = keys.map((key) => `${key} ${cli('get', key)} ${cli('dump', key)} ${cli('object', 'encoding', key)}`)
    const ttl = Number(cli('pttl', String(keys[0])))
    assert.ok(ttl > 0 && ttl <= 300_000, `${ttl} ms`)
    const decoded = (seen + stored.join('\n'))
      .match(/[\w+/=-]{20,}/g)
      ?.map((text) => Buffer.from(text, 'base64').toString('latin1'))
    const all = [seen, ...stored, ...(decoded ?? [])].join('\n')
    const claims = String(token).split('.')
    for (const hidden of [String(token), ...claims, CLIENT.clientId, CLIENT.clientSecret]) {
      assert.ok(!all.includes(hidden), `${hidden} is shown`)
    }
  })
})

describe('clients of one process that share a Keyv in memory', { timeout: 60_000 }, () => {
  it(`given 30 of them, when they start at once and go on for ${LIFETIMES} lifetimes, then there are few grants, and no call fails`, async (t) => {
    const { tokenRequests, options } = await startPeer(t, {
      token: grantFor(LIFETIME),
    })
    const fleet = makeFleet(t, options, new Keyv(), 30)
    await Promise.all(fleet.map((member) => member.get('/a')))
    const atStart = tokenRequests.length
    const began = performance.now()
    while (performance.now() - began < LIFETIMES * LIFETIME * 1_000) {
      await Promise.all(fleet.map((member) => member.get('/a')))
      await sleep(100)
    }
    const renewals = tokenRequests.length - atStart
    t.diagnostic(`Keyv in memory, 30 clients: ${atStart} grants at the start, ${renewals} in ${LIFETIMES} lifetimes`)
    assert.ok(atStart <= 20 && renewals <= 20 * LIFETIMES, `${atStart} and ${renewals} grants`)
    assert.ok(renewals >= LIFETIMES - 1)
  })
})

/**
 * @param {number} seconds
 * @returns {import('./support/peer.js').Answerer}
 */
function grantFor(seconds) {
  return (_request, response, count) => sendToken(response, { access_token: `token-${count}`, expires_in: seconds })
}

/** Starts a token endpoint that never answers the first request. @param {TestContext} t */
async function startSlowPeer(t) {
  const peer = await startPeer(t, {
    token: (request, response, count) => (count === 1 ? neverAnswer : grantToken)(request, response, count),
  })
  return {
    ...peer,
    /** @param {number} count */
    async tokenRequested(count) {
      while (peer.tokenRequests.length < count) await sleep(5)
    },
  }
}
