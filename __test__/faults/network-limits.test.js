'use strict'
// Limits of the machine: no descriptors, no local ports, an event loop that is held up, more calls than any queue expects.

require('../support/clean-env.js')
const assert = require('node:assert/strict')
const { after, before, describe, it } = require('node:test')
const { Authority, skip: noCertificates } = require('../support/certificates.js')
const { runChild } = require('../support/child.js')
const { launcher, skip: noNamespaces } = require('../support/namespace.js')
const { makeClient, startPeer } = require('../support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */

const linux = process.platform === 'linux' ? false : 'descriptors are limited and counted as Linux does: NOT run'

/** @type {InstanceType<typeof Authority>} */
let authority
/** @type {import('../support/certificates.js').KeyPair} */
let pair

before(() => {
  if (noCertificates) return
  authority = new Authority('layer1 test authority')
  pair = authority.sign(['IP:127.0.0.1'])
})

after(() => Authority.remove())

/** @param {string[]} values */
function tally(values) {
  /** @type {Record<string, number>} */
  const counts = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

/** The launcher of a process that may have so many descriptors. @param {number} count */
const withDescriptors = (count) => ['sh', '-c', `ulimit -n ${count}; exec "$0" "$@"`]

/**
 * Runs a function in a process of its own, and gives what it told.
 *
 * @param {TestContext} t
 * @param {(data: any) => unknown} main
 * @param {unknown} data
 * @param {string[]} launcher
 * @param {NodeJS.ProcessEnv} [env]
 */
async function told(t, main, data, launcher, env) {
  const { code, signal, stdout, stderr } = await runChild(t, main, data, env, launcher)
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
  return JSON.parse(stdout)
}

describe('a process without file descriptors', { timeout: 60_000, skip: linux }, () => {
  for (const moment of ['its first call', 'a later call']) {
    for (const place of ['127.0.0.1', 'localhost']) {
      it(`given no descriptor for ${moment} to ${place}, when it is made, then it says so; and once there are some, the next one works`, async (t) => {
        const [{ port }, { options }] = [await startPeer(t), await startPeer(t)]
        const outcome = await told(
          t,
          async ({ options, isLater }) => {
            const { takeAllDescriptors } = require('../support/descriptors.js')
            const { rejection } = require('../support/failures.js')
            const client = new (require('layer1').Layer1)({ ...options, maxRetries: 2 })
            if (isLater) await client.getToken()
            const giveBack = takeAllDescriptors()
            const { code, host, port, endpoint, attempts, retryable, message } = await rejection(client.get('/a'))
            giveBack()
            const error = { code, host, port, endpoint, attempts, retryable, message }
            console.log(JSON.stringify({ error, next: await client.get('/b'), stats: client.stats() }))
          },
          { options: { ...options, baseUrl: `http://${place}:${port}` }, isLater: moment !== 'its first call' },
          withDescriptors(64),
        )
        const { error, next, stats } = outcome
        assert.deepEqual(
          [error.code, error.host, error.port, error.endpoint, error.retryable],
          ['ERR_LAYER1_CONNECT', place, port, 'api', true],
        )
        assert.match(error.message, /no file descriptor left/)
        // Without a descriptor the I/O thread cannot be made, and there is nothing to try with.
        assert.equal(error.attempts, moment === 'its first call' ? 0 : 3)
        assert.deepEqual(next, { ok: true })
        assert.equal(stats.inFlight, 0)
      })
    }
  }

  it('given no descriptor to read NODE_EXTRA_CA_CERTS with, when there are some again, then its authorities are trusted after all', {
    skip: noCertificates,
  }, async (t) => {
    const [api, realm] = [await startPeer(t, { tls: pair }), await startPeer(t)]
    const { code, next } = await told(
      t,
      async (options) => {
        const { takeAllDescriptors } = require('../support/descriptors.js')
        const { rejection } = require('../support/failures.js')
        const client = new (require('layer1').Layer1)({ ...options, maxRetries: 0 })
        await client.getToken()
        const giveBack = takeAllDescriptors()
        const { code } = await rejection(client.get('/a'))
        giveBack()
        console.log(JSON.stringify({ code, next: await client.get('/b') }))
      },
      { ...realm.options, baseUrl: api.origin },
      withDescriptors(64),
      { NODE_EXTRA_CA_CERTS: authority.file('extra.pem', authority.cert) },
    )
    assert.deepEqual({ code, next }, { code: 'ERR_LAYER1_CONNECT', next: { ok: true } })
  })

  it('given 64 descriptors and 300 calls at once, when they end, then each was answered or says what is short, and the process goes on', async (t) => {
    const { options } = await startPeer(t)
    const { codes, next, stats } = await told(
      t,
      async (options) => {
        const client = new (require('layer1').Layer1)(options)
        const ended = await Promise.allSettled(Array.from({ length: 300 }, () => client.get('/a')))
        const codes = ended.map((end) => (end.status === 'fulfilled' ? 'answered' : end.reason.code))
        const next = []
        for (let index = 0; index < 20; index++) next.push(await client.get('/b'))
        console.log(JSON.stringify({ codes, next, stats: client.stats() }))
      },
      options,
      withDescriptors(64),
    )
    const answered = codes.filter((/** @type {string} */ code) => code === 'answered').length
    const short = codes.filter((/** @type {string} */ code) => code === 'ERR_LAYER1_CONNECT').length
    assert.equal(answered + short, 300)
    assert.ok(answered > 0 && short > 0, `${answered} answered, ${short} short of a descriptor`)
    assert.deepEqual(next, Array(20).fill({ ok: true }))
    assert.equal(stats.inFlight, 0)
  })

  it('given 64 descriptors and a cap on connections, when 1,000 calls are made at once, then all are answered', async (t) => {
    const { options } = await startPeer(t)
    const count = await told(
      t,
      async (options) => {
        const client = new (require('layer1').Layer1)({ ...options, maxConnections: 16 })
        const answers = await Promise.all(Array.from({ length: 1000 }, () => client.get('/a')))
        console.log(answers.length)
      },
      options,
      withDescriptors(64),
    )
    assert.equal(count, 1000)
  })
})

describe('a machine without local ports', { timeout: 60_000, skip: noNamespaces }, () => {
  it('given 16 local ports and 200 calls at once, when they end, then each was answered or says what is short, and the process goes on', async (t) => {
    const { codes, messages, next } = await told(
      t,
      () => {
        const { makeClient, startPeer } = require('../support/peer.js')
        return require('../support/scope.js').inScope(async (t) => {
          const client = makeClient(t, (await startPeer(t)).options)
          const ended = await Promise.allSettled(Array.from({ length: 200 }, () => client.get('/a')))
          const codes = ended.map((end) => (end.status === 'fulfilled' ? 'answered' : end.reason.code))
          const messages = ended.flatMap((end) => (end.status === 'rejected' ? [end.reason.message] : []))
          const next = []
          for (let index = 0; index < 20; index++) next.push(await client.get('/b'))
          return { codes, messages, next }
        })
      },
      null,
      launcher({ localPorts: [40_000, 40_015] }),
    )
    const answered = codes.filter((/** @type {string} */ code) => code === 'answered').length
    const short = codes.filter((/** @type {string} */ code) => code === 'ERR_LAYER1_CONNECT').length
    assert.equal(answered + short, 200)
    assert.ok(answered > 0 && short > 0, `${answered} answered, ${short} short of a port`)
    for (const message of messages) assert.match(message, /local port/)
    assert.deepEqual(next, Array(20).fill({ ok: true }))
  })
})

describe('an event loop that is held up', { timeout: 60_000 }, () => {
  it('given calls in flight, when the event loop stands still for 2 s, then they are answered in the meantime and settled after it', async (t) => {
    const { options } = await startPeer(t)
    const { codes, took } = await told(
      t,
      async (options) => {
        const client = new (require('layer1').Layer1)({ ...options, timeout: 1500 })
        await client.get('/before')
        const calls = Array.from({ length: 200 }, () => client.get('/a'))
        const still = new Int32Array(new SharedArrayBuffer(4))
        // The requests go out in this turn's end; the answers come while nobody listens.
        await new Promise((resolve) => setImmediate(resolve))
        Atomics.wait(still, 0, 0, 2000)
        const began = performance.now()
        const ended = await Promise.allSettled(calls)
        const took = performance.now() - began
        const codes = ended.map((end) => (end.status === 'fulfilled' ? 'answered' : end.reason.code))
        console.log(JSON.stringify({ codes, took }))
      },
      options,
      [],
    )
    // Their deadline passed during the stand-still, but the answers were there before it.
    assert.deepEqual(codes, Array(200).fill('answered'))
    assert.ok(took < 1500, `settled ${took} ms after the stand-still`)
  })

  it('given a token that ends while the event loop stands still, when a call is made after it, then it has a new one', async (t) => {
    const peer = await startPeer(t, {
      token: (_request, response, count) =>
        require('../support/peer.js').sendToken(response, { access_token: `token-${count}`, expires_in: 1 }),
    })
    const { options } = peer
    await told(
      t,
      async (options) => {
        const client = new (require('layer1').Layer1)(options)
        await client.get('/before')
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000)
        console.log(JSON.stringify(await client.get('/after')))
      },
      options,
      [],
    )
    assert.deepEqual(
      peer.calls.map(({ headers }) => headers.authorization),
      ['Bearer token-1', 'Bearer token-2'],
    )
  })
})

describe('10,000 calls at once', { timeout: 60_000 }, () => {
  it('given 10,000 calls queued at once, when they end, then all are answered, over no more connections than the cap', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, { ...peer.options, timeout: 60_000 })
    const answers = await Promise.all(Array.from({ length: 10_000 }, (_, index) => client.get(`/a/${index}`)))
    assert.equal(answers.length, 10_000)
    assert.equal(new Set(peer.calls.map(({ url }) => url)).size, 10_000)
    assert.equal(peer.tokenRequests.length, 1)
    assert.ok(peer.mostOpen() <= 128, `${peer.mostOpen()} connections at once`)
    assert.equal(client.stats().inFlight, 0)
  })

  it('given 10,000 calls in a queue that does not move, when their time is up, then each says that it waited in the queue', async (t) => {
    const peer = await startPeer(t, { api: () => {} })
    const client = makeClient(t, { ...peer.options, maxConnections: 1 })
    await client.getToken()
    const calls = Array.from({ length: 10_000 }, () => client.get('/a', { timeout: 1000 }))
    const ended = await Promise.allSettled(calls)
    const phases = ended.map((end) => (end.status === 'rejected' ? end.reason.phase : 'answered'))
    // Their ends are as far apart as their beginnings: one that is free of the queue has its turn until its own end.
    const turns = phases.filter((phase) => phase !== 'queue').length
    assert.ok(turns < 5000, JSON.stringify(tally(phases)))
    // Whoever's time is up in the queue makes no connection any more.
    assert.ok(peer.connections() <= turns + 1, `${peer.connections()} connections, ${turns} turns`)
    assert.ok(ended.every((end) => end.status === 'rejected' && end.reason.code === 'ERR_LAYER1_TIMEOUT'))
    assert.equal(client.stats().inFlight, 0)
  })
})
