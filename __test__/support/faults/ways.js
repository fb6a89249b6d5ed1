'use strict'
// The ways in which a row of the catalogue is tried: over plain and TLS, on a fresh and on a reused connection, alone and
// among 100 others.

const assert = require('node:assert/strict')
const { tracingChannel } = require('node:diagnostics_channel')
const { Layer1 } = require('layer1')
const { assertBrokenEnd, getOwn, prepare, schemes, startRealm } = require('./ground.js')
const { Ledger } = require('./ledger.js')
const { assertOutcome } = require('./outcome.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('layer1').Layer1Options} Options */
/** @typedef {import('./ground.js').Ground} Ground */

/**
 * @typedef {object} Variant one form of a fault, and what a call that meets it comes to
 * @property {string} name
 * @property {import('./server.js').Script} script what every request of that call gets
 * @property {import('./outcome.js').Outcome} outcome
 * @property {boolean} [isKept] whether the connection is none the worse for it
 * @property {import('layer1').RequestOptions} [call]
 * @property {string} [method] GET if none is given
 */

/** @typedef {{ value?: any, error?: any, took: number }} Met */
/** @typedef {'fresh' | 'reused'} Connection */

const OTHERS = 100
/** How late a call may settle on a busy machine, in ms. */
const SLACK = 5000
const connections = /** @type {const} */ (['fresh', 'reused'])

/**
 * Tries every variant of a row in every way, and tells how many that were. Fails with all that did not hold.
 *
 * @param {TestContext} t
 * @param {Variant[]} variants
 * @param {Options} [options]
 */
async function tryEveryWay(t, variants, options = {}) {
  const ledger = new Ledger(t)
  const settlements = countSettlements(t)
  const own = { ...(await startRealm(t)), ...options }
  await Promise.all(variants.map((variant) => tryAlone(t, ledger, variant, own)))
  await tryAmongOthers(t, ledger, variants, own)
  await ledger.check('all calls', () => settlements.assertOneEach())
  ledger.close()
}

/**
 * Tries a variant where there is nothing else: each has a server and clients of its own.
 *
 * @param {TestContext} t
 * @param {InstanceType<typeof Ledger>} ledger
 * @param {Variant} variant
 * @param {Options} options
 */
async function tryAlone(t, ledger, variant, options) {
  for (const scheme of schemes) {
    const ground = await prepare(t, [variant], scheme, options)
    for (const connection of connections) {
      await ledger.enter(`${variant.name} (${scheme}, ${connection}, alone)`, () =>
        meetAlone(ground, variant, connection),
      )
    }
  }
}

/**
 * Meets one fault, and sees that the client is none the worse for it.
 *
 * @param {Ground} ground
 * @param {Variant} variant
 * @param {Connection} connection
 */
async function meetAlone(ground, variant, connection) {
  const { server, options } = ground
  const client = new Layer1(options)
  try {
    // Its deadline is for the fault, and not for the token.
    await client.getToken()
    if (connection === 'reused') await getOwn(client, '/before')
    const met = await meet(ground, client, variant, 0)
    assert.equal(client.stats().inFlight, 0, 'a call is still counted as in flight')
    assertOutcome(met, variant.outcome, { ...options, ...variant.call }, SLACK)
    assertMetOn(ground, connection)
    await getOwn(client, '/after')
    await assertBrokenEnd(server)
  } finally {
    client.close()
  }
  await server.until(() => server.open === 0, 'no connection is open')
}

/**
 * Tries all variants at once, with 100 good calls under way, which have to be answered as ever.
 *
 * @param {TestContext} t
 * @param {InstanceType<typeof Ledger>} ledger
 * @param {Variant[]} variants
 * @param {Options} options
 */
async function tryAmongOthers(t, ledger, variants, options) {
  for (const scheme of schemes) {
    const ground = await prepare(t, variants, scheme, { ...options, maxConnections: variants.length + 8 })
    for (const connection of connections) {
      const way = `${scheme}, ${connection}, among ${OTHERS}`
      /** @type {Met[]} */
      let met = []
      await ledger.check(way, async () => {
        met = await meetAmongOthers(ground, variants, connection)
      })
      for (const [index, { name, outcome, call }] of variants.entries()) {
        await ledger.enter(`${name} (${way})`, () => {
          const ended = met[index]
          assert.ok(ended, 'it was not met')
          assertOutcome(ended, outcome, { ...ground.options, ...call }, SLACK)
        })
      }
    }
  }
}

/**
 * @param {Ground} ground
 * @param {Variant[]} variants
 * @param {Connection} connection
 */
async function meetAmongOthers(ground, variants, connection) {
  const { server, gate, options } = ground
  const client = new Layer1(options)
  try {
    await client.getToken()
    if (connection === 'reused') await openConnections(ground, client, variants.length)
    const [before, open] = [server.requests.length, gate.shut()]
    const faulty = variants.map((variant, index) => meet(ground, client, variant, index))
    await server.until(() => server.requests.length >= before + variants.length, 'all faults are met')
    assertMetOn(ground, connection)
    const others = Array.from({ length: OTHERS }, (_, number) => getOwn(client, `/good/${number}`))
    await server.until(() => server.requests.length > before + variants.length, 'others are under way')
    open()
    const met = await Promise.all(faulty)
    await Promise.all(others)
    await getOwn(client, '/after')
    await assertBrokenEnd(server)
    assert.equal(client.stats().inFlight, 0, 'calls are still counted as in flight')
    return met
  } finally {
    client.close()
    await server.until(() => server.open === 0, 'no connection is open')
  }
}

/**
 * Lets a client open so many connections, and leaves them idle.
 *
 * @param {Ground} ground
 * @param {Layer1} client
 * @param {number} count
 */
async function openConnections({ server, gate }, client, count) {
  const [before, open] = [server.requests.length, gate.shut()]
  const held = Array.from({ length: count }, (_, number) => getOwn(client, `/held/${number}`))
  await server.until(() => server.requests.length >= before + count, 'all have a connection')
  open()
  await Promise.all(held)
}

/** Sees that faults were met where they should be. @param {Ground} ground @param {Connection} connection */
function assertMetOn({ metOn }, connection) {
  for (const requests of metOn.values()) {
    assert.equal(requests > 1 ? 'reused' : 'fresh', connection, 'the connection was not what it should be')
  }
  metOn.clear()
}

let calls = 0

/**
 * @param {Ground} ground
 * @param {Layer1} client
 * @param {Variant} variant
 * @param {number} index
 * @returns {Promise<Met>}
 */
async function meet({ metOn }, client, { method = 'GET', call }, index) {
  metOn.delete(index)
  calls += 1
  const headers = { 'x-call': String(calls) }
  const began = performance.now()
  const [ended] = await Promise.allSettled([
    client.request(/** @type {any} */ (method), `/fault/${index}`, { headers, ...call }),
  ])
  const took = performance.now() - began
  return ended.status === 'fulfilled' ? { value: ended.value.data, took } : { error: ended.reason, took }
}

/** Counts how often each call is settled, as the tracing channel tells. @param {TestContext} t */
function countSettlements(t) {
  /** @type {Map<object, number>} */
  const settled = new Map()
  const handlers = {
    start: (/** @type {object} */ event) => void settled.set(event, 0),
    asyncEnd: (/** @type {object} */ event) => void settled.set(event, (settled.get(event) ?? 0) + 1),
  }
  const channel = /** @type {any} */ (tracingChannel('layer1:request'))
  channel.subscribe(handlers)
  t.after(() => channel.unsubscribe(handlers))
  return {
    assertOneEach() {
      assert.ok(settled.size > 0, 'no call was seen')
      for (const times of settled.values()) assert.equal(times, 1, 'a call was not settled exactly once')
    },
  }
}

module.exports = { OTHERS, SLACK, countSettlements, tryEveryWay }
