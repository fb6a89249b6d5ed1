'use strict'
// Many calls against servers that fail in every way: no payment is done twice, and no outage is multiplied.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { Layer1Error } = require('layer1')
const { failure } = require('./support/failures.js')
const { answerOk, makeClient, sendJson, startPeer } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('./support/peer.js').Answerer} Answerer */
/** @typedef {import('./support/peer.js').ServerResponse} ServerResponse */

/**
 * Starts an API and a client that has its tokens from elsewhere: all connections to the API are those of its calls.
 *
 * @param {TestContext} t
 * @param {Answerer} api
 * @param {import('layer1').Layer1Options} [options]
 */
async function startApi(t, api, options = {}) {
  const [peer, realm] = [await startPeer(t, { api }), await startPeer(t)]
  return { peer, client: makeClient(t, { ...peer.options, tokenUrl: realm.options.tokenUrl, ...options }) }
}

/**
 * Runs so many calls, so many at once, and gives what became of each.
 *
 * @param {number} count
 * @param {number} atOnce
 * @param {(index: number) => Promise<unknown>} call
 */
async function run(count, atOnce, call) {
  /** @type {PromiseSettledResult<any>[]} */
  const outcomes = []
  let next = 0
  const worker = async () => {
    while (next < count) {
      const index = next++
      const [outcome] = await Promise.allSettled([call(index)])
      outcomes[index] = outcome
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return outcomes
}

/** @param {unknown[]} values */
function tally(values) {
  /** @type {Record<string, number>} */
  const counts = {}
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1
  return counts
}

/**
 * Does something a few turns of the event loop later.
 *
 * @param {number} turns
 * @param {() => void} act
 */
function later(turns, act) {
  if (turns === 0) act()
  else setImmediate(later, turns - 1, act)
}

/**
 * Answers well, does not say that the connection ends, and ends it at once or a few turns later: at any moment around
 * the next call on it.
 *
 * @param {(socket: import('node:net').Socket) => void} end
 * @returns {Answerer}
 */
function endingAfterAnswer(end) {
  return (request, response, count) => {
    response.once('finish', () => later(count % 8, () => end(request.socket)))
    sendJson(response, 200, { id: request.body })
  }
}

const endings = {
  closes: endingAfterAnswer((socket) => socket.destroy()),
  'half closes': endingAfterAnswer((socket) => socket.end()),
  resets: endingAfterAnswer((socket) => socket.resetAndDestroy()),
}

describe('a server that ends each connection after its answer without saying so', { timeout: 60_000 }, () => {
  for (const [how, api] of Object.entries(endings)) {
    for (const atOnce of [1, 16]) {
      for (const method of ['POST', 'PATCH']) {
        it(`given one that ${how}, when 200 ${method} are sent, ${atOnce} at once, then none is seen twice`, async (t) => {
          const { peer, client } = await startApi(t, api)
          const outcomes = await run(200, atOnce, (index) =>
            client.request(method, `/pay/${index}`, { body: `id-${index}` }),
          )
          // By its path: of a body that comes on a dying connection the server may see nothing.
          const seen = tally(peer.calls.map(({ url }) => url))
          assert.deepEqual(
            Object.entries(seen).filter(([, times]) => times > 1),
            [],
          )
          for (const [index, outcome] of outcomes.entries()) {
            if (outcome.status === 'fulfilled') assert.equal(outcome.value.data.id, `id-${index}`)
            else assert.equal(outcome.reason.code, 'ERR_LAYER1_CONNECTION_LOST', outcome.reason.stack)
          }
          const lost = outcomes.filter(({ status }) => status === 'rejected').length
          t.diagnostic(`${lost} of 200 were lost, the server saw ${Object.keys(seen).length}`)
        })
      }
    }
  }

  // One at once: then the connection after a dead one is new. A reset could take the answer with it.
  for (const how of /** @type {const} */ (['closes', 'half closes'])) {
    for (const method of ['PUT', 'GET']) {
      it(`given one that ${how}, when 200 ${method} are made one by one, then all succeed`, async (t) => {
        const { client } = await startApi(t, endings[how])
        const outcomes = await run(200, 1, (index) =>
          client.request(method, '/a', method === 'PUT' ? { body: `id-${index}` } : {}),
        )
        const failed = outcomes.filter(({ status }) => status === 'rejected')
        assert.deepEqual(failed, [])
        t.diagnostic(`${client.stats().retries} of 200 were made again`)
      })
    }
  }
})

describe('several kept connections that are all dead', { timeout: 60_000 }, () => {
  for (const [dead, maxRetries] of /** @type {const} */ ([
    [1, 0],
    [2, 0],
    [4, 2],
  ])) {
    // What ended one kept connection may have ended all: only a fresh one helps.
    it(`given ${dead} and maxRetries ${maxRetries}, when a GET is made, then its free retry takes a new one`, async (t) => {
      /** @type {ServerResponse[]} */
      const held = []
      const old = new Set()
      const { peer, client } = await startApi(t, (request, response, count) => {
        if (request.url === '/warm') {
          old.add(request.socket)
          held.push(response)
          if (held.length === dead) for (const waiting of held) sendJson(waiting, 200, {})
        } else if (old.has(request.socket)) request.socket.destroy()
        else answerOk(request, response, count)
      })
      await Promise.all(Array.from({ length: dead }, () => client.get('/warm')))
      assert.equal(peer.connections(), dead)
      assert.deepEqual(await client.get('/a', { maxRetries }), { ok: true })
    })
  }
})

/** What becomes of a payment at its first, second and third sight, by its number. */
const fates = ['ok', '429', '401', 'ok', '503 done', 'lost', '429', 'lost done', '408', 'ok']

describe('a storm of payments', { timeout: 60_000 }, () => {
  for (const method of ['POST', 'PATCH']) {
    it(`given every failure there is, when 500 ${method} are sent, 20 at once, then none is done twice`, async (t) => {
      /** @type {string[]} */
      const done = []
      /** @type {Record<string, number>} */
      const sights = {}
      const { client } = await startApi(t, (request, response) => {
        const id = request.body
        const sight = (sights[id] ?? 0) + 1
        sights[id] = sight
        const fate = fates[(Number(id) * 7 + sight * 3) % fates.length] ?? 'ok'
        if (fate === 'ok' || fate.endsWith('done')) done.push(id)
        if (fate.startsWith('lost')) request.socket.destroy()
        else sendJson(response, Number.parseInt(fate, 10) || 200, { id }, { 'retry-after': '0' })
      })
      const outcomes = await run(500, 20, (index) => client.request(method, '/pay', { body: String(index) }))
      const times = tally(done)
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.status === 'fulfilled') assert.equal(times[index], 1, `${index} was answered well`)
        else assert.ok(outcome.reason instanceof Layer1Error, outcome.reason)
        assert.ok((times[index] ?? 0) <= 1, `payment ${index} was done ${times[index]} times`)
      }
      const succeeded = outcomes.filter(({ status }) => status === 'fulfilled').length
      t.diagnostic(`${succeeded} of 500 succeeded, ${done.length} were done, none twice`)
      assert.ok(succeeded > 0)
    })
  }
})

