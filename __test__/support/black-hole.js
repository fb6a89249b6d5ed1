'use strict'

const { once } = require('node:events')
const net = require('node:net')
const { startWorker } = require('./child.js')

/**
 * Gives a port that answers no SYN: its queue is full, and whoever listens never accepts. Linux drops what comes then.
 *
 * @param {Pick<import('node:test').TestContext, 'after'>} t
 * @param {{ host?: string, port?: number }} [place]
 */
async function blackHole(t, { host = '127.0.0.1', port = 0 } = {}) {
  const worker = startWorker(
    /** @type {import('node:test').TestContext} */ (t),
    ({ host, port }) => {
      const { parentPort } = require('node:worker_threads')
      const server = require('node:net').createServer()
      server.listen({ host, port, backlog: 1 }, () => {
        const address = /** @type {import('node:net').AddressInfo} */ (server.address())
        parentPort?.postMessage(address.port)
        // The thread sleeps from here to its end.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
      })
    },
    { host, port },
  )
  const [taken] = await once(worker, 'message')
  const sockets = Array.from({ length: 6 }, () => net.connect(taken, host).on('error', () => {}))
  t.after(() => {
    for (const socket of sockets) socket.destroy()
  })
  await Promise.all(sockets.slice(0, 2).map((socket) => once(socket, 'connect')))
  return { host, port: Number(taken) }
}

module.exports = { blackHole }
