'use strict'
// A wire between client and server that does to the server's bytes what a test says.

const { once } = require('node:events')
const net = require('node:net')

/**
 * @callback Meddler
 * @param {Buffer} bytes from the server
 * @param {number} offset of the first of them in all that the server sent on this connection
 * @param {net.Socket} client
 * @param {number} count 1 for the first connection, and so on
 * @returns {Buffer | undefined} what the client gets
 */

/**
 * Starts a relay to a port on loopback, for as long as the test runs.
 *
 * @param {Pick<import('node:test').TestContext, 'after'>} t
 * @param {number} target
 * @param {{ meddle?: Meddler, host?: string, port?: number }} [how]
 */
async function startRelay(t, target, { meddle = (bytes) => bytes, host = '127.0.0.1', port = 0 } = {}) {
  /** @type {Set<net.Socket>} */
  const sockets = new Set()
  let connections = 0
  const server = net.createServer((client) => {
    connections += 1
    const count = connections
    let offset = 0
    const upstream = net.connect(target, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => sockets.delete(socket))
    }
    client.pipe(upstream)
    upstream.on('data', (bytes) => {
      const passed = meddle(bytes, offset, client, count)
      offset += bytes.length
      if (passed !== undefined && client.writable) client.write(passed)
    })
    upstream.once('end', () => client.end())
    client.once('close', () => upstream.destroy())
  })
  server.listen(port, host)
  await once(server, 'listening')
  const close = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  t.after(close)
  return {
    port: /** @type {net.AddressInfo} */ (server.address()).port,
    connections: () => connections,
    open: () => sockets.size / 2,
    close,
  }
}

module.exports = { startRelay }
