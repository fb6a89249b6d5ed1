'use strict'
// A token that is there already, beside the least that any promise costs.

const { performance } = require('node:perf_hooks')

const BATCHES = 11

/** @param {import('../types.d.ts').Load} load */
async function cachedToken({ options, callers: times }) {
  /** @type {typeof import('../..')} */
  const { Layer1 } = require(`${__dirname}/../node_modules/layer1`)
  const { origin, credentials, ca } = options
  const layer1 = new Layer1({ ...credentials, baseUrl: origin, tokenUrl: `${origin}/token`, ca })
  const resolved = Promise.resolve(await layer1.getToken())
  /** @type {number[]} */
  const tokens = []
  /** @type {number[]} */
  const promises = []
  for (let batch = 0; batch < BATCHES; batch++) {
    tokens.push(await nanosOf(times, () => layer1.getToken()))
    promises.push(await nanosOf(times, () => resolved))
  }
  return { tokenNanos: median(tokens), promiseNanos: median(promises) }
}

/**
 * @param {number} times
 * @param {() => Promise<unknown>} make
 */
async function nanosOf(times, make) {
  const began = performance.now()
  for (let time = 0; time < times; time++) {
    await make()
  }
  return ((performance.now() - began) * 1e6) / times
}

/** @param {number[]} values */
function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

module.exports = { measure: cachedToken }
