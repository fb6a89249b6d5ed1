'use strict'
// A server with no manners of its own: it answers exactly what a test says, and keeps what it was sent.

const { once, EventEmitter } = require('node:events')
const http = require('node:http')
const https = require('node:https')
const net = require('node:net')
const { Layer1 } = require('layer1')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('node:http').ServerResponse} ServerResponse */

/**
 * @typedef {object} Seen a request as it came
 * @property {string} method
 * @property {string} url the request target, byte for byte
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {string[]} rawHeaders
 * @property {string} body
 * @property {Buffer} bytes the body, byte for byte
 * @property {import('node:net').Socket} socket
 * @property {string | undefined} from the address it came from
 * @property {number} at when it came, in ms of `performance.now()`
 */

/**
 * @callback Answerer
 * @param {Seen} request
 * @param {ServerResponse} response
 * @param {number} count 1 for the first request of this kind, and so on
 * @returns {void}
 */

/** @typedef {{ token?: Answerer, api?: Answerer, tls?: import('node:https').ServerOptions, prefix?: string }} Manners */

const CLIENT_ID = 'test-client'
const CLIENT_SECRET = 'test-client-secret-5f0e7'
const REALMS = '/auth/realms/'

let lastRealm = 0

/** Answers with `token-1`, `token-2`, …, good for five minutes. @type {Answerer} */
function grantToken(_request, response, count) {
  sendToken(response, { access_token: `token-${count}` })
}

/** @type {Answerer} */
function answerOk(_request, response) {
  sendJson(response, 200, { ok: true })
}

/** @type {Answerer} */
function neverAnswer() {}

/**
 * Starts a server that is token endpoint and API in one, for as long as the test runs.
 *
 * @param {TestContext} t
 * @param {Manners} [manners]
 */
async function startPeer(t, { token = grantToken, api = answerOk, tls, prefix = '' } = {}) {
  const arrivals = new EventEmitter().setMaxListeners(0)
  /** @type {Seen[]} */
  const tokenRequests = []
  /** @type {Seen[]} */
  const calls = []
  let connections = 0
  let open = 0
  let mostOpen = 0

  /** @type {http.RequestListener} */
  const serve = async (request, response) => {
    const at = performance.now()
    const { method = '', url = '', headers, rawHeaders, socket } = request
    const isToken = url.startsWith(REALMS)
    const kept = isToken ? tokenRequests : calls
    const seen = {
      method,
      url,
      headers,
      rawHeaders,
      socket,
      from: socket.remoteAddress,
      at,
      body: '',
      bytes: Buffer.alloc(0),
    }
    const count = kept.push(seen)
    response.on('error', () => {})
    try {
      /** @type {Buffer[]} */
      const chunks = []
      for await (const chunk of request) {
        chunks.push(chunk)
        seen.body += chunk
      }
      seen.bytes = Buffer.concat(chunks)
    } catch {
      return
    }
    ;(isToken ? token : api)(seen, response, count)
    arrivals.emit('arrival')
  }
  const server = tls ? https.createServer(tls, serve) : http.createServer(serve)
  // Idle connections are the client's to end: a race between both would decide tests.
  server.keepAliveTimeout = 0
  server.on('connection', (socket) => {
    connections += 1
    open += 1
    mostOpen = Math.max(mostOpen, open)
    socket.once('close', () => {
      open -= 1
    })
  })
  const port = await listen(t, server, () => server.closeAllConnections())
  const origin = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`
  // Clients of one process share a token by its URL, and a port may come again: no two servers have the same URL.
  lastRealm += 1

  return {
    origin,
    port,
    options: {
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      baseUrl: origin + prefix,
      tokenUrl: `${origin}${REALMS}realm-${lastRealm}/protocol/openid-connect/token`,
    },
    /** Token requests, in order of arrival. */
    tokenRequests,
    /** API requests, in order of arrival. */
    calls,
    connections: () => connections,
    open: () => open,
    mostOpen: () => mostOpen,
    /** Resolves once so many API requests have come, and gives the last of them. @param {number} count */
    async called(count) {
      while (calls.length < count) await once(arrivals, 'arrival')
      return /** @type {Seen} */ (calls[count - 1])
    },
    /** Resolves once so many token requests have come. @param {number} count */
    async asked(count) {
      while (tokenRequests.length < count) await once(arrivals, 'arrival')
      return /** @type {Seen} */ (tokenRequests[count - 1])
    },
  }
}

/**
 * Starts a bare TCP server, for as long as the test runs, and gives its port.
 *
 * @param {TestContext} t
 * @param {(socket: net.Socket) => void} serve
 */
async function startTcp(t, serve) {
  /** @type {Set<net.Socket>} */
  const sockets = new Set()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    serve(socket)
  })
  return await listen(t, server, () => {
    for (const socket of sockets) socket.destroy()
  })
}

/**
 * Starts a TCP server that answers every API request with the same bytes, right or wrong, and then ends the connection.
 *
 * @param {TestContext} t
 * @param {string | Buffer} bytes
 */
function startWire(t, bytes) {
  return startTcp(t, (socket) => {
    socket.once('data', () => socket.end(bytes))
  })
}

/**
 * Gives a place on loopback where nothing listens, and nothing will while the test runs.
 *
 * @param {TestContext} t
 */
async function deadEnd(t) {
  const server = net.createServer()
  if (process.platform === 'linux') {
    // All of 127/8 is this machine. The port stays taken on one address, so nobody gets it on another.
    return { host: '127.0.0.2', port: await listen(t, server, () => {}) }
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {net.AddressInfo} */ (server.address())
  server.close()
  return { host: '127.0.0.1', port }
}

/**
 * @param {TestContext} t
 * @param {net.Server} server
 * @param {() => void} endConnections
 */
async function listen(t, server, endConnections) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(
    () =>
      new Promise((resolve) => {
        server.close(resolve)
        endConnections()
      }),
  )
  return /** @type {net.AddressInfo} */ (server.address()).port
}

/**
 * Makes a client that is closed with the test.
 *
 * @param {TestContext} t
 * @param {import('layer1').Layer1Options} options
 */
function makeClient(t, options) {
  const client = new Layer1(options)
  t.after(() => client.close())
  return client
}

/**
 * @param {ServerResponse} response
 * @param {number} status
 * @param {unknown} body
 * @param {Record<string, string | string[]>} [headers]
 */
function sendJson(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

/**
 * Answers as a token endpoint does; a member that is undefined is left out.
 *
 * @param {ServerResponse} response
 * @param {Record<string, unknown>} [members]
 */
function sendToken(response, members = {}) {
  sendJson(response, 200, { access_token: 'token-x', token_type: 'Bearer', expires_in: 300, ...members })
}

module.exports = {
  CLIENT_ID,
  CLIENT_SECRET,
  answerOk,
  deadEnd,
  grantToken,
  makeClient,
  neverAnswer,
  sendJson,
  sendToken,
  startPeer,
  startTcp,
  startWire,
}
