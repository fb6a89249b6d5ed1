'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { Layer1ConnectionError } = require('layer1')
const { failure } = require('./support/failures.js')
const { answerOk, deadEnd, makeClient, startPeer, startTcp, startWire } = require('./support/peer.js')

/**
 * Makes a client that gets its tokens from a good server and has its API elsewhere.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} baseUrl
 * @param {import('layer1').Layer1Options} [options]
 */
async function clientOf(t, baseUrl, options = {}) {
  const { options: good } = await startPeer(t)
  return makeClient(t, { ...good, baseUrl, maxRetries: 0, ...options })
}

describe('a host that cannot be reached', { timeout: 60_000 }, () => {
  it('given an API that is down, when a call is made, then the error names host and port', async (t) => {
    const { host, port } = await deadEnd(t)
    const client = await clientOf(t, `http://${host}:${port}`)
    const error = await failure(client.get('/a?b=c'), 'ERR_LAYER1_CONNECT')
    assert.ok(error instanceof Layer1ConnectionError)
    assert.deepEqual([error.host, error.port], [host, port])
    assert.deepEqual([error.endpoint, error.method, error.path], ['api', 'GET', '/a'])
    assert.deepEqual([error.attempts, error.retryable], [1, true])
    assert.ok(error.message.includes(`${host}:${port}`), error.message)
    assert.match(error.message, /baseUrl \(LAYER1_BASE_URL\)/)
  })

  it('given a token endpoint that is down, when a call is made, then it keeps its class, and says which endpoint', async (t) => {
    const { host, port } = await deadEnd(t)
    const peer = await startPeer(t)
    const client = makeClient(t, { ...peer.options, tokenUrl: `http://${host}:${port}/token` })
    const error = await failure(client.get('/a'), 'ERR_LAYER1_CONNECT')
    assert.deepEqual([error.name, error.endpoint, error.retryable], ['Layer1ConnectionError', 'token', true])
    assert.deepEqual([error.host, error.port], [host, port])
    assert.match(error.message, /tokenUrl \(LAYER1_TOKEN_URL\)/)
    assert.equal(peer.connections(), 0)
  })

  it('given a token endpoint that was down, when it is up again, then the next call works', async (t) => {
    let isDown = true
    const peer = await startPeer(t)
    const port = await startTcp(t, (socket) => {
      if (isDown) return void socket.destroy()
      socket.once('data', () => {
        const body = '{"access_token":"late","token_type":"Bearer"}'
        socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
      })
    })
    const client = makeClient(t, { ...peer.options, tokenUrl: `http://127.0.0.1:${port}/token`, maxRetries: 0 })
    await failure(client.get('/a'), 'ERR_LAYER1_CONNECTION_LOST')
    isDown = false
    assert.deepEqual(await client.get('/a'), { ok: true })
  })

  it('given a name that cannot exist, when a call is made, then the error is about the name', async (t) => {
    // RFC 6761 §6.4 keeps this domain from ever being resolved; a machine without network says the same.
    const host = 'layer1-test.invalid'
    const client = await clientOf(t, `https://${host}`, { connectTimeout: 60_000, timeout: 60_000 })
    const error = await failure(client.get('/a'), 'ERR_LAYER1_DNS')
    assert.deepEqual([error.name, error.host, error.port], ['Layer1ConnectionError', host, 443])
  })

  it('given a host name beyond ASCII, when it is called, then it is looked up as DNS has it', async (t) => {
    const { options } = await startPeer(t)
    const client = makeClient(t, { ...options, baseUrl: 'https://bücher.invalid/préfixe', maxRetries: 0 })
    const error = await failure(client.get('/a'), 'ERR_LAYER1_DNS')
    assert.equal(error.host, 'xn--bcher-kva.invalid')
  })
})

