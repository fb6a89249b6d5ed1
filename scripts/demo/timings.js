'use strict'

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<{ result: T, ms: number }>}
 */
async function timed(work) {
  const start = performance.now()
  const result = await work()
  return { result, ms: performance.now() - start }
}

/**
 * Repeats work, one after another.
 *
 * @param {number} times
 * @param {() => Promise<unknown>} work
 * @returns {Promise<number>} the median, in ms
 */
async function medianTime(times, work) {
  const all = []
  for (let index = 0; index < times; index++) {
    all.push((await timed(work)).ms)
  }
  all.sort((a, b) => a - b)
  return all[Math.floor(times / 2)] ?? 0
}

/**
 * Measures `getToken()` while a token is kept. One is too short for the clock, so it is the mean of many.
 *
 * @param {import('../../index.d.ts').Layer1} layer1
 * @returns {Promise<number>} ms
 */
async function cachedTokenTime(layer1) {
  const { ms } = await timed(async () => {
    for (let index = 0; index < CACHED_CALLS; index++) {
      await layer1.getToken()
    }
  })
  return ms / CACHED_CALLS
}

/** Enough to let the engine compile the way there, and over in a blink. */
const CACHED_CALLS = 20_000

/** @param {number} ms */
function duration(ms) {
  if (ms >= 0.1) {
    return `${ms.toFixed(ms < 10 ? 2 : 1)} ms`
  }
  return ms >= 0.001 ? `${(ms * 1e3).toFixed(1)} µs` : `${Math.round(ms * 1e6)} ns`
}

module.exports = { cachedTokenTime, duration, medianTime, timed }
