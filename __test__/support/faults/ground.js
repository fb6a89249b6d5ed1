'use strict'
// Where faults are met: a server that has them, a token endpoint that has none, and options for clients of both.

const assert = require('node:assert/strict')
const { Authority, skip: noCertificates } = require('../certificates.js')
const { sendToken, startPeer } = require('../peer.js')
const { FaultServer, answer } = require('./server.js')
const { SECRET, TOKEN } = require('./outcome.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('layer1').Layer1Options} Options */
/** @typedef {import('./ways.js').Variant} Variant */
/** @typedef {Awaited<ReturnType<typeof prepare>>} Ground */

const plain = /** @type {const} */ ('http')
const secure = /** @type {const} */ ('https')
/** Over what the bytes travel: TLS only where there is a program to make certificates. */
const schemes = noCertificates ? [plain] : [plain, secure]

/** @type {{ authority: InstanceType<typeof Authority>, pair: import('../certificates.js').KeyPair } | undefined} */
let certified

/** What TLS needs, made once. */
function certificates() {
  if (!certified) {
    const authority = new Authority('layer1 test authority')
    certified = { authority, pair: authority.sign(['IP:127.0.0.1']) }
    process.once('exit', () => Authority.remove())
  }
  return certified
}

/** Gives what a server and its client need for a scheme. @param {'http' | 'https'} scheme */
function security(scheme) {
  if (scheme === 'http') return { pair: undefined, trust: {} }
  const { authority, pair } = certificates()
  return { pair, trust: { ca: authority.cert } }
}

/** What answers wait for, while it is shut. */
class Gate {
  passed = Promise.resolve()

  /** Shuts it, and gives what opens it. */
  shut() {
    /** @type {() => void} */
    let open = () => {}
    this.passed = new Promise((resolve) => {
      open = () => resolve(undefined)
    })
    return open
  }
}

/** Starts a token endpoint in good health. @param {TestContext} t */
async function startRealm(t) {
  const realm = await startPeer(t, { token: (_request, response) => sendToken(response, { access_token: TOKEN }) })
  return { tokenUrl: realm.options.tokenUrl, clientId: realm.options.clientId, clientSecret: SECRET }
}

/**
 * Starts a server that has each variant on a path of its own, and on all others good answers, which name their path.
 *
 * @param {TestContext} t
 * @param {Variant[]} variants
 * @param {'http' | 'https'} scheme
 * @param {Options} options
 */
async function prepare(t, variants, scheme, options) {
  const { pair, trust } = security(scheme)
  const gate = new Gate()
  /** How many requests each connection had when it met a fault first. @type {Map<number, number>} */
  const metOn = new Map()
  const server = await FaultServer.start(
    t,
    async (wire, request) => {
      const index = Number(/^\/fault\/(\d+)/.exec(request.target)?.[1] ?? Number.NaN)
      const variant = variants[index]
      if (!variant) {
        if (request.target.startsWith('/held/')) await gate.passed
        return await wire.write(answer({ own: request.target }))
      }
      if (!metOn.has(index)) metOn.set(index, wire.requests)
      wire.isBroken = !variant.isKept
      await gate.passed
      await variant.script(wire, request)
    },
    pair,
  )
  return {
    server,
    gate,
    metOn,
    options: { baseUrl: server.origin, maxRetries: 0, connectTimeout: 60_000, timeout: 20_000, ...trust, ...options },
  }
}

/** Makes a call that has to have its own answer, and nobody else's. @param {import('layer1').Layer1} client @param {string} path */
async function getOwn(client, path) {
  assert.deepEqual(await client.get(path), { own: path })
}

/** Waits for every broken connection to end, and sees that nothing more came on one. @param {InstanceType<typeof FaultServer>} server */
async function assertBrokenEnd(server) {
  await server.until(
    () => server.wires.every((wire) => wire.isClosed || !wire.isBroken),
    'broken connections are closed',
  )
  assert.deepEqual(server.misplaced, [], 'a broken connection was used again')
}

/** Starts a server that nobody may ever come to. @param {TestContext} t @param {'http' | 'https'} scheme */
function startTrap(t, scheme) {
  return FaultServer.start(
    t,
    (wire) => wire.write(answer({})),
    schemes.includes(/** @type {any} */ (scheme)) ? security(scheme).pair : undefined,
  )
}

module.exports = { assertBrokenEnd, getOwn, prepare, schemes, security, startRealm, startTrap }