describe('a connection that breaks', { timeout: 60_000 }, () => {
  const head = 'HTTP/1.1 200 OK\r\n'
  for (const [name, bytes] of Object.entries({
    'no answer at all': '',
    'half of a status line': 'HTTP/1.1 2',
    'half of the headers': `${head}content-type: appl`,
    'another protocol': '220 mail.example ESMTP\r\n',
    'another version': 'HTTP/9.9 200 OK\r\n\r\n',
    'a header without colon': `${head}nonsense\r\n\r\n`,
    'two lengths that differ': `${head}content-length: 1\r\ncontent-length: 2\r\n\r\n12`,
    'a length that is no number': `${head}content-length: many\r\n\r\n12`,
    'less than its length': `${head}content-length: 100\r\n\r\n{"a":`,
    'a chunk that breaks off': `${head}transfer-encoding: chunked\r\n\r\n40\r\n{"a":`,
    'no last chunk': `${head}transfer-encoding: chunked\r\n\r\n2\r\n[]\r\n`,
    'a chunk size that is no number': `${head}transfer-encoding: chunked\r\n\r\nxyz\r\n[]\r\n0\r\n\r\n`,
    'compressed data that breaks off': Buffer.concat([
      Buffer.from(`${head}content-encoding: gzip\r\ncontent-length: 100\r\n\r\n`),
      Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]),
    ]),
  })) {
    it(`given ${name}, when the connection ends, then it was lost, and it is no malformed body`, async (t) => {
      const port = await startWire(t, bytes)
      const client = await clientOf(t, `http://127.0.0.1:${port}`)
      const error = await failure(client.get('/a'), 'ERR_LAYER1_CONNECTION_LOST')
      assert.ok(error instanceof Layer1ConnectionError)
      assert.deepEqual([error.host, error.port, error.endpoint], ['127.0.0.1', port, 'api'])
      assert.equal(error.retryable, true)
    })
  }

  it('given a reset, when a call is made, then the connection was lost', async (t) => {
    const port = await startTcp(t, (socket) => {
      socket.once('data', () => socket.resetAndDestroy())
    })
    const client = await clientOf(t, `http://127.0.0.1:${port}`)
    await failure(client.get('/a'), 'ERR_LAYER1_CONNECTION_LOST')
  })

  it('given headers without end, when they come, then the call fails and does not fill the memory', async (t) => {
    const port = await startTcp(t, (socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n')
        const more = () => {
          if (!socket.destroyed) socket.write(`x: ${'y'.repeat(16_384)}\r\n`, () => setImmediate(more))
        }
        more()
      })
    })
    const client = await clientOf(t, `http://127.0.0.1:${port}`)
    await failure(client.get('/a'), 'ERR_LAYER1_CONNECTION_LOST')
  })

  it('given a lost connection, when the next call is made, then it gets a new one', async (t) => {
    let isBad = true
    const peer = await startPeer(t, {
      api: (request, response, count) => {
        if (isBad) request.socket.destroy()
        else answerOk(request, response, count)
      },
    })
    const client = makeClient(t, { ...peer.options, maxRetries: 0, maxConnections: 1 })
    await failure(client.get('/a'), 'ERR_LAYER1_CONNECTION_LOST')
    isBad = false
    assert.deepEqual(await client.get('/a'), { ok: true })
  })

  it('given an answer without length, when the connection ends, then the answer is whole', async (t) => {
    const port = await startWire(t, 'HTTP/1.1 200 OK\r\n\r\n[1,2]')
    assert.deepEqual(await (await clientOf(t, `http://127.0.0.1:${port}`)).get('/a'), [1, 2])
  })

  it('given an interim answer, when the final one follows, then that one counts', async (t) => {
    const wire = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n[1]'
    const port = await startWire(t, wire)
    assert.deepEqual(await (await clientOf(t, `http://127.0.0.1:${port}`)).get('/a'), [1])
  })

  it('given an answer of HTTP/1.0, when it comes, then it is taken', async (t) => {
    const port = await startWire(t, 'HTTP/1.0 200 OK\r\n\r\n[1]')
    assert.deepEqual(await (await clientOf(t, `http://127.0.0.1:${port}`)).get('/a'), [1])
  })
})
