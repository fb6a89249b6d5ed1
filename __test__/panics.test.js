'use strict'
// A defect of ours must not be more than an error of one call. A debug build can be told to panic at a stage of a call,
// once: each test is a process that lets it, with other calls in flight.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { after, before, describe, it } = require('node:test')
const { runChild } = require('./support/child.js')
const { makeDebugPackage, whyNoDebugBuild } = require('./support/debug-build.js')
const { CLIENT_SECRET, sendJson, startPeer } = require('./support/peer.js')

/** @typedef {import('./support/peer.js').ServerResponse} ServerResponse */
/** @typedef {{ name: string, code: string, message: string, isOurs: boolean }} Told */

/** What brings a call to each stage, as methods of a client and their arguments. @type {Record<string, unknown[][]>} */
const ways = {
  Construct: [['constructor']],
  Door: [
    ['get', '/a'],
    ['getToken'],
    ['getTokenInfo'],
    ['invalidateToken'],
    ['setCredentials', { clientSecret: 'other' }],
    ['warmUp'],
    ['stats'],
  ],
  Begin: [
    ['get', '/a'],
    ['getToken', { forceRefresh: true }],
  ],
  Target: [['get', '/a']],
  Token: [['get', '/a'], ['warmUp']],
  Grant: [
    ['getToken', { forceRefresh: true }],
    ['getTokenInfo', { forceRefresh: true }],
  ],
  GrantAnswer: [['getToken', { forceRefresh: true }]],
  Queue: [['post', '/a', { reference: 'a' }], ['warmUp']],
  Send: [['put', '/a', { reference: 'a' }]],
  Connect: [['get', '/a']],
  Headers: [['patch', '/a', { reference: 'a' }]],
  Body: [['request', 'GET', '/a']],
  ErrorBody: [['delete', '/absent']],
  Answer: [['get', '/a', { numbers: 'lossless' }]],
  Next: [['get', '/busy']],
  Deadline: [['get', '/hold', { timeout: 100 }]],
  WarmUp: [['warmUp']],
  Event: [['get', '/a']],
  Settle: [
    ['get', '/a'],
    ['getToken', { forceRefresh: true }],
  ],
  Convert: [
    ['get', '/a'],
    ['get', '/absent'],
    ['getTokenInfo', { forceRefresh: true }],
  ],
}

/**
 * Runs in the process: calls are held by the server, one call panics, and then all others come to their ends.
 *
 * @param {{ folder: string, addon: string, options: any, stage: string, way: [string, ...any[]] }} data
 */
async function panicOnce({ folder, addon, options, stage, way: [method, ...args] }) {
  const { Layer1, Layer1Error } = require(folder)
  const { NativeClient } = require(addon)
  /** @param {any} error */
  const tell = (error) => ({
    name: error?.name,
    code: error?.code,
    message: require('node:util').inspect(error, { depth: 9, showHidden: true }),
    isOurs: error instanceof Layer1Error,
  })
  const client = new Layer1(options)
  const neighbour = new Layer1(options)
  await client.getToken()
  const held = [1, 2, 3].map(() => client.get('/hold')).concat(neighbour.get('/hold'))
  // All are at the server, on connections of their own, before the stage is armed.
  while ((await client.get('/held')) < held.length) await new Promise((resolve) => setTimeout(resolve, 2))
  if (stage === 'Event') require('node:diagnostics_channel').subscribe('tracing:layer1:request:start', () => {})
  // Takes the kept connection away from the call that is to make one.
  if (stage === 'Connect') held.push(client.get('/hold'))
  if (stage === 'Connect')
    while ((await client.get('/held')) < 5) await new Promise((resolve) => setTimeout(resolve, 2))
  if (stage === 'Connect') held.push(client.get('/hold'))
  if (!NativeClient.armFaultPoint(stage)) throw new Error(`there is no stage ${stage}`)
  const run = async () => (method === 'constructor' ? new Layer1(options) : await client[method](...args))
  const victim = await run().then(() => ({ code: 'none: it succeeded' }), tell)
  const again = await run().then(
    () => 'succeeded',
    (error) => error.code,
  )
  await neighbour.get('/release')
  const others = await Promise.all(held.map((call) => call.catch(tell)))
  const later = await client.get('/a').catch(tell)
  const { inFlight } = client.stats()
  await client.close()
  console.log(JSON.stringify({ victim, again, others, later, inFlight }))
}

