'use strict'
// Names that do not resolve, addresses that are dead, addresses that change.

require('../support/clean-env.js')
const assert = require('node:assert/strict')
const { after, before, describe, it } = require('node:test')
const { blackHole } = require('../support/black-hole.js')
const { Authority, skip: noCertificates } = require('../support/certificates.js')
const { runChild } = require('../support/child.js')
const { launcher, skip: noNamespaces } = require('../support/namespace.js')
const { aloneAndAmongOthers, failsWell } = require('../support/network-checks.js')
const { makeClient, startPeer } = require('../support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('../support/certificates.js').KeyPair} KeyPair */
/** @typedef {import('../support/dns-server.js').Answer} Answer */

const skip = noCertificates || noNamespaces

/** @type {{ pair: KeyPair, ca: string }} */
let tls

before(() => {
  if (skip) return
  const authority = new Authority('layer1 test authority')
  tls = { pair: authority.sign(['DNS:api.example']), ca: authority.cert }
})

after(() => Authority.remove())

/** Asks the name server on loopback, once, for one second. */
const resolver = 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n'

/**
 * Runs a function in a world with a name server of its own, and gives what it told.
 *
 * @param {TestContext} t
 * @param {(data: any) => unknown} main
 * @param {object} [data]
 * @returns {Promise<any>}
 */
async function inWorld(t, main, data = {}) {
  const world = launcher({ resolver, hosts: '127.0.0.1 localhost\n' })
  const { code, signal, stdout, stderr } = await runChild(t, main, { ...tls, ...data }, {}, world)
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
  return JSON.parse(stdout)
}

describe('an address that does not answer', { timeout: 60_000 }, () => {
  const linux = process.platform === 'linux' ? false : 'only Linux drops a SYN to a full queue: the test was NOT run'

  for (const endpoint of /** @type {const} */ (['api', 'token'])) {
    it(`given SYNs to the ${endpoint} that are black-holed, when connectTimeout is over, then it is a time-out of the phase connect, and it is tried again`, {
      skip: linux,
    }, async (t) => {
      const [{ host, port }, good] = [await blackHole(t), await startPeer(t)]
      const url = `http://${host}:${port}`
      const place = endpoint === 'api' ? { baseUrl: url } : { tokenUrl: `${url}/token` }
      const bad = makeClient(t, { ...good.options, ...place, connectTimeout: 150, maxRetries: 1 })
      const others = makeClient(t, good.options)
      const errors = await aloneAndAmongOthers(
        () => failsWell(bad, () => bad.get('/a'), 'ERR_LAYER1_TIMEOUT', { within: 5000 }),
        () => others.get('/a'),
      )
      for (const error of errors) {
        assert.deepEqual([error.phase, error.endpoint, error.host, error.port], ['connect', endpoint, host, port])
        assert.ok(error.attempts > 1 && error.retryable, `${error.attempts} attempts`)
      }
    })
  }

  it('given a black-holed address, when the deadline is shorter than connectTimeout, then the deadline wins', {
    skip: linux,
  }, async (t) => {
    const [{ host, port }, good] = [await blackHole(t), await startPeer(t)]
    const client = makeClient(t, { ...good.options, baseUrl: `http://${host}:${port}`, connectTimeout: 60_000 })
    const error = await failsWell(client, () => client.get('/a', { timeout: 200 }), 'ERR_LAYER1_TIMEOUT', {
      within: 200,
    })
    assert.deepEqual([error.phase, error.attempts], ['connect', 1])
  })
})

describe('a name with several addresses', { timeout: 60_000, skip }, () => {
  for (const how of ['black-holed', 'refusing']) {
    it(`given the first of two addresses ${how}, when a call is made, then the second answers about 300 ms later`, async (t) => {
      const { answer, took } = await inWorld(
        t,
        ({ pair, ca, how }) => {
          const { blackHole } = require('../support/black-hole.js')
          const { startDns } = require('../support/dns-server.js')
          const { makeClient, startPeer } = require('../support/peer.js')
          const { startRelay } = require('../support/relay.js')
          return require('../support/scope.js').inScope(async (t) => {
            const [api, realm] = [await startPeer(t, { tls: pair }), await startPeer(t)]
            // The system puts 127.0.0.1 first, because connections to 127/8 come from there (RFC 6724 §5, rule 9).
            const dns = await startDns({ 'api.example': ['127.0.0.2', '127.0.0.3'] })
            t.after(dns.close)
            const { port } = await startRelay(t, api.port, { host: '127.0.0.3' })
            if (how === 'black-holed') await blackHole(t, { host: '127.0.0.2', port })
            const baseUrl = `https://api.example:${port}`
            const options = { ...realm.options, baseUrl, ca, connectTimeout: 25_000, timeout: 25_000, maxRetries: 0 }
            const client = makeClient(t, options)
            await client.getToken()
            const began = performance.now()
            const answer = await client.get('/a')
            return { answer, took: performance.now() - began }
          })
        },
        { how },
      )
      assert.deepEqual(answer, { ok: true })
      // One after the other, the second would have its turn after half of connectTimeout: 12.5 s.
      assert.ok(took < 6000, `${took} ms`)
      if (how === 'black-holed') assert.ok(took > 250, `the first was not tried: ${took} ms`)
      t.diagnostic(`First of two addresses ${how}: the second answered after ${took.toFixed(0)} ms`)
    })
  }

  it('given both addresses black-holed, when connectTimeout is over, then it is a time-out of the phase connect', async (t) => {
    const error = await inWorld(t, ({ ca }) => {
      const { blackHole } = require('../support/black-hole.js')
      const { startDns } = require('../support/dns-server.js')
      const { rejection } = require('../support/failures.js')
      const { makeClient, startPeer } = require('../support/peer.js')
      return require('../support/scope.js').inScope(async (t) => {
        const realm = await startPeer(t)
        const dns = await startDns({ 'api.example': ['127.0.0.2', '127.0.0.3'] })
        t.after(dns.close)
        const { port } = await blackHole(t, { host: '127.0.0.2' })
        await blackHole(t, { host: '127.0.0.3', port })
        const baseUrl = `https://api.example:${port}`
        const client = makeClient(t, { ...realm.options, baseUrl, ca, connectTimeout: 700, maxRetries: 0 })
        const { code, phase, host, attempts } = await rejection(client.get('/a'))
        return { code, phase, host, attempts }
      })
    })
    assert.deepEqual(error, { code: 'ERR_LAYER1_TIMEOUT', phase: 'connect', host: 'api.example', attempts: 1 })
  })

  it('given an address that changes after a failover, when the old one is gone, then the next connection goes to the new one', async (t) => {
    const { answers, calls } = await inWorld(t, ({ pair, ca }) => {
      const { startDns } = require('../support/dns-server.js')
      const { makeClient, startPeer } = require('../support/peer.js')
      const { startRelay } = require('../support/relay.js')
      return require('../support/scope.js').inScope(async (t) => {
        const [old, next] = [await startPeer(t, { tls: pair }), await startPeer(t, { tls: pair })]
        const realm = await startPeer(t)
        /** @type {Record<string, Answer>} */
        const records = { 'api.example': ['127.0.0.2'] }
        const dns = await startDns(records)
        t.after(dns.close)
        const way = await startRelay(t, old.port, { host: '127.0.0.2', port: 7443 })
        await startRelay(t, next.port, { host: '127.0.0.3', port: 7443 })
        const client = makeClient(t, { ...realm.options, baseUrl: 'https://api.example:7443', ca, maxRetries: 0 })
        const answers = [await client.get('/before')]
        records['api.example'] = ['127.0.0.3']
        answers.push(await client.get('/on-the-kept-connection'))
        way.close()
        answers.push(await client.get('/after'))
        return { answers, calls: [old, next].map(({ calls }) => calls.map(({ url }) => url)) }
      })
    })
    assert.deepEqual(answers, Array(3).fill({ ok: true }))
    assert.deepEqual(calls, [['/before', '/on-the-kept-connection'], ['/after']])
  })
})

describe('a name that does not resolve', { timeout: 60_000, skip }, () => {
  /** @type {Record<string, { record: Answer, attempts: number, says: RegExp }>} */
  const kinds = {
    'does not exist': { record: 'missing', attempts: 1, says: /does not resolve/ },
    'has no address': { record: [], attempts: 1, says: /does not resolve/ },
    'is refused by a broken server': { record: 'broken', attempts: 2, says: /no name server answered/ },
    'has a server that is silent': { record: 'silent', attempts: 2, says: /no name server answered/ },
  }
  for (const [name, { record, attempts, says }] of Object.entries(kinds)) {
    // The resolver waits a second for a silent server, and a grant asks three times.
    for (const endpoint of record === 'silent' ? ['api'] : ['api', 'token']) {
      it(`given a name of the ${endpoint} that ${name}, when a call is made, then it is a DNS error, tried ${attempts === 1 ? 'once' : 'again'}`, async (t) => {
        const error = await inWorld(
          t,
          ({ ca, record, endpoint }) => {
            const { startDns } = require('../support/dns-server.js')
            const { failsWell } = require('../support/network-checks.js')
            const { makeClient, startPeer } = require('../support/peer.js')
            return require('../support/scope.js').inScope(async (t) => {
              const realm = await startPeer(t)
              const dns = await startDns({ 'api.example': record })
              t.after(dns.close)
              const place = { [endpoint === 'api' ? 'baseUrl' : 'tokenUrl']: 'https://api.example/x' }
              const client = makeClient(t, { ...realm.options, ...place, ca, maxRetries: 1, timeout: 20_000 })
              const error = await failsWell(client, () => client.get('/a'), 'ERR_LAYER1_DNS', { within: 20_000 })
              const { name, host, port, attempts, message } = error
              return { name, host, port, endpoint: error.endpoint, attempts, message }
            })
          },
          { record, endpoint },
        )
        assert.deepEqual(
          [error.name, error.host, error.port, error.endpoint],
          ['Layer1ConnectionError', 'api.example', 443, endpoint],
        )
        assert.match(error.message, says)
        assert.equal(error.attempts > 1, attempts > 1, `${error.attempts} attempts`)
      })
    }
  }

  it('given a name server that is slow, when connectTimeout is over first, then it is a time-out of the phase connect', async (t) => {
    const error = await inWorld(t, () => {
      const { startDns } = require('../support/dns-server.js')
      const { rejection } = require('../support/failures.js')
      const { makeClient, startPeer } = require('../support/peer.js')
      return require('../support/scope.js').inScope(async (t) => {
        const realm = await startPeer(t)
        const dns = await startDns({ 'api.example': 'silent' })
        t.after(dns.close)
        const baseUrl = 'https://api.example'
        const client = makeClient(t, { ...realm.options, baseUrl, connectTimeout: 100, maxRetries: 0 })
        const { code, phase, attempts } = await rejection(client.get('/a'))
        return { code, phase, attempts }
      })
    })
    assert.deepEqual(error, { code: 'ERR_LAYER1_TIMEOUT', phase: 'connect', attempts: 1 })
  })

  it('given a name server that comes back, when a call is tried again, then it succeeds', async (t) => {
    const { answer, attempts } = await inWorld(t, ({ pair, ca }) => {
      const { startDns } = require('../support/dns-server.js')
      const { makeClient, startPeer } = require('../support/peer.js')
      return require('../support/scope.js').inScope(async (t) => {
        const [api, realm] = [await startPeer(t, { tls: pair }), await startPeer(t)]
        /** @type {Record<string, Answer>} */
        const records = { 'api.example': 'broken' }
        const dns = await startDns(records)
        t.after(dns.close)
        const client = makeClient(t, {
          ...realm.options,
          baseUrl: `https://api.example:${api.port}`,
          ca,
          maxRetries: 9,
        })
        const call = client.request('GET', '/a')
        while (dns.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
        records['api.example'] = ['127.0.0.1']
        const { data, attempts } = await call
        return { answer: data, attempts }
      })
    })
    assert.deepEqual(answer, { ok: true })
    assert.ok(attempts > 1)
  })

  for (const end of ['process.exit()', 'nothing left to do after an abort']) {
    it(`given a look-up that hangs, when the process ends by ${end}, then it does not wait for it`, async (t) => {
      const { signal, took } = await inWorld(
        t,
        ({ end }) => {
          const { startDns } = require('../support/dns-server.js')
          const { runChild } = require('../support/child.js')
          const { startPeer } = require('../support/peer.js')
          return require('../support/scope.js').inScope(async (t) => {
            const realm = await startPeer(t)
            const dns = await startDns({ 'api.example': 'silent' })
            t.after(dns.close)
            const ended = runChild(
              t,
              async ({ options, end }) => {
                const client = new (require('layer1').Layer1)(options)
                const controller = new AbortController()
                const call = client.get('/a', { signal: controller.signal })
                await client.getToken()
                await new Promise((resolve) => setTimeout(resolve, 200))
                process.on('exit', () => console.log(performance.timeOrigin + performance.now()))
                if (end === 'process.exit()') process.exit(0)
                controller.abort('enough')
                await call.catch(() => {})
              },
              { options: { ...realm.options, baseUrl: 'https://api.example' }, end },
              // The resolver of this one waits for 20 s.
              { RES_OPTIONS: 'timeout:10 attempts:2' },
            )
            const { code, signal, stdout } = await ended
            return { signal: signal ?? code, took: performance.timeOrigin + performance.now() - Number(stdout) }
          })
        },
        { end },
      )
      assert.equal(signal, 0)
      assert.ok(took < 5000, `the process took ${took} ms to end`)
    })
  }
})
