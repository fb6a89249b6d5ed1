'use strict'
// numbers: 'lossless', and the calls it may be asked of; what it makes of each number is in lossless.test.js.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { inspect } = require('node:util')
const { describe, it } = require('node:test')
const { failure } = require('./support/failures.js')
const { makeClient, startPeer } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */

const AMOUNT = '1.386770212175842462'
const lossless = /** @type {const} */ ({ numbers: 'lossless' })

/**
 * Starts a server that answers these bytes to every call, and a client of it.
 *
 * @param {TestContext} t
 * @param {string | Buffer} answer
 * @param {import('layer1').Layer1Options} [options]
 */
async function startAnswering(t, answer, options = {}) {
  const peer = await startPeer(t, { api: (_request, response) => void response.end(answer) })
  return { peer, client: makeClient(t, { ...peer.options, ...options }) }
}

/**
 * Gets JSON without loss.
 *
 * @param {TestContext} t
 * @param {string | Buffer} answer
 * @param {import('layer1').Layer1Options} [options]
 * @returns {Promise<any>}
 */
async function got(t, answer, options) {
  return await (await startAnswering(t, answer, options)).client.get('/a', lossless)
}

describe('where numbers may be chosen', { timeout: 60_000 }, () => {
  for (const numbers of /** @type {const} */ ([undefined, null, 'number'])) {
    it(`given ${numbers}, when an amount comes, then it is rounded as JSON.parse does`, async (t) => {
      const { client } = await startAnswering(t, `[${AMOUNT},1e400]`)
      assert.deepEqual(await client.get('/a', { numbers }), [1.3867702121758425, Number.POSITIVE_INFINITY])
      assert.deepEqual(await client.get('/a'), [1.3867702121758425, Number.POSITIVE_INFINITY])
    })
  }

  for (const [name, call] of /** @type {[string, (client: import('layer1').Layer1) => Promise<any>][]} */ ([
    ['post()', (client) => client.post('/a', { a: 1 }, lossless)],
    ['put()', (client) => client.put('/a', { a: 1 }, lossless)],
    ['patch()', (client) => client.patch('/a', { a: 1 }, lossless)],
    ['delete()', (client) => client.delete('/a', lossless)],
    ['request()', async (client) => (await client.request('GET', '/a', lossless)).data],
    ['request() with a body', async (client) => (await client.request('POST', '/a', { body: 1, ...lossless })).data],
    ["get() with responseType 'json'", (client) => client.get('/a', { responseType: 'json', ...lossless })],
  ])) {
    it(`given ${name}, when an amount comes, then every digit of it does`, async (t) => {
      const { client } = await startAnswering(t, `{"balance":${AMOUNT},"count":7}`)
      assert.deepEqual(await call(client), { balance: AMOUNT, count: 7 })
    })
  }

  for (const isWhole of [false, true]) {
    it(`given a list, when its ${isWhole ? 'pages' : 'items'} are read, then every digit of its amounts comes, and its counts are numbers`, async (t) => {
      const wire = (/** @type {number} */ number) =>
        `{"content":[{"balance":${AMOUNT}}],"totalElements":2,"totalPages":2,"pageNumber":${number},"pageSize":1}`
      const peer = await startPeer(t, {
        api: (request, response) =>
          void response.end(wire(Number(new URL(request.url, 'http://a').searchParams.get('pageNumber')))),
      })
      const list = makeClient(t, peer.options).paginate('/a', lossless)
      const seen = []
      for await (const part of isWhole ? list.pages() : list) seen.push(part)
      assert.deepEqual(
        seen,
        [0, 1].map((number) =>
          isWhole ? JSON.parse(wire(number).replace(AMOUNT, `"${AMOUNT}"`)) : { balance: AMOUNT },
        ),
      )
    })
  }

  for (const responseType of /** @type {const} */ (['text', 'buffer'])) {
    it(`given ${responseType}, when 'lossless' is asked for, then it is refused and nothing is sent`, async (t) => {
      const { client, peer } = await startAnswering(t, '[]')
      const calls = [
        client.get('/a', { ...lossless, responseType }),
        client.post('/a', {}, { ...lossless, responseType }),
        client.request('GET', '/a', { ...lossless, responseType }),
      ]
      for (const call of calls) assert.match((await failure(call, 'ERR_LAYER1_REQUEST')).message, /numbers: 'lossless'/)
      assert.equal(peer.connections(), 0)
    })

    it(`given ${responseType}, when 'number' is asked for, then it is as if it were not`, async (t) => {
      const { client } = await startAnswering(t, AMOUNT)
      assert.equal(String(await client.get('/a', { numbers: 'number', responseType })), AMOUNT)
    })
  }

  for (const numbers of ['string', 'LOSSLESS', '', 7, true, {}, ['lossless'], Symbol('lossless')]) {
    it(`given ${inspect(numbers)}, when a call is made, then it is refused and nothing is sent`, async (t) => {
      const { client, peer } = await startAnswering(t, '[]')
      const error = await failure(client.get('/a', { numbers: /** @type {any} */ (numbers) }), 'ERR_LAYER1_REQUEST')
      assert.match(error.message, /numbers has to be 'number' or 'lossless'/)
      assert.equal(peer.connections(), 0)
    })
  }
})

