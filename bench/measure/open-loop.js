'use strict'
// Calls that begin at a fixed rate, whether or not the earlier ones have ended, and beside them what the rest of a
// program feels: how late a timer of 1 ms is in the same process.

const { performance } = require('node:perf_hooks')
const { setTimeout: wait } = require('node:timers/promises')
const { Meter } = require('./meter.js')
const { TimerWatch } = require('./timer.js')

/** @param {import('../types.d.ts').Load & { rate: number }} load no client is the timer alone */
async function openLoop(load) {
  const meter = new Meter()
  if (load.client !== 'none') {
    const { create } = require(`../clients/${load.client}.js`)
    const client = await create(load.options)
    await client.authorize()
    await client.get(load.path)
    offer(client, load, meter)
  }
  const timer = new TimerWatch()
  await wait(load.warmUp)
  timer.restart()
  meter.start()
  await wait(load.measure)
  return { ...meter.stop(), ...timer.figures() }
}

/**
 * @param {import('../types.d.ts').Client} client
 * @param {{ path: string, rate: number }} load
 * @param {InstanceType<typeof Meter>} meter
 */
function offer(client, { path, rate }, meter) {
  const interval = 1000 / rate
  let due = performance.now()
  /** @param {number} began when it should have begun, so that a client which holds up the others is seen to */
  const call = async (began) => {
    await client.get(path)
    meter.record(performance.now() - began)
  }
  const catchUp = () => {
    for (const now = performance.now(); due <= now; due += interval) {
      call(due).catch(fail)
    }
    setTimeout(catchUp, 1)
  }
  catchUp()
}

/** @param {unknown} error */
function fail(error) {
  console.error(error)
  process.exit(1)
}

module.exports = { measure: openLoop }
