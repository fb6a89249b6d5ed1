'use strict'
// Kept connections that the server closes just when they are used again.

require('../support/clean-env.js')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const net = require('node:net')
const { after, before, describe, it } = require('node:test')
const { setTimeout: sleep } = require('node:timers/promises')
const tls = require('node:tls')
const { Authority, skip: noCertificates } = require('../support/certificates.js')
const { failure } = require('../support/failures.js')
const { answerOk, makeClient, startPeer } = require('../support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('node:net').Socket} Socket */

/** How long the server keeps an idle connection, in ms. */
const LIMIT = 30
/** The waits of the calls go from this much before the limit to as much after it, in ms. */
const AROUND = 10
const LANES = 50
const CALLS_PER_LANE = 20
const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]'

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

/** How a server ends a connection: what speaks HTTP, and the socket below it. */
const endings = {
  'a FIN': (/** @type {Socket} */ socket) => void socket.end(),
  'an RST': (/** @type {unknown} */ _, /** @type {Socket} */ below) => void below.resetAndDestroy(),
}

/**
 * Starts an API that answers every request, and ends connections that are idle, or, of the used ones, every tenth at the
 * moment when a request comes.
 *
 * @param {TestContext} t
 * @param {boolean} isTls
 * @param {(socket: Socket, below: Socket) => void} end
 */
async function startImpatient(t, isTls, end) {
  const counts = { connections: 0, answers: 0, closedIdle: 0, closedOnRequest: 0 }
  /** @type {Set<Socket>} */
  const sockets = new Set()
  /** @param {Socket} below */
  const serve = (below) => {
    const socket = isTls ? new tls.TLSSocket(below, { isServer: true, ...pair }) : below
    counts.connections += 1
    // An answer that waits for an ACK would be taken back by an RST.
    below.setNoDelay(true)
    let answered = 0
    sockets.add(below.on('error', () => {}))
    socket.on('error', () => {})
    /** @type {NodeJS.Timeout | undefined} */
    let idle
    socket.on('data', () => {
      // What comes after a farewell has come too late.
      if (!socket.writable) return
      clearTimeout(idle)
      if (answered > 0 && ++reused % 10 === 0) {
        counts.closedOnRequest += 1
        end(socket, below)
        return
      }
      answered += 1
      counts.answers += 1
      // Once the answer is on its way: an RST takes back what is not.
      socket.write(ANSWER, () => {
        idle = setTimeout(() => {
          counts.closedIdle += 1
          end(socket, below)
        }, LIMIT)
      })
    })
    socket.once('close', () => clearTimeout(idle))
  }
  let reused = 0
  const server = net.createServer(serve)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { counts, port: /** @type {net.AddressInfo} */ (server.address()).port }
}

/**
 * Makes 1,000 calls around the server's limit, and checks that all were answered, and that the server closed connections
 * while they were idle, and when they were used.
 *
 * @param {TestContext} t
 * @param {string} scheme
 * @param {keyof typeof endings} ending
 * @param {boolean} shares whether all lanes use the connections of one client
 */
async function callAroundLimit(t, scheme, ending, shares) {
  const { options } = await startPeer(t)
  const { counts, port } = await startImpatient(t, scheme === 'https', endings[ending])
  const own = { ...options, baseUrl: `${scheme}://127.0.0.1:${port}`, maxRetries: 0 }
  const lane = async (/** @type {number} */ number) => {
    // Clients with other caps have other connections: there each has one.
    const maxConnections = shares ? LANES : number + 1
    const client = makeClient(t, { ...own, maxConnections, ...(scheme === 'https' && { ca: authority.cert }) })
    for (let index = 0; index < CALLS_PER_LANE; index++) {
      assert.deepEqual(await client.get('/a'), [])
      // Some at once, for a machine so busy that all others come too late.
      if (index % 4 > 0) await sleep(LIMIT - AROUND + ((index * LANES + number) % (2 * AROUND + 1)))
    }
  }
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)))
  t.diagnostic(`Idle connections, ${scheme}, ${ending}: ${JSON.stringify(counts)}`)
  assert.equal(counts.answers, LANES * CALLS_PER_LANE)
  assert.ok(counts.closedIdle > 0, 'no connection was closed while it was idle')
  assert.ok(counts.closedOnRequest > 0, 'no connection was closed when it was used')
}

describe('connections that the server closes while they are idle', { timeout: 60_000 }, () => {
  for (const scheme of ['http', 'https']) {
    const skip = scheme === 'https' && noCertificates
    for (const ending of /** @type {const} */ (['a FIN', 'an RST'])) {
      it(`given a server that closes idle ${scheme} connections with ${ending}, when 1,000 calls come around its limit, then none fails`, {
        skip,
      }, async (t) => {
        await callAroundLimit(t, scheme, ending, false)
      })
    }

    // One of them begins to make a connection, and goes out on another that is just given back, and dying.
    it(`given such a server and one client with many ${scheme} connections, when 1,000 calls come around its limit, then none fails`, {
      skip,
    }, async (t) => {
      await callAroundLimit(t, scheme, 'an RST', true)
    })
  }

  it('given a kept connection that breaks within an answer, when no retries are allowed, then the call fails: the connection was alive', async (t) => {
    const peer = await startPeer(t, {
      api: (request, response, count) => {
        if (count !== 2) return answerOk(request, response, count)
        response.writeHead(200, { 'content-length': '100' })
        response.write('[1,', () => setTimeout(() => request.socket.resetAndDestroy(), 100))
      },
    })
    const client = makeClient(t, { ...peer.options, maxRetries: 0 })
    await client.get('/a')
    const error = await failure(client.get('/b'), 'ERR_LAYER1_CONNECTION_LOST')
    assert.deepEqual([error.attempts, peer.calls.length], [1, 2])
    assert.deepEqual(await client.get('/c'), { ok: true })
  })
})
