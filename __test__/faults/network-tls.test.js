'use strict'
// Servers that nobody should trust, and handshakes that do not come to their end.

require('../support/clean-env.js')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const { after, before, describe, it } = require('node:test')
const tls = require('node:tls')
const { Authority, skip } = require('../support/certificates.js')
const { aloneAndAmongOthers, eventually, failsWell } = require('../support/network-checks.js')
const { makeClient, startPeer, startTcp } = require('../support/peer.js')
const { startRelay } = require('../support/relay.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('../support/certificates.js').KeyPair} KeyPair */
/** @typedef {import('node:https').ServerOptions} ServerOptions */

const suite = { timeout: 60_000, skip }
const HOST = '127.0.0.1'

/** @type {InstanceType<typeof Authority>} */
let authority
/** @type {Record<'good' | 'elsewhere' | 'expired' | 'early' | 'strange' | 'selfSigned', KeyPair>} */
let pairs

before(() => {
  if (skip) return
  authority = new Authority('layer1 test authority')
  pairs = {
    good: authority.sign([`IP:${HOST}`]),
    elsewhere: authority.sign(['DNS:elsewhere.example', 'IP:127.0.0.9']),
    expired: authority.sign([`IP:${HOST}`], { hasExpired: true }),
    early: authority.sign([`IP:${HOST}`], { isEarly: true }),
    strange: new Authority('another authority').sign([`IP:${HOST}`]),
    selfSigned: authority.selfSigned([`IP:${HOST}`]),
  }
})

after(() => Authority.remove())

/**
 * Makes a client whose API or token endpoint is at a port where TLS is due, and good otherwise.
 *
 * @param {TestContext} t
 * @param {'api' | 'token'} endpoint
 * @param {number} port
 * @param {import('layer1').Layer1Options} [options]
 */
async function clientOf(t, endpoint, port, options) {
  const good = await startPeer(t)
  const url = `https://${HOST}:${port}`
  const place = endpoint === 'api' ? { baseUrl: url } : { tokenUrl: `${url}${new URL(good.options.tokenUrl).pathname}` }
  return makeClient(t, { ...good.options, ...place, ca: authority.cert, maxRetries: 2, ...options })
}

/**
 * Calls, alone and among others, and gives the errors; the connections that were made are all gone after it.
 *
 * @param {TestContext} t
 * @param {import('layer1').Layer1} client
 * @param {import('layer1').Layer1ErrorCode} code
 * @param {() => number} open
 */
async function fails(t, client, code, open) {
  const others = makeClient(t, (await startPeer(t)).options)
  const errors = await aloneAndAmongOthers(
    () => failsWell(client, () => client.get('/a'), code, { within: 10_000 }),
    () => others.get('/a'),
  )
  await eventually(() => open() === 0, 'no connection is open')
  return errors
}

for (const endpoint of /** @type {const} */ (['api', 'token'])) {
  describe(`the ${endpoint} endpoint, not to be trusted`, suite, () => {
    /** @type {Record<string, () => ServerOptions>} */
    const kinds = {
      'a certificate that has expired': () => pairs.expired,
      'a certificate that is not valid yet': () => pairs.early,
      'a certificate of another name': () => pairs.elsewhere,
      'a certificate that is self-signed': () => pairs.selfSigned,
      'a certificate of an unknown authority': () => pairs.strange,
      'TLS 1.0 and 1.1 only': () => ({
        ...pairs.good,
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.1',
        ciphers: 'ALL:@SECLEVEL=0',
      }),
      'a wish for a client certificate': () => ({ ...pairs.good, requestCert: true, rejectUnauthorized: true }),
    }
    for (const [name, make] of Object.entries(kinds)) {
      it(`given ${name} at the ${endpoint} endpoint, when calls are made, then each is a TLS error, tried once, and nothing was said`, async (t) => {
        const peer = await startPeer(t, { tls: make() })
        const client = await clientOf(t, endpoint, peer.port)
        for (const error of await fails(t, client, 'ERR_LAYER1_TLS', () => peer.open())) {
          assert.deepEqual([error.endpoint, error.host, error.port], [endpoint, HOST, peer.port])
          assert.equal(error.retryable, false)
        }
        assert.equal(peer.connections(), 2)
        assert.deepEqual([peer.calls, peer.tokenRequests], [[], []])
      })
    }

    it(`given plain HTTP on the port of the ${endpoint} endpoint, when calls are made, then each is a TLS error, tried once, and nothing was said`, async (t) => {
      const peer = await startPeer(t)
      const client = await clientOf(t, endpoint, peer.port)
      await fails(t, client, 'ERR_LAYER1_TLS', () => peer.open())
      assert.equal(peer.connections(), 2)
      assert.deepEqual([peer.calls, peer.tokenRequests], [[], []])
    })

    // Past the first two, a server's first flight is under way: its hello, its certificate.
    for (const bytes of endpoint === 'api' ? [0, 3, 60, 300] : [60]) {
      it(`given a handshake of the ${endpoint} endpoint that stalls after ${bytes} bytes, when connectTimeout is over, then it is a time-out of the phase connect`, async (t) => {
        const peer = await startPeer(t, { tls: pairs.good })
        const relay = await startRelay(t, peer.port, {
          meddle: (chunk, offset) => (offset < bytes ? chunk.subarray(0, bytes - offset) : undefined),
        })
        const client = await clientOf(t, endpoint, relay.port, { connectTimeout: 250, maxRetries: 0 })
        for (const error of await fails(t, client, 'ERR_LAYER1_TIMEOUT', relay.open)) {
          assert.deepEqual([error.phase, error.endpoint], ['connect', endpoint])
          assert.match(error.message, /connectTimeout/)
        }
      })
    }
  })
}

describe('a handshake that goes wrong', suite, () => {
  it('given a handshake that comes byte by byte for ever, when connectTimeout is over, then it is a time-out', async (t) => {
    const port = await startTcp(t, (socket) => {
      // A record of 16 KB is announced.
      socket.write(Buffer.from([0x16, 3, 3, 0x40, 0]))
      const drip = setInterval(() => socket.write(Buffer.from([2])), 10)
      socket.once('close', () => clearInterval(drip))
    })
    const client = await clientOf(t, 'api', port, { connectTimeout: 300, maxRetries: 0 })
    const error = await failsWell(client, () => client.get('/a'), 'ERR_LAYER1_TIMEOUT', { within: 300 })
    assert.equal(error.phase, 'connect')
  })

  it('given a handshake whose bytes are cut small, when a call is made, then it is answered', async (t) => {
    const peer = await startPeer(t, { tls: pairs.good })
    const relay = await startRelay(t, peer.port, {
      meddle: (bytes, _offset, client) => {
        client.setNoDelay(true)
        for (let at = 0; at < bytes.length; at += 7) client.write(bytes.subarray(at, at + 7))
        return undefined
      },
    })
    const client = await clientOf(t, 'api', relay.port)
    assert.deepEqual(await client.get('/a'), { ok: true })
  })

  for (const method of /** @type {const} */ (['get', 'post'])) {
    it(`given a connection that is reset in its handshake, when ${method}() is called, then it is tried again, for nothing was sent`, async (t) => {
      const peer = await startPeer(t, { tls: pairs.good })
      const relay = await startRelay(t, peer.port, {
        meddle: (bytes, _offset, client, count) => {
          if (count > 1) return bytes
          client.resetAndDestroy()
          return undefined
        },
      })
      const client = await clientOf(t, 'api', relay.port)
      assert.deepEqual(await (method === 'get' ? client.get('/a') : client.post('/a')), { ok: true })
      assert.deepEqual([relay.connections(), peer.calls.length], [2, 1])
    })
  }

  it('given a byte that is changed in the handshake, when a call is made, then it is a TLS error', async (t) => {
    const peer = await startPeer(t, { tls: pairs.good })
    const relay = await startRelay(t, peer.port, { meddle: flip(200) })
    const client = await clientOf(t, 'api', relay.port)
    await fails(t, client, 'ERR_LAYER1_TLS', relay.open)
    assert.equal(peer.calls.length, 0)
  })

  for (const version of /** @type {const} */ (['TLSv1.2', 'TLSv1.3'])) {
    it(`given ${version} and a byte that is changed in the answer, when a call is made, then there is no answer, and the connection is not used again`, async (t) => {
      let isBad = false
      const peer = await startPeer(t, { tls: { ...pairs.good, minVersion: version, maxVersion: version } })
      const relay = await startRelay(t, peer.port, { meddle: (bytes) => (isBad ? flip(20)(bytes, 0) : bytes) })
      const client = await clientOf(t, 'api', relay.port, { maxRetries: 0 })
      assert.deepEqual(await client.get('/good'), { ok: true })
      isBad = true
      await failsWell(client, () => client.post('/bad'), 'ERR_LAYER1_TLS', { within: 10_000 })
      isBad = false
      assert.deepEqual(await client.get('/good-again'), { ok: true })
      assert.equal(relay.connections(), 2)
    })

    it(`given ${version} and an answer without length, when the connection ends without TLS's farewell, then it was cut off and is no answer`, async (t) => {
      /** @type {Set<tls.TLSSocket>} */
      const held = new Set()
      let saysFarewell = true
      const server = tls.createServer({ ...pairs.good, minVersion: version, maxVersion: version }, (socket) => {
        held.add(socket.on('error', () => {}))
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n[1,2]')
          if (saysFarewell) socket.end()
          else cut()
        })
      })
      let cut = () => {}
      server.listen(0, HOST)
      await once(server, 'listening')
      t.after(() => {
        server.close()
        for (const socket of held) socket.destroy()
      })
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
      const relay = await startRelay(t, port, {
        meddle: (bytes, _offset, client) => {
          // What the server wrote before this passes; the end that follows is TCP's alone.
          cut = () => void setTimeout(() => client.end(), 50)
          return bytes
        },
      })
      const client = await clientOf(t, 'api', relay.port, { maxRetries: 0 })
      assert.deepEqual(await client.get('/whole'), [1, 2])
      saysFarewell = false
      await failsWell(client, () => client.get('/cut'), 'ERR_LAYER1_CONNECTION_LOST', { within: 10_000 })
    })
  }
})

/**
 * Changes one byte on its way.
 *
 * @param {number} place
 */
function flip(place) {
  return (/** @type {Buffer} */ bytes, /** @type {number} */ offset) => {
    const at = place - offset
    if (at < 0 || at >= bytes.length) return bytes
    const changed = Buffer.from(bytes)
    changed.writeUInt8(bytes.readUInt8(at) ^ 0x55, at)
    return changed
  }
}
