'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { failure } = require('./support/failures.js')
const { answerOk, makeClient, startPeer } = require('./support/peer.js')

/** @typedef {import('./support/peer.js').Answerer} Answerer */

/**
 * Redirects so many times, and then answers.
 *
 * @param {number} times
 * @param {number} status
 * @param {(count: number) => string} location
 * @returns {Answerer}
 */
function redirecting(times, status, location) {
  return (request, response, count) => {
    if (count <= times) response.writeHead(status, { location: location(count) }).end()
    else answerOk(request, response, count)
  }
}

describe('a redirect on the same origin', { timeout: 60_000 }, () => {
  for (const status of [301, 302, 303, 307, 308]) {
    it(`given a ${status}, when a resource is got, then it is followed with the token`, async (t) => {
      const peer = await startPeer(t, { api: redirecting(1, status, () => '/there?x=1') })
      assert.deepEqual(await makeClient(t, peer.options).get('/a'), { ok: true })
      assert.deepEqual(
        peer.calls.map(({ method, url, headers }) => [method, url, headers.authorization]),
        [
          ['GET', '/a', 'Bearer token-1'],
          ['GET', '/there?x=1', 'Bearer token-1'],
        ],
      )
    })
  }

  it('given an absolute location, when it names the very origin, then it is followed', async (t) => {
    const peer = await startPeer(t, { api: (...args) => redirecting(1, 302, () => `${peer.origin}/there`)(...args) })
    assert.deepEqual(await makeClient(t, peer.options).get('/a'), { ok: true })
  })

  it('given a relative location, when it is followed, then it counts from the redirecting path', async (t) => {
    const peer = await startPeer(t, { api: redirecting(1, 302, () => 'there') })
    await makeClient(t, peer.options).get('/a/b/c')
    assert.equal(peer.calls[1]?.url, '/a/b/there')
  })

  it('given five in a row, when a resource is got, then all are followed', async (t) => {
    const peer = await startPeer(t, { api: redirecting(5, 302, (count) => `/${count}`) })
    assert.deepEqual(await makeClient(t, peer.options).get('/0'), { ok: true })
    assert.equal(peer.calls.length, 6)
  })

  it('given headers of the caller, when a redirect is followed, then they go along', async (t) => {
    const peer = await startPeer(t, { api: redirecting(1, 307, () => '/there') })
    await makeClient(t, peer.options).get('/a', { headers: { 'x-trace': '1' } })
    assert.equal(peer.calls[1]?.headers['x-trace'], '1')
  })

  it('given a redirect, when its target fails, then it was one attempt', async (t) => {
    const peer = await startPeer(t, {
      api: (request, response, count) => {
        if (count === 1) redirecting(1, 302, () => '/there')(request, response, count)
        else response.writeHead(404).end()
      },
    })
    const error = await failure(makeClient(t, peer.options).get('/a'), 'ERR_LAYER1_API')
    assert.equal(error.attempts, 1)
  })
})

describe('a redirect that is not followed', { timeout: 60_000 }, () => {
  for (const status of [302, 307]) {
    it(`given six ${status}s in a row, when a resource is got, then the sixth is the error`, async (t) => {
      const peer = await startPeer(t, { api: redirecting(Number.POSITIVE_INFINITY, status, (count) => `/${count}`) })
      const error = await failure(makeClient(t, peer.options).get('/0'), 'ERR_LAYER1_REDIRECT')
      assert.equal(error.status, status)
      assert.equal(peer.calls.length, 6)
    })
  }

  it('given a loop, when a resource is got, then it ends', async (t) => {
    const peer = await startPeer(t, { api: redirecting(Number.POSITIVE_INFINITY, 302, () => '/a') })
    await failure(makeClient(t, peer.options).get('/a'), 'ERR_LAYER1_REDIRECT')
  })

  it('given another port, when a resource is got, then it is refused and never contacted', async (t) => {
    const other = await startPeer(t)
    const peer = await startPeer(t, { api: redirecting(1, 302, () => `${other.origin}/a`) })
    const error = await failure(makeClient(t, peer.options).get('/a'), 'ERR_LAYER1_REDIRECT')
    assert.deepEqual([error.name, error.status, error.endpoint], ['Layer1ResponseError', 302, 'api'])
    assert.equal(other.connections(), 0)
  })

  for (const location of [
    'https://evil.example/a',
    '//evil.example/a',
    '\\\\evil.example/a',
    'http://127.0.0.1@evil.example/',
    'http://localhost:{port}/a',
    'https://127.0.0.1:{port}/a',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'http://',
    'http://[',
  ]) {
    it(`given the location ${location}, when a resource is got, then it is refused`, async (t) => {
      const peer = await startPeer(t, {
        api: (...args) => redirecting(1, 302, () => location.replace('{port}', String(peer.port)))(...args),
      })
      await failure(makeClient(t, peer.options).get('/a'), 'ERR_LAYER1_REDIRECT')
      assert.equal(peer.calls.length, 1)
    })
  }

  for (const status of [300, 304, 305, 306, 399]) {
    it(`given a ${status}, when a resource is got, then it is the error`, async (t) => {
      const peer = await startPeer(t, { api: redirecting(1, status, () => '/there') })
      const error = await failure(makeClient(t, peer.options).get('/a'), 'ERR_LAYER1_REDIRECT')
      assert.deepEqual([error.status, peer.calls.length], [status, 1])
    })
  }

  it('given no location, when a resource is got, then it is the error', async (t) => {
    const peer = await startPeer(t, { api: (_request, response) => response.writeHead(302).end() })
    await failure(makeClient(t, peer.options).get('/a'), 'ERR_LAYER1_REDIRECT')
  })

  it('given a refused redirect, when the next call is made, then the client still works', async (t) => {
    const peer = await startPeer(t, { api: redirecting(1, 302, () => '//evil.example/a') })
    const client = makeClient(t, { ...peer.options, maxConnections: 1 })
    await failure(client.get('/a'), 'ERR_LAYER1_REDIRECT')
    assert.deepEqual(await client.get('/a'), { ok: true })
  })
})
