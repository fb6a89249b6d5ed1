'use strict'
// How cost grows: with callers, bodies, clients in one process, worker threads, and calls that wait.

const { SIZES } = require('../ground/bodies.js')
const { count, kilobytes, megabytes, micros, millis, size, spread } = require('../report/format.js')
const { inChild, measureFor, optionsFor, runRounds } = require('./runner.js')

/** @typedef {import('../types.d.ts').Ground} Ground */
/** @typedef {import('./runner.js').Job} Job */
/** @typedef {{ title: string, figure: string, show: (value: number | undefined) => string }} Column */
/** @typedef {{ title: string, note: string, cells: string[], columns: Column[], jobs: (ground: Ground) => Job[] }} Axis */

const CONNECTIONS = 64
const WAITING_CALLS = 10_000
const compared = [
  { key: 'layer1', name: 'layer1' },
  { key: 'undici-request', name: 'undici request' },
]

const columns = {
  calls: { title: 'calls/s', figure: 'callsPerSecond', show: count },
  js: { title: 'JS thread µs/call', figure: 'jsMicros', show: micros },
  p99: { title: 'p99 ms', figure: 'p99', show: millis },
  rss: { title: 'RSS MB', figure: 'rss', show: megabytes },
}

const callers = [1, 16, 64, 256, 1024, 4096]

/** @param {number} callers */
const titleOfCallers = (callers) => `${count(callers)} caller${callers === 1 ? '' : 's'} on at most 64 connections`

/** @type {Axis} */
const byCallers = {
  title: 'Callers',
  note: '240 B, plain, at most 64 connections.',
  cells: callers.map(titleOfCallers),
  columns: [columns.calls, columns.js, columns.p99, columns.rss],
  jobs: (ground) =>
    callers.flatMap((callers) => {
      const options = optionsFor(ground, 'plain', Math.min(callers, CONNECTIONS))
      return jobsOf(ground, 'closed-loop', titleOfCallers(callers), { options, callers })
    }),
}

/** @param {number} bytes */
const titleOfBody = (bytes) => `bodies of ${size(bytes)}`

/** @type {Axis} */
const byBody = {
  title: 'Bodies',
  note: 'Plain, 4 callers.',
  cells: SIZES.map(titleOfBody),
  columns: [columns.calls, columns.js, columns.p99, columns.rss],
  jobs: (ground) =>
    SIZES.flatMap((bytes) => {
      const measure = measureFor(ground, bytes)
      const load = { options: optionsFor(ground, 'plain', 4), callers: 4, path: `/body/${bytes}`, measure }
      return jobsOf(ground, 'closed-loop', titleOfBody(bytes), load)
    }),
}

const clientCounts = [1, 10, 100, 1000]

/** @param {number} clients */
const titleOfClients = (clients) => `${count(clients)} client${clients === 1 ? '' : 's'} in one process`

/** @type {Axis} */
const byClients = {
  title: 'Clients in one process',
  note: '240 B, plain, 64 callers; clients that do not share get an equal part of 64 connections, at least one each.',
  cells: clientCounts.map(titleOfClients),
  columns: [
    { title: 'to make one and its first call, µs', figure: 'startMicros', show: micros },
    { title: 'memory each, KB', figure: 'rssPerClient', show: kilobytes },
    { title: 'threads', figure: 'threads', show: count },
    columns.calls,
    columns.rss,
  ],
  jobs: (ground) =>
    clientCounts.flatMap((clients) => {
      const cell = titleOfClients(clients)
      const shared = { options: optionsFor(ground, 'plain', CONNECTIONS), callers: CONNECTIONS, clients }
      const options = optionsFor(ground, 'plain', Math.max(1, Math.floor(CONNECTIONS / clients)))
      const own = { options: { ...options, shareToken: false }, callers: CONNECTIONS, clients }
      return [
        jobOf(ground, 'many-clients', cell, 'layer1', 'layer1', shared),
        jobOf(ground, 'many-clients', cell, 'layer1', 'layer1, not sharing', own),
        jobOf(ground, 'many-clients', cell, 'undici-request', 'undici request', own),
      ]
    }),
}

