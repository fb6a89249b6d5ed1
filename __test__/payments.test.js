'use strict'
// When a POST or PATCH may be sent again: never when it may have been done. The worst there is, is a doubled payment.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const http = require('node:http')
const { setImmediate: nextTurn } = require('node:timers/promises')
const { describe, it } = require('node:test')
const { failure } = require('./support/failures.js')
const { answerOk, deadEnd, makeClient, neverAnswer, sendJson, startPeer, startTcp } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('./support/peer.js').Answerer} Answerer */
/** @typedef {import('layer1').RequestOptions} RequestOptions */

const payments = ['POST', 'PATCH']
const body = { reference: 'REF-1', amount: '1.386770212175842462' }
const text = JSON.stringify(body)

/**
 * Starts an API that counts, and a client of it, which has its tokens from elsewhere: no connection to the API is there
 * before the first call.
 *
 * @param {TestContext} t
 * @param {Answerer} api
 * @param {import('layer1').Layer1Options} [options]
 */
async function startBank(t, api, options = {}) {
  const [bank, realm] = [await startPeer(t, { api }), await startPeer(t)]
  const client = makeClient(t, { ...bank.options, tokenUrl: realm.options.tokenUrl, ...options })
  /** @param {string} method @param {RequestOptions} [call] */
  const pay = (method, call = {}) => client.request(method, '/pay', { body, ...call })
  return { bank, client, pay, bodies: () => bank.calls.filter(({ url }) => url === '/pay').map((seen) => seen.body) }
}

/**
 * Answers each request with the next of these, and well once they are used up.
 *
 * @param {(number | Answerer)[]} answers
 * @param {Record<string, string>} [headers]
 * @returns {Answerer}
 */
function answering(answers, headers = {}) {
  return (request, response, count) => {
    const next = answers[count - 1] ?? 200
    if (typeof next === 'function') next(request, response, count)
    else sendJson(response, next, { ok: next === 200 }, headers)
  }
}

/** @type {Record<string, Answerer>} */
const breaks = {
  'is closed': (request) => request.socket.destroy(),
  'is reset': (request) => request.socket.resetAndDestroy(),
  'is half closed': (request) => request.socket.end(),
  'breaks in the head of the answer': (request) => request.socket.end('HTTP/1.1 200 OK\r\ncontent-'),
  'breaks in the body of the answer': (request) =>
    request.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a":'),
  'says what is no HTTP': (request) => request.socket.end('220 mail.example ESMTP\r\n'),
}
const lose = /** @type {Answerer} */ (breaks['is closed'])

