'use strict'
// Processes that are frozen, and clocks that jump: no stale token is sent, and the first call after it works.

require('../support/clean-env.js')
const assert = require('node:assert/strict')
const { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs')
const { once } = require('node:events')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { describe, it } = require('node:test')
const { setTimeout: sleep } = require('node:timers/promises')
const { startChild } = require('../support/child.js')
const { eventually } = require('../support/network-checks.js')
const { answerOk, sendJson, sendToken, startPeer } = require('../support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */

/** How long a token lives in the tests of frozen processes, in s, and how long a process is frozen, in ms. */
const LIFE = 2
const FROZEN = 2500

/**
 * Starts a realm and an API that notes every token that is too old when it comes.
 *
 * @param {TestContext} t
 * @param {number} life in s
 * @param {import('../support/peer.js').Answerer} [answer]
 */
async function startStrict(t, life, answer = answerOk) {
  /** When each token was given, in ms. @type {Map<string, number>} */
  const given = new Map()
  /** @type {string[]} */
  const stale = []
  const peer = await startPeer(t, {
    token: (_request, response, count) => {
      given.set(`Bearer token-${count}`, performance.now())
      sendToken(response, { access_token: `token-${count}`, expires_in: life })
    },
    api: (request, response, count) => {
      const token = String(request.headers.authorization)
      const isStale = request.at > Number(given.get(token)) + life * 1000
      if (isStale) stale.push(`${request.url} with ${token}`)
      if (isStale) sendJson(response, 401, {})
      else answer(request, response, count)
    },
  })
  return { peer, stale }
}

/**
 * A process that does what it is told: `{ get }` calls a path and tells the outcome.
 *
 * @param {any} options
 */
function obey(options) {
  const client = new (require('layer1').Layer1)(options)
  process.on('message', async (/** @type {{ get?: string }} */ { get }) => {
    if (get === undefined) return process.disconnect()
    const outcome = await client.request('GET', get).then(
      ({ data, attempts }) => ({ data, attempts }),
      ({ code, phase }) => ({ code, phase }),
    )
    process.send?.({ get, ...outcome, now: Date.now(), replays: client.stats().replays401 })
  })
}

/**
 * Starts such a process.
 *
 * @param {TestContext} t
 * @param {import('layer1').Layer1Options} options
 * @param {NodeJS.ProcessEnv} [env]
 */
function startObedient(t, options, env) {
  const { child, ended } = startChild(t, obey, options, env)
  return {
    child,
    /** @param {string} path @returns {Promise<any>} */
    async get(path) {
      child.send({ get: path })
      const [outcome] = await once(child, 'message')
      return outcome
    },
    async end() {
      child.send({})
      const { code, signal, stderr } = await ended
      assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
    },
  }
}

/**
 * Stops a process, and waits until every thread of it stands still: on a busy machine one may go on for a while.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
async function freeze(child) {
  child.kill('SIGSTOP')
  const tasks = `/proc/${child.pid}/task`
  if (!existsSync(tasks)) return await sleep(200)
  const isStill = (/** @type {string} */ task) => /^\d+ \(.*\) T/.test(readFileSync(`${tasks}/${task}/stat`, 'utf8'))
  await eventually(() => readdirSync(tasks).every(isStill), 'the process stands still')
}

describe('a process that is frozen', {
  timeout: 60_000,
  // They sleep most of the time.
  concurrency: true,
  skip: process.platform === 'win32' ? 'Windows has no SIGSTOP: NOT run' : false,
}, () => {
  it('given SIGSTOP for longer than the life of its token, when it goes on, then its first call works, and no stale token is sent', async (t) => {
    const { peer, stale } = await startStrict(t, LIFE)
    const frozen = startObedient(t, peer.options)
    assert.deepEqual((await frozen.get('/before')).data, { ok: true })
    await freeze(frozen.child)
    await sleep(FROZEN)
    frozen.child.kill('SIGCONT')
    const { data, attempts, replays } = await frozen.get('/after')
    assert.deepEqual({ data, attempts, replays, stale }, { data: { ok: true }, attempts: 1, replays: 0, stale: [] })
    assert.equal(peer.tokenRequests.length, 2)
    await frozen.end()
  })

  it('given SIGSTOP during which the server closes all connections, when the process goes on, then its first call works', async (t) => {
    const { peer, stale } = await startStrict(t, LIFE)
    const frozen = startObedient(t, { ...peer.options, maxRetries: 0 })
    await frozen.get('/before')
    await freeze(frozen.child)
    peer.calls[0]?.socket.destroy()
    await sleep(FROZEN)
    frozen.child.kill('SIGCONT')
    assert.deepEqual((await frozen.get('/after')).data, { ok: true })
    assert.deepEqual(stale, [])
    await frozen.end()
  })

  it('given a call in flight and one in the queue, when the process is frozen past the life of their token, then the one goes on, and the other has a new token', async (t) => {
    /** @type {(() => void)[]} */
    const held = []
    const { peer, stale } = await startStrict(t, LIFE, (request, response, count) => {
      if (request.url === '/first') held.push(() => answerOk(request, response, count))
      else answerOk(request, response, count)
    })
    const frozen = startObedient(t, { ...peer.options, maxConnections: 1 })
    /** @type {any[]} */
    const outcomes = []
    const both = new Promise((resolve) => {
      frozen.child.on('message', (outcome) => outcomes.push(outcome) === 2 && resolve(undefined))
    })
    frozen.child.send({ get: '/first' })
    await peer.called(1)
    frozen.child.send({ get: '/second' })
    // For the second to be in its queue. Were it not, it would still need a new token.
    await sleep(200)
    await freeze(frozen.child)
    held[0]?.()
    await sleep(FROZEN)
    frozen.child.kill('SIGCONT')
    await both
    assert.deepEqual(
      outcomes.map(({ get, data, replays }) => [get, data, replays]),
      [
        ['/first', { ok: true }, 0],
        ['/second', { ok: true }, 0],
      ],
    )
    assert.deepEqual(stale, [])
    assert.deepEqual(
      peer.calls.map(({ headers }) => headers.authorization),
      ['Bearer token-1', 'Bearer token-2'],
    )
    await frozen.end()
  })

  it('given a call whose answer and whose deadline come while the process is frozen, when it goes on, then the call is settled, and the next works', async (t) => {
    const { peer } = await startStrict(t, LIFE, (request, response, count) => {
      if (request.url !== '/hangs') answerOk(request, response, count)
    })
    const frozen = startObedient(t, { ...peer.options, timeout: 1000 })
    const hanging = frozen.get('/hangs')
    await peer.called(1)
    await freeze(frozen.child)
    await sleep(FROZEN)
    frozen.child.kill('SIGCONT')
    const { code, phase } = await hanging
    assert.deepEqual({ code, phase }, { code: 'ERR_LAYER1_TIMEOUT', phase: 'headers' })
    assert.deepEqual((await frozen.get('/after')).data, { ok: true })
    await frozen.end()
  })
})

