'use strict'
// A kept connection that breaks under a request: when that is nobody's failure, and when it is.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { EventEmitter, once } = require('node:events')
const net = require('node:net')
const { describe, it, after } = require('node:test')
const { Authority, skip } = require('./support/certificates.js')
const { failure } = require('./support/failures.js')
const { answerOk, makeClient, startPeer, startTcp } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('./support/peer.js').ServerResponse} ServerResponse */

after(() => Authority.remove())

/**
 * Starts an API on TLS that is slow to shake hands the second time; its first call waits until the test answers it, and
 * its second one ends the connection.
 *
 * @param {TestContext} t
 */
async function startSlowHands(t) {
  const authority = new Authority('layer1 test')
  /** @type {ServerResponse[]} */
  const held = []
  const peer = await startPeer(t, {
    tls: authority.sign(['IP:127.0.0.1']),
    api: (request, response, count) => {
      if (count === 1) held.push(response)
      else if (count === 2) request.socket.destroy()
      else answerOk(request, response, count)
    },
  })
  const slow = new EventEmitter()
  let connections = 0
  const port = await startTcp(t, (socket) => {
    connections += 1
    if (connections === 2) return void slow.emit('handshake')
    const beyond = net.connect(peer.port, '127.0.0.1')
    beyond.on('error', () => {})
    beyond.once('close', () => socket.destroy())
    socket.once('close', () => beyond.destroy())
    socket.pipe(beyond).pipe(socket)
  })
  const { tokenUrl } = (await startPeer(t)).options
  const client = makeClient(t, {
    ...peer.options,
    tokenUrl,
    baseUrl: `https://127.0.0.1:${port}`,
    ca: authority.cert,
    maxRetries: 0,
  })
  return { peer, client, slow, held }
}

describe('a call that takes a connection which became free while its own was made', { timeout: 60_000, skip }, () => {
  it('given that it is dead, when a GET is made on it, then the free retry answers the call', async (t) => {
    const { peer, client, slow, held } = await startSlowHands(t)
    const first = client.get('/first')
    await peer.called(1)
    const isMade = once(slow, 'handshake')
    const second = client.get('/second')
    await isMade
    answerOk(/** @type {any} */ (undefined), /** @type {ServerResponse} */ (held[0]), 1)
    await first
    assert.deepEqual(await second, { ok: true })
    const [one, other, last] = peer.calls
    assert.equal(peer.calls.length, 3)
    assert.equal(other?.socket, one?.socket, 'it went on the connection of the first')
    assert.notEqual(last?.socket, one?.socket)
  })

  it('given that it is dead, when a POST is made on it, then it is lost, and seen once', async (t) => {
    const { peer, client, slow, held } = await startSlowHands(t)
    const first = client.get('/first')
    await peer.called(1)
    const isMade = once(slow, 'handshake')
    const second = failure(client.post('/second', { amount: '1' }), 'ERR_LAYER1_CONNECTION_LOST')
    await isMade
    answerOk(/** @type {any} */ (undefined), /** @type {ServerResponse} */ (held[0]), 1)
    await first
    await second
    assert.equal(peer.calls.length, 2)
  })
})

describe('a kept connection that breaks in an answer', { timeout: 60_000 }, () => {
  it('given maxRetries 0, when the body of a GET is cut off, then it is the error, with no free retry', async (t) => {
    const peer = await startPeer(t, {
      api: (request, response, count) => {
        if (count !== 2) return answerOk(request, response, count)
        response.writeHead(200, { 'content-length': 100 })
        response.write('{"half":', () => request.socket.destroy())
      },
    })
    const client = makeClient(t, { ...peer.options, maxRetries: 0 })
    await client.get('/a')
    const error = await failure(client.get('/b'), 'ERR_LAYER1_CONNECTION_LOST')
    assert.equal(error.attempts, 1)
    assert.equal(peer.calls.length, 2)
    assert.equal(peer.calls[1]?.socket, peer.calls[0]?.socket, 'it came on the kept connection')
  })
})
