'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { inspect } = require('node:util')
const { describe, it } = require('node:test')
const { failure } = require('./support/failures.js')
const { answerOk, makeClient, sendJson, startPeer } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('./support/peer.js').Answerer} Answerer */

const byNature = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']
const byNoMeans = ['POST', 'PATCH']

/** @type {Answerer} */
const lose = (request) => request.socket.destroy()

/** @param {number} status @returns {Answerer} */
const failing = (status) => (_request, response) => sendJson(response, status, {}, { 'retry-after': '0' })

/**
 * Starts an API that answers the first so many requests badly, and a client of it with a connection of its own.
 *
 * @param {TestContext} t
 * @param {Answerer} bad
 * @param {number} [times]
 * @param {import('layer1').Layer1Options} [options]
 */
async function startApi(t, bad, times = 1, options = {}) {
  const api = /** @type {Answerer} */ (
    (request, response, count) => {
      const isBad = request.url !== '/warm' && peer.calls.filter(({ url }) => url !== '/warm').length <= times
      ;(isBad ? bad : answerOk)(request, response, count)
    }
  )
  const [peer, realm] = [await startPeer(t, { api }), await startPeer(t)]
  const client = makeClient(t, { ...peer.options, tokenUrl: realm.options.tokenUrl, ...options })
  return { peer, client }
}

/** @param {string} method */
const bodyOf = (method) => (['GET', 'HEAD'].includes(method) ? {} : { body: { id: 7 } })

describe('a call that may be done twice', { timeout: 60_000 }, () => {
  for (const { method, idempotent } of [
    ...byNature.map((method) => ({ method, idempotent: undefined })),
    ...byNature.map((method) => ({ method, idempotent: null })),
    ...byNoMeans.map((method) => ({ method, idempotent: true })),
  ]) {
    const what = `${method} with idempotent: ${idempotent}`
    for (const status of [408, 429, 500, 502, 503, 504]) {
      it(`given ${what}, when ${status} comes twice, then the third answer is the caller's`, async (t) => {
        const { peer, client } = await startApi(t, failing(status), 2)
        const { attempts } = await client.request(method, '/a', { idempotent, ...bodyOf(method) })
        assert.deepEqual([attempts, peer.calls.length], [3, 3])
        assert.equal(new Set(peer.calls.map(({ body }) => body)).size, 1)
      })
    }

    it(`given ${what}, when a new connection breaks, then it is tried again`, async (t) => {
      const { peer, client } = await startApi(t, lose)
      const { attempts } = await client.request(method, '/a', { idempotent, ...bodyOf(method) })
      assert.deepEqual([attempts, peer.calls.length], [2, 2])
    })

    it(`given ${what} and maxRetries 0, when a new connection breaks, then that is the error`, async (t) => {
      const { peer, client } = await startApi(t, lose, 1, { maxRetries: 0 })
      await failure(client.request(method, '/a', { idempotent, ...bodyOf(method) }), 'ERR_LAYER1_CONNECTION_LOST')
      assert.equal(peer.calls.length, 1)
    })

    it(`given ${what} and maxRetries 0, when a kept connection breaks, then one free retry answers it`, async (t) => {
      const { peer, client } = await startApi(t, lose, 1, { maxRetries: 0 })
      await client.get('/warm')
      const { attempts } = await client.request(method, '/a', { idempotent, ...bodyOf(method) })
      assert.deepEqual([attempts, peer.calls.length], [2, 3])
    })

    it(`given ${what} and maxRetries 0, when 503 comes, then that is the error`, async (t) => {
      const { peer, client } = await startApi(t, failing(503))
      const called = client.request(method, '/a', { idempotent, maxRetries: 0, ...bodyOf(method) })
      assert.equal((await failure(called, 'ERR_LAYER1_API')).attempts, 1)
      assert.equal(peer.calls.length, 1)
    })
  }

  it('given post() with idempotent: true, when 503 comes, then its verb takes the option as request() does', async (t) => {
    const { peer, client } = await startApi(t, failing(503))
    assert.deepEqual(await client.post('/a', 'x', { idempotent: true }), { ok: true })
    assert.deepEqual(
      peer.calls.map(({ body }) => body),
      ['x', 'x'],
    )
  })
})

describe('a call that must not be done twice', { timeout: 60_000 }, () => {
  for (const method of [...byNature, ...byNoMeans]) {
    const call = { idempotent: false, ...bodyOf(method) }
    for (const status of [408, 500, 502, 503, 504]) {
      it(`given ${method} with idempotent: false, when ${status} comes, then that is the error`, async (t) => {
        const { peer, client } = await startApi(t, failing(status))
        const error = await failure(client.request(method, '/a', call), 'ERR_LAYER1_API')
        assert.deepEqual([error.status, error.attempts, peer.calls.length], [status, 1, 1])
      })
    }

    for (const isKept of [false, true]) {
      it(`given ${method} with idempotent: false, when a ${isKept ? 'kept' : 'new'} connection breaks, then that is the error`, async (t) => {
        const { peer, client } = await startApi(t, lose)
        if (isKept) await client.get('/warm')
        await failure(client.request(method, '/a', call), 'ERR_LAYER1_CONNECTION_LOST')
        assert.equal(peer.calls.filter(({ url }) => url === '/a').length, 1)
        assert.equal(peer.connections(), 1)
      })
    }

    it(`given ${method} with idempotent: false, when 429 comes, then it is tried again: it was not done`, async (t) => {
      const { peer, client } = await startApi(t, failing(429))
      assert.equal((await client.request(method, '/a', call)).attempts, 2)
      assert.equal(peer.calls.length, 2)
    })
  }
})

describe('the option idempotent', { timeout: 60_000 }, () => {
  for (const value of ['true', 'yes', 0, 1, {}, [], () => true]) {
    it(`given ${inspect(value)}, when a call is made, then it is refused and nothing is sent`, async (t) => {
      const { peer, client } = await startApi(t, answerOk)
      const posted = client.post('/a', {}, { idempotent: /** @type {any} */ (value) })
      assert.match((await failure(posted, 'ERR_LAYER1_REQUEST')).message, /idempotent has to be true or false/)
      assert.equal(peer.connections(), 0)
    })
  }
})