describe('a wall clock that jumps', { timeout: 60_000, concurrency: true }, () => {
  const library = findFaketime()
  const skip = library ? false : 'libfaketime is not installed: NOT run with it; the Rust tests set their own clock'
  const HOUR = 3_600_000

  /**
   * Starts an obedient process whose wall clock can be set.
   *
   * @param {TestContext} t
   * @param {import('layer1').Layer1Options} options
   */
  function startJumping(t, options) {
    const directory = mkdtempSync(join(tmpdir(), 'layer1-clock-'))
    t.after(() => rmSync(directory, { recursive: true, force: true }))
    const clock = join(directory, 'offset')
    writeFileSync(clock, '+0')
    const env = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1',
      // The monotonic clock of a machine does not jump.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    }
    const setClock = (/** @type {number} */ hours) =>
      writeFileSync(clock, `${hours < 0 ? '-' : '+'}${Math.abs(hours)}h`)
    return { ...startObedient(t, options, env), setClock }
  }

  for (const hours of [1, -1]) {
    const [way, requests] = hours > 0 ? ['forward', 2] : ['back', 1]
    it(`given a token of 5 minutes, when the clock is set an hour ${way} and right again, then each first call works, and no stale token is sent`, {
      skip,
    }, async (t) => {
      const { peer, stale } = await startStrict(t, 300)
      const jumping = startJumping(t, peer.options)
      const before = await jumping.get('/before')
      jumping.setClock(hours)
      const after = await jumping.get('/after')
      // Had the clock not jumped, this would show nothing.
      assert.ok(Math.abs(after.now - before.now - hours * HOUR) < HOUR / 2, `${after.now - before.now} ms`)
      assert.equal(peer.tokenRequests.length, requests)
      jumping.setClock(0)
      const again = await jumping.get('/again')
      for (const { data, attempts, replays } of [before, after, again]) {
        assert.deepEqual({ data, attempts, replays }, { data: { ok: true }, attempts: 1, replays: 0 })
      }
      assert.deepEqual(stale, [])
      await jumping.end()
    })
  }

  it('given a token that ends by the monotonic clock, when the wall clock was set back an hour, then a new one is sent all the same', {
    skip,
  }, async (t) => {
    const { peer, stale } = await startStrict(t, LIFE)
    const jumping = startJumping(t, peer.options)
    await jumping.get('/before')
    jumping.setClock(-1)
    await sleep(FROZEN)
    const { data, replays } = await jumping.get('/after')
    assert.deepEqual({ data, replays, stale }, { data: { ok: true }, replays: 0, stale: [] })
    assert.equal(peer.tokenRequests.length, 2)
    await jumping.end()
  })

  it('given a call that waits, when the clock is set an hour forward, then its deadline is not there any sooner', {
    skip,
  }, async (t) => {
    /** @type {(() => void)[]} */
    const held = []
    const { peer } = await startStrict(t, 300, (request, response, count) => {
      held.push(() => answerOk(request, response, count))
    })
    const jumping = startJumping(t, { ...peer.options, timeout: 25_000 })
    const waiting = jumping.get('/waits')
    await peer.called(1)
    jumping.setClock(1)
    await sleep(300)
    held[0]?.()
    assert.deepEqual((await waiting).data, { ok: true })
    await jumping.end()
  })
})

/** Gives the path of libfaketime where Debian and its kin put it. */
function findFaketime() {
  const root = '/usr/lib'
  if (process.platform !== 'linux' || !existsSync(root)) return undefined
  const places = readdirSync(root).map((name) => join(root, name, 'faketime', 'libfaketimeMT.so.1'))
  return places.find((place) => existsSync(place))
}
