'use strict'

const { performance } = require('node:perf_hooks')

/** More calls than any client makes in one run. Pages that are not written to take no memory. */
const MOST_CALLS = 1 << 20

/** Counts calls, and what they cost this process, between its start and its stop. */
class Meter {
  #isRunning = false
  #latencies = new Float64Array(MOST_CALLS)
  #calls = 0
  #began = 0
  #loop = performance.eventLoopUtilization()
  #cpu = process.cpuUsage()

  start() {
    this.#calls = 0
    this.#isRunning = true
    this.#cpu = process.cpuUsage()
    this.#loop = performance.eventLoopUtilization()
    this.#began = performance.now()
  }

  /** @param {number} latency in ms */
  record(latency) {
    if (this.#isRunning) {
      this.#latencies[this.#calls] = latency
      this.#calls += 1
    }
  }

  /** @returns {import('../types.d.ts').Figures} */
  stop() {
    const elapsed = performance.now() - this.#began
    const { active, utilization } = performance.eventLoopUtilization(this.#loop)
    const { user, system } = process.cpuUsage(this.#cpu)
    const rss = process.memoryUsage.rss()
    this.#isRunning = false
    const calls = this.#calls
    const sorted = this.#latencies.subarray(0, Math.min(calls, MOST_CALLS)).sort()
    return {
      callsPerSecond: (calls * 1000) / elapsed,
      jsMicros: (active * 1000) / calls,
      cpuMicros: (user + system) / calls,
      p50: quantile(sorted, 0.5),
      p99: quantile(sorted, 0.99),
      utilization,
      rss,
    }
  }
}

/**
 * @param {ArrayLike<number>} sorted
 * @param {number} share
 */
function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

module.exports = { Meter, quantile }
