'use strict'
// What `numbers: 'lossless'` costs: calls that read 1 MB of ordinary JSON with and without it, in turn, and beside them
// what plain JSON.parse of the same text takes. Run it on a release build: node bench/lossless.js

const { randomUUID } = require('node:crypto')
const http = require('node:http')
const { once } = require('node:events')
const { performance } = require('node:perf_hooks')
const { Layer1 } = require('..')

const ROUNDS = 600

/** Objects as the API sends them: ids, names, dates, decimals in strings, small numbers. */
function ordinaryJson() {
  const rows = []
  for (let size = 0, index = 0; size < 1_000_000; index++) {
    const row = {
      id: randomUUID(),
      name: `Treasury ${index}`,
      network: 'ETHEREUM',
      amount: `${index}.19848315335156838671875`,
      fee: index / 100,
      confirmations: index % 40,
      createdAt: '2026-01-15T08:01:00.123456Z',
      tags: ['cold', 'audited'],
    }
    size += JSON.stringify(row).length + 1
    rows.push(row)
  }
  return JSON.stringify({ totalElements: rows.length, content: rows })
}

/** @param {number[]} times */
function median(times) {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}

/** @param {() => unknown} work */
async function timed(work) {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/**
 * @template T
 * @param {T[]} items
 * @returns {T[][]}
 */
function permutations(items) {
  if (items.length < 2) return [items]
  return items.flatMap((first, place) => permutations(items.toSpliced(place, 1)).map((rest) => [first, ...rest]))
}

async function main() {
  const text = ordinaryJson()
  const token = JSON.stringify({ access_token: 'a'.repeat(900), token_type: 'Bearer', expires_in: 300 })
  const server = http.createServer((request, response) => response.end(request.url === '/token' ? token : text))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const origin = `http://127.0.0.1:${port}`
  const client = new Layer1({ clientId: 'a', clientSecret: 'b', baseUrl: origin, tokenUrl: `${origin}/token` })

  const works = {
    'JSON.parse': () => JSON.parse(text),
    number: () => client.get('/'),
    lossless: () => client.get('/', { numbers: 'lossless' }),
  }
  /** @type {Record<string, number[]>} */
  const times = { 'JSON.parse': [], number: [], lossless: [] }
  // Each round in another order: what comes after the same work each time also bears that one's garbage collection.
  const orders = permutations(Object.entries(works))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, work] of orders[round % orders.length] ?? []) times[name]?.push(await timed(work))
  }
  const [parse, number, lossless] = Object.values(times).map(median)
  const added = Number(lossless) - Number(number)
  console.log(`${text.length} bytes, medians of ${ROUNDS}:`)
  console.log(
    `JSON.parse ${parse?.toFixed(2)} ms, get ${number?.toFixed(2)} ms, lossless get ${lossless?.toFixed(2)} ms`,
  )
  console.log(
    `lossless adds ${((100 * added) / Number(number)).toFixed(1)} % to the call, ${((100 * added) / Number(parse)).toFixed(1)} % of what parsing takes, and nothing to the JavaScript thread`,
  )
  await client.close()
  server.close()
}

main()
