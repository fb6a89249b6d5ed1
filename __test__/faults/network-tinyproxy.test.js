'use strict'
// A proxy that others wrote: Debian's tinyproxy, where it is installed.

require('../support/clean-env.js')
const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const { after, before, describe, it } = require('node:test')
const { Authority, skip: noCertificates } = require('../support/certificates.js')
const { runChild } = require('../support/child.js')
const { launcher, skip: noNamespaces } = require('../support/namespace.js')

/** @typedef {import('node:test').TestContext} TestContext */

/** @type {InstanceType<typeof Authority>} */
let authority
/** @type {import('../support/certificates.js').KeyPair} */
let pair

before(() => {
  if (noCertificates) return
  authority = new Authority('layer1 test authority')
  pair = authority.sign(['DNS:api.example'])
})

after(() => Authority.remove())

describe('tinyproxy', { timeout: 60_000 }, () => {
  const skip =
    noCertificates || noNamespaces || (hasTinyproxy() ? false : 'tinyproxy is not installed: NOT run with it')

  function hasTinyproxy() {
    try {
      execFileSync('tinyproxy', ['-v'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  }

  /**
   * Calls through tinyproxy in a network of our own, and gives what became of it.
   *
   * @param {TestContext} t
   * @param {{ settings?: string[], credentials?: string, noProxy?: string, isDown?: boolean }} how
   */
  async function callThrough(t, how) {
    const world = launcher({ hosts: '127.0.0.1 localhost\n127.0.0.1 api.example\n' })
    const data = { pair, ca: authority.cert, ...how }
    const { code, stdout, stderr } = await runChild(t, callThroughTinyproxy, data, {}, world)
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout)
  }

  // Its end of a tunnel has an address of its own: the API sees who came through it.
  const THROUGH = '127.0.0.5'

  it('given tinyproxy without a password, when a call is made, then it comes through it', { skip }, async (t) => {
    assert.deepEqual(await callThrough(t, {}), { answer: { ok: true }, from: [THROUGH] })
  })

  it('given tinyproxy with a password, when a call is made with it, then it comes through', { skip }, async (t) => {
    const settings = ['BasicAuth proxy-user hunter2']
    const outcome = await callThrough(t, { settings, credentials: 'proxy-user:hunter2' })
    assert.deepEqual(outcome, { answer: { ok: true }, from: [THROUGH] })
  })

  for (const credentials of ['', 'proxy-user:wrong']) {
    it(`given tinyproxy with a password, when a call is made with ${credentials ? 'another' : 'none'}, then it is the proxy's fault`, {
      skip,
    }, async (t) => {
      const outcome = await callThrough(t, { settings: ['BasicAuth proxy-user hunter2'], credentials })
      assert.deepEqual([outcome.code, outcome.from], ['ERR_LAYER1_PROXY', []])
    })
  }

  it('given tinyproxy that allows other ports only, when a call is made, then it is the proxy that refused', {
    skip,
  }, async (t) => {
    const { code, from } = await callThrough(t, { settings: ['ConnectPort 22'] })
    assert.deepEqual([code, from], ['ERR_LAYER1_PROXY', []])
  })

  it('given tinyproxy and an API that is down, when a call is made, then the proxy made no connection', {
    skip,
  }, async (t) => {
    assert.equal((await callThrough(t, { isDown: true })).code, 'ERR_LAYER1_PROXY')
  })

  it('given tinyproxy and NO_PROXY for the API, when a call is made, then it goes directly', { skip }, async (t) => {
    const outcome = await callThrough(t, { noProxy: '.example' })
    assert.deepEqual(outcome, { answer: { ok: true }, from: ['127.0.0.1'] })
  })
})

/** @param {any} data */
function callThroughTinyproxy({ pair, ca, settings = [], credentials = '', noProxy, isDown = false }) {
  const { spawn } = require('node:child_process')
  const { mkdtempSync, rmSync, writeFileSync } = require('node:fs')
  const net = require('node:net')
  const { tmpdir } = require('node:os')
  const { join } = require('node:path')
  const { makeClient, startPeer } = require('../support/peer.js')
  const { startRelay } = require('../support/relay.js')
  return require('../support/scope.js').inScope(async (t) => {
    const [api, realm] = [await startPeer(t, { tls: pair }), await startPeer(t)]
    // A port that is nobody's: it was one.
    const gone = await startRelay(t, api.port)
    gone.close()
    const directory = mkdtempSync(join(tmpdir(), 'layer1-tinyproxy-'))
    t.after(() => rmSync(directory, { recursive: true, force: true }))
    const config = join(directory, 'tinyproxy.conf')
    // This network is ours: every port is free.
    const lines = ['Port 8888', 'Listen 127.0.0.1', 'Bind 127.0.0.5', 'Timeout 60', 'MaxClients 20', ...settings]
    writeFileSync(config, `${lines.join('\n')}\n`)
    const tinyproxy = spawn('tinyproxy', ['-d', '-c', config], { stdio: 'ignore' })
    t.after(() => tinyproxy.kill('SIGKILL'))
    const isUp = () =>
      new Promise((resolve) => {
        const probe = net.connect(8888, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
        probe.once('connect', () => probe.destroy())
      })
    while (!(await isUp())) await new Promise((resolve) => setTimeout(resolve, 20))
    process.env.HTTPS_PROXY = `http://${credentials ? `${credentials}@` : ''}127.0.0.1:8888`
    if (noProxy) process.env.NO_PROXY = noProxy
    const baseUrl = `https://api.example:${isDown ? gone.port : api.port}`
    const client = makeClient(t, { ...realm.options, baseUrl, ca, maxRetries: 1 })
    /** @type {{ answer?: unknown, code?: string }} */
    const outcome = await client.get('/a').then(
      (answer) => ({ answer }),
      ({ code }) => ({ code }),
    )
    return { ...outcome, from: api.calls.map(({ from }) => from) }
  })
}
