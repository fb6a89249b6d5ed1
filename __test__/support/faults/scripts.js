'use strict'
// Scripts of faults, and what they are made of.

const { answer } = require('./server.js')

/** @typedef {import('./server.js').Script} Script */

const OK = 'HTTP/1.1 200 OK\r\n'
/** An answer for somebody else: no caller may ever see it. */
const POISON = answer({ poison: true })

/** Sends bytes, and waits for what comes. @param {string | Buffer} bytes @returns {Script} */
function send(bytes) {
  return (wire) => wire.write(bytes)
}

/** Sends bytes, and says farewell. @param {string | Buffer} bytes @returns {Script} */
function sendAndEnd(bytes) {
  return (wire) => wire.end(bytes)
}

/** Sends bytes, and resets the connection. @param {string | Buffer} bytes @returns {Script} */
function sendAndReset(bytes) {
  return (wire) => wire.reset(bytes)
}

/** Makes an answer whose length is stated and true. @param {string | Buffer} body @param {string[]} [headers] */
function withBody(body, headers = [], status = '200 OK') {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const head = [`HTTP/1.1 ${status}`, `content-length: ${bytes.length}`, ...headers, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes])
}

/** Makes an answer in chunks. @param {string[]} chunks @param {string} [end] */
function chunked(chunks, end = '0\r\n\r\n') {
  const parts = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
  return `${OK}transfer-encoding: chunked\r\n\r\n${parts.join('')}${end}`
}

/**
 * Shows a fault to the first request of each call, and answers the next one.
 *
 * @param {Script} script
 * @param {unknown} value
 * @returns {Script}
 */
function once(script, value) {
  const seen = new Set()
  return (wire, request) => {
    const call = /^x-call: (.*)$/im.exec(request.head)?.[1]
    if (!seen.has(call)) {
      seen.add(call)
      return script(wire, request)
    }
    wire.isBroken = false
    return wire.write(answer(value))
  }
}

module.exports = { OK, POISON, chunked, once, send, sendAndEnd, sendAndReset, withBody }