const skip = whyNoDebugBuild()

describe('a panic in the native side', { timeout: 600_000, concurrency: 2, skip }, () => {
  /** @type {ReturnType<typeof makeDebugPackage>} */
  let debug
  before(() => {
    debug = makeDebugPackage()
  })
  after(() => debug?.remove())

  it('given the fault points of a debug build, when they are listed, then each has a test', () => {
    const script = 'console.log(JSON.stringify(require(process.argv[1]).NativeClient.faultPoints()))'
    const stages = JSON.parse(execFileSync(process.execPath, ['-e', script, debug.addon], { encoding: 'utf8' }))
    assert.deepEqual(Object.keys(ways).sort(), stages.sort())
  })

  for (const [stage, calls] of Object.entries(ways)) {
    for (const way of calls) {
      it(`given a panic at the stage ${stage}, when ${way[0]}(${way[1] ?? ''}) comes by, then it alone fails and the process lives`, async (t) => {
        const peer = await startHoldingPeer(t)
        const { folder, addon } = debug
        const ended = await runChild(t, panicOnce, {
          folder,
          addon,
          options: peer.options,
          stage,
          way: /** @type {any} */ (way),
        })
        assert.deepEqual([ended.code, ended.signal], [0, null], ended.stderr)
        assert.equal(ended.stderr.split('panicked at').length, 2, `one panic is due: ${ended.stderr}`)
        const { victim, again, others, later, inFlight } = JSON.parse(ended.stdout)
        assertDefect(victim)
        assert.equal(again, outcomes[String(way[1])] ?? 'succeeded')
        assert.deepEqual(others, new Array(others.length).fill({ ok: true }))
        assert.deepEqual([later, inFlight], [{ ok: true }, 0])
      })
    }
  }
})

/** How the call of a path ends when nothing panics. @type {Record<string, string>} */
const outcomes = { '/absent': 'ERR_LAYER1_API', '/busy': 'ERR_LAYER1_API', '/hold': 'ERR_LAYER1_TIMEOUT' }

/** @param {Told} victim */
function assertDefect({ name, code, message, isOurs }) {
  assert.deepEqual({ name, code, isOurs }, { name: 'Layer1Error', code: 'ERR_LAYER1_INTERNAL', isOurs: true }, message)
  assert.match(message, /a defect in layer1, please report it/)
  for (const secret of [CLIENT_SECRET, /token-\d/]) assert.doesNotMatch(message, new RegExp(secret))
}

/**
 * Starts a peer that keeps the answers to `/hold` back until `/release` is asked for, and says at `/held` how many.
 *
 * @param {import('node:test').TestContext} t
 */
function startHoldingPeer(t) {
  /** @type {ServerResponse[]} */
  const held = []
  return startPeer(t, {
    api({ url }, response) {
      if (url === '/hold') return void held.push(response)
      if (url === '/held') return sendJson(response, 200, held.length)
      if (url === '/absent') return sendJson(response, 404, { code: 'ABSENT' })
      if (url === '/busy') return sendJson(response, 503, {})
      if (url === '/release') for (const waiting of held.splice(0)) sendJson(waiting, 200, { ok: true })
      return sendJson(response, 200, { ok: true })
    },
  })
}

describe('a release build', () => {
  const { profile, file } = localBuild()
  const skip = profile === 'release' ? false : 'the addon in lib/ is a debug build'

  it('given the addon in lib/, when it is searched for fault points, then it holds none', { skip }, () => {
    const { NativeClient } = require(file)
    assert.equal('armFaultPoint' in NativeClient, false)
    const bytes = fs.readFileSync(file)
    for (const text of ['armFaultPoint', 'the fault point']) assert.equal(bytes.includes(text), false, text)
  })
})

function localBuild() {
  const root = path.join(__dirname, '..')
  const lib = path.join(root, 'lib')
  const stamp = path.join(root, 'target', 'addon.stamp.json')
  const name = fs.readdirSync(lib).find((file) => file.endsWith('.node'))
  const { profile } = fs.existsSync(stamp) ? JSON.parse(fs.readFileSync(stamp, 'utf8')) : { profile: undefined }
  return { profile, file: path.join(lib, String(name)) }
}
