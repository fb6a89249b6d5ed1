'use strict'
// What can be wrong with the body of an answer whose frame is right.

const { gzipSync } = require('node:zlib')
const { chunk, head, whole } = require('../wire.js')

/** @typedef {import('./index.js').Faults} Faults */

const GZIP = { 'content-encoding': 'gzip' }
const BOMB = gzipSync(Buffer.alloc(64 * 1024 * 1024))
const DEPTH = 50_000

/** @type {Faults} */
const bodies = {
  'no body': { codes: ['ok'], value: () => null, act: (exchange) => exchange.send(whole(200, '')) },
  'half of its JSON': malformed((content) => content.slice(0, -3)),
  'HTML for JSON': malformed(() => '<html><body>Sign in</body></html>'),
  'UTF-16': malformed((content) => Buffer.from(`\ufeff${content}`, 'utf16le')),
  'Latin-1': malformed((content) => Buffer.from(content.replace('{', '{"name":"M\xfcller",'), 'latin1')),
  'byte order mark': { codes: ['ok'], act: (exchange) => exchange.send(whole(200, `\ufeff${exchange.content}`)) },
  'deep nesting': {
    codes: ['ok', 'RESPONSE_MALFORMED'],
    value: () => undefined,
    act: (exchange) => exchange.send(whole(200, '['.repeat(DEPTH) + ']'.repeat(DEPTH))),
  },
  '__proto__ as a key': {
    codes: ['ok'],
    act: (exchange) => exchange.send(whole(200, exchange.content.replace('{', '{"__proto__":{"polluted":true},'))),
  },
  'a key twice': {
    codes: ['ok'],
    act: (exchange) => exchange.send(whole(200, exchange.content.replace('{', '{"id":"first",'))),
  },
  'large body': {
    codes: ['ok'],
    act: (exchange) => exchange.send(whole(200, exchange.content + ' '.repeat(300_000))),
  },
  gzip: { codes: ['ok'], act: (exchange) => exchange.send(whole(200, gzipSync(exchange.content), GZIP)) },
  'declared 2 GB': {
    codes: ['RESPONSE_TOO_LARGE'],
    act: (exchange) => exchange.send(head(200, { 'content-length': 2 ** 31 }) + exchange.content),
  },
  'endless body': {
    codes: ['RESPONSE_TOO_LARGE'],
    act(exchange) {
      exchange.send(head(200, { 'transfer-encoding': 'chunked' }))
      exchange.pour(chunk(' '.repeat(60_000)))
    },
  },
  'gzip bomb': { codes: ['RESPONSE_TOO_LARGE'], act: (exchange) => exchange.send(whole(200, BOMB, GZIP)) },
  'corrupt gzip': malformed((content) => {
    const bytes = gzipSync(content)
    // The checksum at its end.
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 8) ^ 0xff, bytes.length - 8)
    return bytes
  }, GZIP),
  'half of its gzip': malformed((content) => gzipSync(content).subarray(0, -9), GZIP),
  'unknown encoding': malformed((content) => content, { 'content-encoding': 'br' }),
  'encoded twice': malformed((content) => gzipSync(gzipSync(content)), { 'content-encoding': 'gzip, gzip' }),
}

/**
 * @param {(content: string) => string | Buffer} spoil
 * @param {Record<string, string>} [headers]
 * @returns {import('./index.js').Fault}
 */
function malformed(spoil, headers) {
  return {
    codes: ['RESPONSE_MALFORMED'],
    act: (exchange) => exchange.send(whole(200, spoil(exchange.content), headers)),
  }
}

module.exports = { bodies }
