'use strict'
// `npm run soak` in small, and that it finds what it looks for.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const path = require('node:path')
const { describe, it } = require('node:test')
const { Layer1 } = require('layer1')
const { targetOf } = require('../scripts/soak/api.js')
const { Peer } = require('../scripts/soak/peer.js')
const { planCall } = require('../scripts/soak/plan.js')
const { Random } = require('../scripts/random.js')
const { findSecret, judgeAnswer, judgeError } = require('../scripts/soak/verdict.js')
const { skip } = require('./support/certificates.js')

/** @typedef {import('node:test').TestContext} TestContext */

/**
 * @param {string} program
 * @param {...number} args
 * @returns {Promise<{ exitCode: number, stdout: string, stderr: string }>}
 */
function run(program, ...args) {
  const file = path.join(__dirname, '..', 'scripts', 'soak', program)
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args.map(String)], (error, stdout, stderr) => {
      resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}

describe('the soak', { timeout: 180_000 }, () => {
  it('given every fault, aborts, closes, killed workers and revoked tokens, when calls go on for seconds, then every invariant holds', {
    skip,
  }, async (t) => {
    const seed = Math.floor(Math.random() * 2 ** 32)
    const { exitCode, stdout, stderr } = await run('chaos.js', 6, seed)
    assert.equal(stderr, '', `seed ${seed}`)
    assert.equal(exitCode, 0, stdout)
    const [, started, settled] = /^Calls: (\d+) started, (\d+) settled/m.exec(stdout) ?? []
    assert.equal(started, settled)
    const [, kinds] = /^Faults injected: \d+ of (\d+) kinds/m.exec(stdout) ?? []
    assert.ok(Number(kinds) >= 30, stdout)
    const [, held, all] = /^Invariants held: (\d+) of (\d+)$/m.exec(stdout) ?? []
    assert.equal(held, all)
    assert.ok(Number(all) >= 14, stdout)
    assert.match(stdout, new RegExp(`^Seed: ${seed}; `, 'm'))
    t.diagnostic(`${started} calls, ${kinds} kinds of faults, ${held} invariants held`)
  })

  it('given 30,000 calls, a tenth failing and a tenth aborted, when they are settled, then nothing of them is left', async (t) => {
    const { exitCode, stdout, stderr } = await run('memory.js', 30_000, 1)
    assert.equal(stderr, '')
    assert.equal(exitCode, 0, stdout)
    t.diagnostic(String(/^RSS growth.*$/m.exec(stdout)))
  })

  it('given a host that keeps 40 KB for every call that fails, when memory is measured, then the growth is found', async () => {
    const { exitCode, stdout, stderr } = await run('memory.js', 5_000, 1, 40_000)
    assert.match(stderr, /^BROKEN: memory flat: it grew by \d+/m)
    assert.equal(exitCode, 1, stdout)
  })
})

/**
 * Starts the server of the soak, and gives what it finds broken, and ways to break it.
 *
 * @param {TestContext} t
 */
