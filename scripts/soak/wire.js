'use strict'
// HTTP/1.1 on a bare socket: requests read, answers written byte by byte as somebody likes.

/** @typedef {import('node:net').Socket} Socket */

/**
 * @typedef {object} Request
 * @property {string} method
 * @property {string} target
 * @property {Map<string, string>} headers by lower-case name
 * @property {string} body
 */

const HEAD_END = '\r\n\r\n'

/**
 * Reads the requests of a connection, one after the other.
 *
 * @param {Socket} socket
 * @param {(request: Request) => void} onHead told as soon as a request is known, its body still to come
 * @param {(request: Request) => void} onRequest
 */
function readRequests(socket, onHead, onRequest) {
  let bytes = Buffer.alloc(0)
  /** @type {Request | undefined} */
  let open
  // A peer that goes away, however rudely, is what this is all about.
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    while (!socket.destroyed) {
      if (!open) {
        const end = bytes.indexOf(HEAD_END)
        if (end < 0) return
        open = parseHead(bytes.toString('latin1', 0, end))
        bytes = bytes.subarray(end + HEAD_END.length)
        onHead(open)
      }
      const length = Number(open.headers.get('content-length') ?? 0)
      if (bytes.length < length) return
      const request = open
      request.body = bytes.toString('utf8', 0, length)
      bytes = bytes.subarray(length)
      open = undefined
      onRequest(request)
    }
  })
}

/**
 * @param {string} head
 * @returns {Request}
 */
function parseHead(head) {
  const [first = '', ...lines] = head.split('\r\n')
  const [method = '', target = ''] = first.split(' ')
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  return { method, target, headers, body: '' }
}

/**
 * Writes the head of an answer, without saying how long its body is.
 *
 * @param {number} status
 * @param {Record<string, string | number>} headers
 */
function head(status, headers) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} Status\r\n${lines.join('')}\r\n`
}

/**
 * Writes a whole answer as it should be.
 *
 * @param {number} status
 * @param {string | Buffer} body
 * @param {Record<string, string | number>} [headers]
 */
function whole(status, body, headers = {}) {
  const content = Buffer.from(body)
  const all = { 'content-type': 'application/json', 'content-length': content.length, ...headers }
  return Buffer.concat([Buffer.from(head(status, all), 'latin1'), content])
}

/** Writes a piece of a body that says its own length. @param {string} text */
function chunk(text) {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}

module.exports = { chunk, head, readRequests, whole }
