'use strict'
// Certificate authorities that a process is told of from outside, or is not.

require('../support/clean-env.js')
const assert = require('node:assert/strict')
const { after, before, describe, it } = require('node:test')
const { Authority, skip } = require('../support/certificates.js')
const { runChild } = require('../support/child.js')
const { launcher, skip: noNamespaces } = require('../support/namespace.js')
const { startPeer } = require('../support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */

/** @type {InstanceType<typeof Authority>} */
let authority
/** @type {import('../support/certificates.js').KeyPair} */
let pair

before(() => {
  if (skip) return
  authority = new Authority('layer1 test authority')
  pair = authority.sign(['IP:127.0.0.1'])
})

after(() => Authority.remove())

describe('certificates from outside', { timeout: 60_000, skip }, () => {
  /**
   * Calls a server of our authority from a process of its own, and gives what became of it.
   *
   * @param {TestContext} t
   * @param {{ env?: NodeJS.ProcessEnv, ca?: string, world?: string[] }} how
   */
  async function callFromProcess(t, { env, ca, world }) {
    const peer = await startPeer(t, { tls: pair })
    const { code, signal, stdout, stderr } = await runChild(
      t,
      ({ options, tls, isApart }) => {
        const { rejection } = require('../support/failures.js')
        const { startPeer } = require('../support/peer.js')
        return require('../support/scope.js').inScope(async (t) => {
          // In a network of its own, this process has to be its own server.
          const own = isApart ? (await startPeer(t, { tls })).options : options
          const client = new (require('layer1').Layer1)({ ...own, ca: options.ca, maxRetries: 0 })
          t.after(() => client.close())
          const calls = [client.get('/a'), client.get('/b')]
          const [outcome] = await Promise.allSettled(calls)
          if (outcome?.status === 'fulfilled') return outcome.value
          return (await rejection(client.get('/c'))).code
        })
      },
      { options: { ...peer.options, ca }, tls: pair, isApart: world !== undefined },
      env,
      world,
    )
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, stderr)
    const warnings = stderr.split('\n').filter((line) => /layer1.*NODE_EXTRA_CA_CERTS/.test(line))
    return { outcome: JSON.parse(stdout), warnings }
  }

  it('given a process with a good NODE_EXTRA_CA_CERTS, when it calls, then the server is trusted, and nobody warns', async (t) => {
    const env = { NODE_EXTRA_CA_CERTS: authority.file('extra.pem', authority.cert) }
    assert.deepEqual(await callFromProcess(t, { env }), { outcome: { ok: true }, warnings: [] })
  })

  /** @type {Record<string, () => string>} */
  const useless = {
    missing: () => '/nonexistent/extra.pem',
    broken: () => authority.file('broken.pem', '-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n'),
  }
  for (const [name, make] of Object.entries(useless)) {
    it(`given a process with a ${name} NODE_EXTRA_CA_CERTS, when it calls, then it works with what else it trusts, and is warned once, as Node does`, async (t) => {
      const env = { NODE_EXTRA_CA_CERTS: make() }
      const { outcome, warnings } = await callFromProcess(t, { env })
      assert.deepEqual([outcome, warnings.length], ['ERR_LAYER1_TLS', 1])
      const trusting = await callFromProcess(t, { env, ca: authority.cert })
      assert.deepEqual(trusting, { outcome: { ok: true }, warnings: [] })
    })
  }

  it('given an image without a CA bundle, when it calls, then it works, and still does not trust everybody', {
    skip: noNamespaces,
  }, async (t) => {
    const hidden = ['/etc/ssl', '/etc/pki', '/usr/share/ca-certificates', '/usr/local/share/ca-certificates']
    const world = launcher({ hidden })
    assert.deepEqual(await callFromProcess(t, { world, ca: authority.cert }), { outcome: { ok: true }, warnings: [] })
    assert.deepEqual(await callFromProcess(t, { world }), { outcome: 'ERR_LAYER1_TLS', warnings: [] })
  })
})
