'use strict'
// A proxy that leads every tunnel to one port on loopback, and keeps what it was asked.

const { once } = require('node:events')
const http = require('node:http')
const net = require('node:net')

/**
 * Starts the proxy, for as long as the test runs.
 *
 * @param {Pick<import('node:test').TestContext, 'after'>} t
 * @param {number} port where its tunnels lead
 * @param {{ credentials?: string }} [how] `user:password`, if it asks for them
 */
async function startProxy(t, port, { credentials } = {}) {
  /** @type {http.IncomingMessage[]} */
  const asked = []
  /** @type {Set<net.Socket>} */
  const sockets = new Set()
  const server = http.createServer((request, response) => {
    asked.push(request)
    response.writeHead(500).end()
  })
  server.on('connect', (request, client) => {
    asked.push(request)
    keep(/** @type {net.Socket} */ (client))
    if (credentials && request.headers['proxy-authorization'] !== `Basic ${btoa(credentials)}`) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n')
      return
    }
    const upstream = net.connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      client.pipe(upstream).pipe(client)
    })
    keep(upstream)
    client.once('close', () => upstream.destroy())
  })
  /** @param {net.Socket} socket */
  function keep(socket) {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const breakTunnels = () => {
    for (const socket of sockets) socket.destroy()
  }
  t.after(() => {
    server.close()
    server.closeAllConnections()
    breakTunnels()
  })
  const address = /** @type {net.AddressInfo} */ (server.address())
  return { asked, port: address.port, url: `http://127.0.0.1:${address.port}`, breakTunnels }
}

module.exports = { startProxy }
