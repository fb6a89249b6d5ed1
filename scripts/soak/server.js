'use strict'
// The server process: token endpoint and API on bare TCP and TLS, with all that can go wrong. It is told by its parent
// what to revoke, and tells it at once of what it should never have seen.

const net = require('node:net')
const { monitorEventLoopDelay } = require('node:perf_hooks')
const { Api, readTarget } = require('./api.js')
const { Doors, listen } = require('./doors.js')
const { Exchange } = require('./exchange.js')
const { Grants } = require('./grants.js')
const { Ledger } = require('./ledger.js')
const { Random } = require('../random.js')
const { readRequests, whole } = require('./wire.js')

/** @typedef {import('./wire.js').Request} Request */

/**
 * @typedef {object} Setup
 * @property {number} seed
 * @property {number} faultyGrants the share of token requests that fail
 * @property {import('./doors.js').Certificates} [certificates] without them there is only the plain port
 */

/** @param {Setup} setup */
async function serve({ seed, faultyGrants, certificates }) {
  const delay = monitorEventLoopDelay()
  delay.enable()
  const random = new Random(seed)
  const ledger = new Ledger((name, detail) => void process.send?.({ broken: name, detail }))
  const grants = new Grants(ledger, faultyGrants)
  const trap = await listen(
    net.createServer((socket) => {
      socket.destroy()
      ledger.check('no redirect followed away', false, 'somebody came to the trap')
    }),
  )
  const api = new Api(ledger, grants, trap)
  const doors = new Doors(
    (socket) => attend(socket),
    (kind) => ledger.inject(kind),
    certificates,
  )

  /** @param {net.Socket} socket */
  function attend(socket) {
    /** @type {import('./ledger.js').Sighting | undefined} */
    let sighting
    const onHead = (/** @type {Request} */ request) => {
      const label = readTarget(request.target)
      sighting = label && ledger.see(label, request)
    }
    readRequests(socket, onHead, (request) => {
      const label = readTarget(request.target)
      if (request.target === '/token') {
        grants.grant(new Exchange(socket, request, '', random.of(grants.requests)))
      } else if (label && sighting) {
        const number = Number(label.id.replace(/\D/g, '')) * 8 + sighting.sights
        api.answer(new Exchange(socket, request, '', random.of(number)), label, sighting)
      } else {
        ledger.check('no redirect followed away', !request.target.startsWith('/token'), request.target)
        socket.write(whole(200, '{}'))
      }
    })
  }

  await doors.open()
  process.on('message', (/** @type {any} */ message) => {
    if (message.revoke !== undefined) grants.revoke(message.revoke)
    if (message.tidy) {
      grants.tidy()
      ledger.tidy()
    }
    if (message.recall !== undefined) process.send?.({ recalled: ledger.recall(message.recall) })
    if (message.tally) {
      const { checks, injected, requests } = ledger
      process.send?.({ tally: { checks, injected, requests, grants: grants.requests, stall: delay.max / 1e6 } })
    }
  })
  const { plain, secure, proxied, broken } = doors
  process.send?.({ open: { plain, secure, proxied, broken } })
}

// It ends with its parent, however that ends.
process.on('disconnect', () => process.exit())
process.once('message', (/** @type {{ setup: Setup }} */ { setup }) => void serve(setup))