describe('an answer that is no JSON', { timeout: 60_000 }, () => {
  for (const body of [
    `{${AMOUNT}:1}`,
    `{"a":1,${AMOUNT}:2}`,
    `0${AMOUNT}`,
    `-0${AMOUNT}`,
    '-01e400',
    `${AMOUNT}.5`,
    `+${AMOUNT}`,
    `--${AMOUNT}`,
    '.1386770212175842462',
    '1386770212175842462.',
    '1386770212175842462.e5',
    `${AMOUNT}e`,
    `${AMOUNT}e+`,
    `${AMOUNT}E-`,
    `${AMOUNT}e1.5`,
    `${AMOUNT}x`,
    `${AMOUNT}n`,
    `0x${'f'.repeat(20)}`,
    '1_386770212175842462',
    `${AMOUNT} ${AMOUNT}`,
    `[${AMOUNT} ${AMOUNT}]`,
    `[${AMOUNT},]`,
    `[${AMOUNT}`,
    `{"a":${AMOUNT}`,
    `{"a" ${AMOUNT}}`,
    `"${AMOUNT}`,
    `"a"${AMOUNT}`,
    `${AMOUNT}"a"`,
    `"\\${AMOUNT}"`,
    `"a\n${AMOUNT}"`,
    `'${AMOUNT}'`,
    `NaN${AMOUNT}`,
    'Infinity',
    '-',
    `<p>${AMOUNT}</p>`,
    `/* ${AMOUNT} */ 1`,
  ]) {
    it(`given ${JSON.stringify(body)}, when it comes, then it is malformed all the same`, async (t) => {
      const { client } = await startAnswering(t, body)
      const error = await failure(client.get('/a', lossless), 'ERR_LAYER1_RESPONSE_MALFORMED')
      assert.deepEqual([error.status, error.attempts, error.path], [200, 1, '/a'])
    })
  }

  it('given an array that breaks off, when it has an amount, then the snippet has all its digits', async (t) => {
    const error = await failure(got(t, `[${AMOUNT}`), 'ERR_LAYER1_RESPONSE_MALFORMED')
    assert.ok(error.message.includes(AMOUNT), error.message)
  })

  it('given invalid UTF-8 after an amount, when it comes, then it is malformed', async (t) => {
    const bytes = Buffer.concat([Buffer.from(`[${AMOUNT},"`), Buffer.from([0xc3, 0x28]), Buffer.from('"]')])
    await failure(got(t, bytes), 'ERR_LAYER1_RESPONSE_MALFORMED')
  })

  it('given an error of the API, when it has an amount, then its body is there', async (t) => {
    const peer = await startPeer(t, {
      api: (_request, response) => response.writeHead(422).end(`{"details":{"min":${AMOUNT},"max":2}}`),
    })
    const error = await failure(makeClient(t, peer.options).get('/a', lossless), 'ERR_LAYER1_API')
    assert.deepEqual(error.body, { details: { min: AMOUNT, max: 2 } })
  })
})

describe('maxResponseBytes', { timeout: 60_000 }, () => {
  const body = `[${Array(50).fill(AMOUNT).join(',')}]`

  it('given a body of just the limit, when its amounts become strings, then what they grow by does not count', async (t) => {
    const numbers = await got(t, body, { maxResponseBytes: body.length })
    assert.deepEqual(numbers, Array(50).fill(AMOUNT))
  })

  it('given a body one byte over the limit, when it comes, then it is too large', async (t) => {
    const over = got(t, body, { maxResponseBytes: body.length - 1 })
    await failure(over, 'ERR_LAYER1_RESPONSE_TOO_LARGE')
  })
})