describe('an outage', { timeout: 60_000 }, () => {
  it('given half of all answers 503, when 1,000 resources are got, 50 at once, then a quarter more requests is the most', async (t) => {
    const { peer, client } = await startApi(t, (request, response, count) =>
      count % 2 === 1 ? sendJson(response, 503, {}) : answerOk(request, response, count),
    )
    const began = performance.now()
    const outcomes = await run(1000, 50, () => client.get('/a'))
    const seconds = Math.ceil((performance.now() - began) / 1000)
    const failed = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    assert.ok(failed.every(({ status }) => status === 503))
    const requests = peer.calls.length
    const [charged, reserve] = [requests - 10 - seconds, 10 + seconds]
    t.diagnostic(
      `${requests} requests for 1,000 calls (${requests / 1000}); without the reserve of ${reserve}: ${charged / 1000}; ${failed.length} calls failed`,
    )
    assert.ok(charged <= 1250, `${requests} requests, of which ${reserve} are reserve`)
    assert.equal(client.stats().requests, requests)
  })

  it('given only answers 503 to a POST, when 200 are sent, then there are 200 requests', async (t) => {
    const { peer, client } = await startApi(t, (_request, response) => sendJson(response, 503, {}))
    await run(200, 20, (index) => failure(client.post('/pay', index), 'ERR_LAYER1_API'))
    assert.deepEqual([peer.calls.length, client.stats().retries], [200, 0])
  })
})
