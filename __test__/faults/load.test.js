'use strict'
// Servers that ask to be left alone, and servers that are half down: what is tried again, when, and how often.

require('../support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { Layer1, Layer1ApiError } = require('layer1')
const { schemes, security, startRealm } = require('../support/faults/ground.js')
const { Ledger } = require('../support/faults/ledger.js')
const { once, send, withBody } = require('../support/faults/scripts.js')
const { FaultServer, answer } = require('../support/faults/server.js')
const { tryEveryWay } = require('../support/faults/ways.js')

/** @typedef {import('../support/faults/ways.js').Variant} Variant */

const CALLS = 1000
const AT_ONCE = 50

/** @param {string} status @param {string[]} headers */
const busy = (status, ...headers) => send(withBody('', headers, status))
const both = ['429 Too Many Requests', '503 Service Unavailable']

describe('a server under load', { timeout: 120_000 }, () => {
  it('given 429 or 503 with Retry-After, when it is seconds or a date, then it is honoured within the deadline; absurd and negative ones are ignored', async (t) => {
    const well = /** @type {const} */ ({ outcome: { value: [] }, isKept: true })
    /** Two dates a second apart: what counts is the answer's own clock. */
    const dates = ['date: Thu, 14 Jan 2027 08:00:30 GMT', 'retry-after: Thu, 14 Jan 2027 08:00:31 GMT']
    const past = ['date: Thu, 14 Jan 2027 08:00:30 GMT', 'retry-after: Thu, 14 Jan 2027 08:00:29 GMT']
    const call = { maxRetries: 1 }
    await tryEveryWay(
      t,
      both.flatMap((status) => [
        ...[['retry-after: 1'], dates].map((headers) => ({
          name: `${status}, ${headers.at(-1)}`,
          script: once(busy(status, ...headers), []),
          outcome: { value: [], noSooner: 990 },
          isKept: true,
          call,
        })),
        ...['-1', 'soon', '999999999999', '86401', '1.5', '', '0'].map((value) => ({
          name: `${status}, retry-after: ${value}`,
          script: once(busy(status, `retry-after: ${value}`), []),
          ...well,
          call,
        })),
        { name: `${status}, a date that has passed`, script: once(busy(status, ...past), []), ...well, call },
        ...['GET', 'POST'].map((method) => ({
          name: `${status}, beyond the deadline, ${method}`,
          script: busy(status, 'retry-after: 3600'),
          outcome: /** @type {const} */ ({
            code: 'ERR_LAYER1_API',
            status: Number(status.slice(0, 3)),
            retryable: true,
          }),
          isKept: true,
          method,
          call,
        })),
      ]),
    )
  })

  it('given a server that answers half of all requests with 5xx, when 1,000 calls are made, then they add at most a fifth to its load', async (t) => {
    const ledger = new Ledger(t)
    for (const scheme of schemes) {
      for (const maxRetries of [2, 10]) {
        for (const atOnce of [1, AT_ONCE]) {
          await ledger.enter(`${scheme}, up to ${maxRetries} retries, ${atOnce} at once`, () =>
            bear(t, scheme, { maxRetries, maxConnections: atOnce }),
          )
        }
      }
    }
    ledger.close()
  })
})

/**
 * Makes calls to a server that fails every other request, and counts what it costs.
 *
 * @param {import('node:test').TestContext} t
 * @param {'http' | 'https'} scheme
 * @param {{ maxRetries: number, maxConnections: number }} options
 */
async function bear(t, scheme, options) {
  const { pair, trust } = security(scheme)
  let count = 0
  const statuses = ['500 No', '502 No', '503 No', '504 No']
  const server = await FaultServer.start(
    t,
    (wire, { target }) => {
      count += 1
      return wire.write(count % 2 === 0 ? answer({ own: target }) : answer({}, [], statuses[(count >> 1) % 4]))
    },
    pair,
  )
  const client = new Layer1({ ...(await startRealm(t)), ...trust, ...options, baseUrl: server.origin, timeout: 60_000 })
  const began = performance.now()
  const calls = Array.from({ length: CALLS }, (_, number) => client.get(`/${number}`))
  const outcomes = await Promise.allSettled(calls)
  // A fifth of the calls, the reserve of 10, and one for each second that this machine took.
  const most = CALLS * 1.2 + 10 + Math.ceil((performance.now() - began) / 1000)
  assert.ok(server.requests.length <= most, `${server.requests.length} requests, at most ${most} were due`)
  assert.ok(server.requests.length > CALLS, 'nothing was tried again')
  outcomes.forEach((outcome, number) => {
    if (outcome.status === 'fulfilled') assert.deepEqual(outcome.value, { own: `/${number}` })
    else assert.ok(outcome.reason instanceof Layer1ApiError && outcome.reason.retryable, String(outcome.reason))
  })
  assert.ok(outcomes.some(({ status }) => status === 'fulfilled'))
  assert.equal(client.stats().inFlight, 0)
  client.close()
  await server.until(() => server.open === 0, 'no connection is open')
}