const workerCounts = [1, 2, 4, 8]

/** @param {number} workers */
const titleOfWorkers = (workers) => `${workers} worker thread${workers === 1 ? '' : 's'}`

/** @type {Axis} */
const byWorkers = {
  title: 'Worker threads',
  note: '240 B, plain, 16 callers in each.',
  cells: workerCounts.map(titleOfWorkers),
  columns: [columns.calls, columns.p99, columns.rss],
  jobs: (ground) =>
    workerCounts.flatMap((workers) => {
      // layer1 shares its connections among threads; the others have as many in each.
      const options = optionsFor(ground, 'plain', 16)
      const cell = titleOfWorkers(workers)
      const sharing = { options: { ...options, connections: 16 * workers }, callers: 16, workers }
      return [
        jobOf(ground, 'many-workers', cell, 'layer1', 'layer1', sharing),
        jobOf(ground, 'many-workers', cell, 'undici-request', 'undici request', { options, callers: 16, workers }),
      ]
    }),
}

const waitingTitle = `${count(WAITING_CALLS)} calls that wait`

/** @type {Axis} */
const byWaiting = {
  title: 'Calls that wait',
  note: '64 connections, to an endpoint that never answers.',
  cells: [waitingTitle],
  columns: [{ title: 'memory of one, KB', figure: 'bytesPerCall', show: kilobytes }],
  jobs: (ground) => {
    const options = optionsFor(ground, 'plain', CONNECTIONS)
    return jobsOf(ground, 'waiting-calls', waitingTitle, { options, callers: WAITING_CALLS, silentPath: '/silent' })
  },
}

/**
 * @param {Ground} ground
 * @param {string} measurement
 * @param {string} cell
 * @param {object} load
 */
function jobsOf(ground, measurement, cell, load) {
  return compared.map(({ key, name }) => jobOf(ground, measurement, cell, key, name, load))
}

/**
 * @param {Ground} ground
 * @param {string} measurement
 * @param {string} cell
 * @param {string} client
 * @param {string} runner
 * @param {object} load
 * @returns {Job}
 */
function jobOf(ground, measurement, cell, client, runner, load) {
  const { warmUp, measure } = ground
  const whole = { path: '/body/240', warmUp, measure, ...load, client }
  return { cell, runner, measure: () => inChild(measurement, whole, ground) }
}

const axes = [byCallers, byBody, byClients, byWorkers, byWaiting]

/** @type {import('../types.d.ts').Suite} */
const suite = {
  name: 'growth',
  cells: axes.flatMap(({ cells }) => cells),

  async run(ground, ledger) {
    await runRounds(
      ground.rounds,
      axes.flatMap(({ jobs }) => jobs(ground)),
      ledger,
      ground.say,
    )
  },

  tables(ledger) {
    return axes.map(({ title, note, cells, columns }) => ({
      title: `Growth: ${title.toLowerCase()}`,
      note,
      columns: ['', 'client', ...columns.map(({ title }) => title), 'spread'],
      rows: cells.flatMap((cell) =>
        ledger.runners(cell).map((runner) => {
          const values = columns.map(({ figure, show }) => show(ledger.median(cell, runner, figure)))
          return [cell, runner, ...values, spread(ledger.spread(cell, runner, columns[0]?.figure ?? ''))]
        }),
      ),
    }))
  },

  comparisons: [
    { figure: 'callsPerSecond', name: 'calls a second', isMoreBetter: true, show: count },
    { figure: 'p99', name: 'p99', unit: 'ms', show: millis },
    { figure: 'rss', name: 'RSS', unit: 'MB', show: megabytes },
    { figure: 'rssPerClient', name: 'memory of a client', unit: 'KB', show: kilobytes },
    { figure: 'startMicros', name: 'time to make a client and its first call', unit: 'µs', show: micros },
    { figure: 'bytesPerCall', name: 'memory of a waiting call', unit: 'KB', show: kilobytes },
  ],
}

module.exports = { suite, titleOfCallers }