for (const method of payments) {
  describe(`a ${method} that may have been done`, { timeout: 60_000 }, () => {
    for (const status of [408, 500, 501, 502, 503, 504, 599, 400, 409, 425]) {
      it(`given ${status}, when it is answered, then it is the error, and the server saw one request`, async (t) => {
        const { pay, bodies } = await startBank(t, answering([status], { 'retry-after': '0' }))
        const error = await failure(pay(method), 'ERR_LAYER1_API')
        assert.deepEqual([error.status, error.attempts, error.method], [status, 1, method])
        assert.deepEqual(bodies(), [text])
      })
    }

    for (const [how, lost] of Object.entries(breaks)) {
      it(`given a new connection, when it ${how}, then it was lost, and the server saw one request`, async (t) => {
        const { pay, bodies } = await startBank(t, answering([lost]))
        const error = await failure(pay(method), 'ERR_LAYER1_CONNECTION_LOST')
        assert.deepEqual([error.attempts, error.retryable], [1, true])
        assert.deepEqual(bodies(), [text])
      })

      it(`given a kept connection, when it ${how}, then it was lost, and the server saw one request`, async (t) => {
        const { bank, client, pay, bodies } = await startBank(t, answering([200, lost]))
        await client.get('/warm')
        const error = await failure(pay(method), 'ERR_LAYER1_CONNECTION_LOST')
        assert.equal(error.attempts, 1)
        assert.deepEqual(bodies(), [text])
        assert.equal(bank.connections(), 1)
      })
    }

    it('given no answer, when its time is up, then the server saw one request', async (t) => {
      const { client, pay, bodies } = await startBank(t, neverAnswer)
      await client.getToken()
      const error = await failure(pay(method, { timeout: 1000 }), 'ERR_LAYER1_TIMEOUT')
      assert.deepEqual([error.phase, error.attempts], ['headers', 1])
      assert.deepEqual(bodies(), [text])
    })

    for (const [name, answer, code] of /** @type {[string, string, import('layer1').Layer1ErrorCode][]} */ ([
      ['no JSON', '<p>', 'ERR_LAYER1_RESPONSE_MALFORMED'],
      ['too much', `"${'x'.repeat(100)}"`, 'ERR_LAYER1_RESPONSE_TOO_LARGE'],
    ])) {
      it(`given 200 with ${name}, when it is answered, then it is an error, and the server saw one request`, async (t) => {
        const api = answering([(_request, response) => void response.end(answer)])
        const { pay, bodies } = await startBank(t, api, { maxResponseBytes: 100 })
        await failure(pay(method), code)
        assert.deepEqual(bodies(), [text])
      })
    }

    for (const [name, answers] of /** @type {[string, (number | Answerer)[]][]} */ ([
      ['429 and then 503', [429, 503]],
      ['429 and then a lost connection', [429, lose]],
      ['401 and then 500', [401, 500]],
      ['401 and then a lost connection', [401, lose]],
    ])) {
      it(`given ${name}, when it is sent, then the second is the error, and there is no third`, async (t) => {
        const { pay, bodies } = await startBank(t, answering(answers, { 'retry-after': '0' }))
        assert.equal((await failure(pay(method))).attempts, 2)
        assert.deepEqual(bodies(), [text, text])
      })
    }
  })

  describe(`a ${method} that was certainly not done`, { timeout: 60_000 }, () => {
    for (const headers of [{ 'retry-after': '0' }, {}]) {
      const said = 'retry-after' in headers ? 'Retry-After: 0' : 'no Retry-After'
      it(`given two answers 429 with ${said}, when it is sent, then the third is the caller's, for the same bytes`, async (t) => {
        const { pay, bodies } = await startBank(t, answering([429, 429], headers))
        const { data, attempts } = await pay(method)
        assert.deepEqual([data, attempts], [{ ok: true }, 3])
        assert.deepEqual(bodies(), [text, text, text])
      })
    }

    it('given nine answers 429, when they say Retry-After: 0, then it is done long before one that is left to wait', async (t) => {
      const quick = await startBank(t, answering(Array(9).fill(429), { 'retry-after': '0' }))
      const slow = await startBank(t, answering(Array(9).fill(429)))
      const controller = new AbortController()
      let isSlowDone = false
      const slowly = slow
        .pay(method, { maxRetries: 9, timeout: Number.POSITIVE_INFINITY, signal: controller.signal })
        .then(
          () => {
            isSlowDone = true
          },
          (reason) => reason,
        )
      assert.equal((await quick.pay(method, { maxRetries: 9 })).attempts, 10)
      assert.equal(isSlowDone, false)
      controller.abort('enough')
      assert.equal(await slowly, 'enough')
    })

    for (const call of [{}, { idempotent: false }, { maxRetries: 0 }]) {
      const most = 'maxRetries' in call ? 1 : 3
      it(`given 429 without end and ${JSON.stringify(call)}, when it is sent, then it is the error after ${most}`, async (t) => {
        const { pay, bodies } = await startBank(t, answering(Array(9).fill(429), { 'retry-after': '0' }))
        const error = await failure(pay(method, call), 'ERR_LAYER1_API')
        assert.deepEqual([error.status, error.attempts, bodies().length], [429, most, most])
      })
    }

    for (const call of [{}, { idempotent: false }, { maxRetries: 0 }]) {
      it(`given a 401 and ${JSON.stringify(call)}, when it is sent, then the same bytes go once more, with a new token`, async (t) => {
        const { bank, pay, bodies } = await startBank(t, answering([401]))
        assert.equal((await pay(method, call)).attempts, 2)
        const tokens = bank.calls.map(({ headers }) => headers.authorization)
        assert.deepEqual(tokens, ['Bearer token-1', 'Bearer token-2'])
        assert.deepEqual(bodies(), [text, text])
      })
    }

    it('given two 401s, when it is sent, then the second is the error', async (t) => {
      const { pay, bodies } = await startBank(t, answering([401, 401, 401]))
      const error = await failure(pay(method), 'ERR_LAYER1_API')
      assert.deepEqual([error.status, error.attempts, bodies().length], [401, 2, 2])
    })

    it('given a 401 for insufficient_scope, when it is sent, then it is the error', async (t) => {
      const { pay, bodies } = await startBank(
        t,
        answering([401], { 'www-authenticate': 'Bearer error="insufficient_scope"' }),
      )
      await failure(pay(method), 'ERR_LAYER1_API')
      assert.equal(bodies().length, 1)
    })

    for (const maxRetries of [2, 0]) {
      it(`given a port that is closed and maxRetries ${maxRetries}, when it is sent, then there are ${maxRetries + 1} attempts`, async (t) => {
        const { host, port } = await deadEnd(t)
        const { pay } = await startBank(t, answerOk, { baseUrl: `http://${host}:${port}`, maxRetries })
        const error = await failure(pay(method), 'ERR_LAYER1_CONNECT')
        assert.deepEqual([error.attempts, error.method, error.retryable], [maxRetries + 1, method, true])
      })
    }

    it('given a TLS handshake that breaks, when it is sent, then it is tried again: nothing of it was sent', async (t) => {
      let connections = 0
      const port = await startTcp(t, (socket) => {
        connections += 1
        socket.once('data', () => socket.destroy())
      })
      const { pay } = await startBank(t, answerOk, { baseUrl: `https://127.0.0.1:${port}` })
      assert.deepEqual([(await failure(pay(method))).attempts, connections], [3, 3])
    })

    it('given a port that is closed, when a server opens it meanwhile, then it has the one request', async (t) => {
      const { host, port } = await deadEnd(t)
      const { client, pay } = await startBank(t, answerOk, { baseUrl: `http://${host}:${port}`, maxRetries: 9 })
      const paid = pay(method)
      // The first attempt has failed once it is to be repeated; the waits of the other nine are many times a listen().
      while (client.stats().retries === 0) await nextTurn()
      let requests = 0
      const server = http.createServer((_request, response) => {
        requests += 1
        sendJson(response, 200, { late: true })
      })
      server.listen(port, host)
      t.after(() => server.close().closeAllConnections())
      await once(server, 'listening')
      const { data, attempts } = await paid
      assert.deepEqual([data, requests], [{ late: true }, 1])
      assert.ok(attempts > 1)
    })
  })
}