async function startServer(t) {
  /** @type {string[]} */
  const broken = []
  const peer = await Peer.start({ seed: 1, faultyGrants: 0 }, (name) => broken.push(name))
  t.after(() => peer.stop())
  const { plain } = peer.ports
  const ask = async () => {
    const body = new URLSearchParams({ client_id: 'test' })
    const answer = await fetch(`${plain}/token`, { method: 'POST', body })
    return String(/** @type {any} */ (await answer.json()).access_token)
  }
  /** @param {string} token @param {{ id?: string, kind?: string, knownDead?: number, beganAt?: number }} [label] */
  const post = (token, { id = 'c1', kind = 'none', knownDead = 0, beganAt = 0 } = {}) => {
    const target = targetOf({ id, kind, times: 99, mayRepeat: false, knownDead, beganAt })
    return fetch(plain + target, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  }
  return { peer, broken, ask, post }
}

describe('the server of the soak', { timeout: 180_000 }, () => {
  it('given callers who do all as they should, when it is asked, then it has found nothing', async (t) => {
    const { peer, broken, ask, post } = await startServer(t)
    const old = await ask()
    peer.revoke('test')
    // What was revoked, and what had to wait, may come again.
    assert.equal((await post(old)).status, 401)
    const token = await ask()
    assert.equal((await post(token, { kind: '429' })).status, 429)
    assert.equal((await post(token)).status, 200)
    assert.equal((await post(token, { id: 'c2', knownDead: 1 })).status, 200)
    const { checks } = await peer.tally()
    assert.deepEqual(broken, [])
    assert.equal(checks['no POST or PATCH seen twice'], 4)
  })

  it('given a payment that comes again, when the first one was done, then it is found', async (t) => {
    const { peer, broken, ask, post } = await startServer(t)
    const token = await ask()
    await post(token)
    await post(token)
    await peer.tally()
    assert.deepEqual(broken, ['no POST or PATCH seen twice'])
  })

  it('given two token requests at once, when they are of one client, then it is found', async (t) => {
    const { peer, broken, ask } = await startServer(t)
    await Promise.all([ask(), ask()])
    while (!(await peer.tally()).checks['one token request at a time'] || broken.length === 0) await ask()
    assert.equal(broken[0], 'one token request at a time')
  })

  it('given a token that its caller knew to be refused, when it comes, then it is found', async (t) => {
    const { peer, broken, ask, post } = await startServer(t)
    await post(await ask(), { knownDead: 1 })
    await peer.tally()
    assert.deepEqual(broken, ['no token sent after its 401 or its end'])
  })

  it('given a call that gets a 401, when it comes again with the same token, then it is found', async (t) => {
    const { peer, broken, ask, post } = await startServer(t)
    const token = await ask()
    peer.revoke('test')
    await post(token)
    await post(token)
    await peer.tally()
    assert.deepEqual(broken, ['no token sent after its 401 or its end'])
  })

  it('given a token that had ended when its call began, when it comes, then it is found', async (t) => {
    const { peer, broken, ask, post } = await startServer(t)
    await post(await ask(), { beganAt: Date.now() + 3_600_000 })
    await peer.tally()
    assert.deepEqual(broken, ['no token sent after its 401 or its end'])
  })

  it('given a client that follows redirects, when one leads away, then it is found', async (t) => {
    const { peer, broken, ask, post } = await startServer(t)
    await assert.rejects(post(await ask(), { kind: 'redirect to another port' }))
    await peer.tally()
    assert.ok(broken.includes('no redirect followed away'))
  })
})

describe('the verdict of the soak', () => {
  const plan = {
    ...planCall(new Random(1), 1, 1, []),
    id: 'c1',
    method: 'GET',
    kind: 'none',
    times: 0,
    timeout: 10_000,
  }
  const context = { plan, codes: ['ok'], isClosed: false, reason: undefined }

  it("given another call's answer, when it is judged, then it is wrong", () => {
    assert.equal(judgeAnswer(plan, { id: 'c1' }, ['ok']), undefined)
    assert.match(String(judgeAnswer(plan, { id: 'c2' }, ['ok'])), /another's answer/)
  })

  it('given a success of a call that cannot succeed, when it is judged, then it is wrong', () => {
    const hopeless = { ...plan, kind: 'short body', times: 99 }
    assert.match(String(judgeAnswer(hopeless, { id: 'c1' }, ['CONNECTION_LOST'])), /cannot have succeeded/)
  })

  it('given an error of no class of ours, when it is judged, then it is wrong, unless the caller had aborted with it', () => {
    const error = new TypeError('x is not a function')
    assert.match(String(judgeError(error, context)), /no Layer1Error/)
    assert.equal(judgeError(error, { ...context, reason: error }), undefined)
  })

  it('given an error that nothing explains, when it is judged, then it is wrong', async () => {
    const client = new Layer1({ clientId: 'test', clientSecret: 'test' })
    await client.close()
    const error = await client.get('/a').catch((/** @type {unknown} */ reason) => reason)
    assert.match(String(judgeError(error, context)), /nobody had closed/)
    assert.equal(judgeError(error, { ...context, isClosed: true }), undefined)
  })

  it('given an error with a token deep in its causes, when it is searched, then that is found', () => {
    const cause = new Error('inner', { cause: { headers: ['Bearer chaos-token.shared-a.7'] } })
    assert.equal(findSecret(new Error('outer', { cause })), 'chaos-token.')
    assert.equal(findSecret(new Error('outer')), undefined)
  })

  it('given a seed, when calls are planned again, then they are the same, and others with another seed', () => {
    const plans = (/** @type {number} */ seed) =>
      Array.from({ length: 200 }, (_, number) => planCall(new Random(seed), number, 6, ['port closed']))
    assert.deepEqual(plans(7), plans(7))
    assert.notDeepEqual(plans(7), plans(8))
  })
})
