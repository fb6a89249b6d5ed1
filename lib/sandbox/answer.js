'use strict'

const { gzipSync, constants } = require('node:zlib')

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {Record<string, string | string[]>} [headers] lower-case names
 * @property {string} [body]
 * @property {Buffer} [bytes] the body's bytes, kept here when first sent
 * @property {Buffer} [gzipped] the same, compressed
 */

const JSON_TYPE = 'application/json'

/** Bytes; below it, compressing costs more than it saves. */
const MIN_GZIP_LENGTH = 1024

/**
 * Send an answer, compressed if it may be, if that is asked for, and if it pays.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {Answer} answer
 * @param {boolean} compressible
 */
function sendAnswer(request, response, answer, compressible) {
  const headers = { ...answer.headers }
  answer.bytes ??= Buffer.from(answer.body ?? '')
  let bytes = answer.bytes
  if (compressible && bytes.length > MIN_GZIP_LENGTH && !('content-encoding' in headers)) {
    headers.vary ??= 'accept-encoding'
    if (acceptsGzip(request.headers['accept-encoding'])) {
      // Level 1: this server is for speed, not for size.
      answer.gzipped ??= gzipSync(bytes, { level: constants.Z_BEST_SPEED })
      bytes = answer.gzipped
      headers['content-encoding'] = 'gzip'
    }
  }
  const hasBody = answer.status !== 204 && answer.status !== 304
  if (hasBody) headers['content-length'] ??= String(bytes.length)
  response.writeHead(answer.status, headers)
  response.end(hasBody && request.method !== 'HEAD' ? bytes : undefined)
}

/** @param {string | string[] | undefined} header */
function acceptsGzip(header) {
  return /(^|,)\s*(gzip|\*)\s*(;\s*q\s*=\s*(0\.0*[1-9]\d*|1(\.0*)?)\s*)?(,|$)/i.test(String(header ?? ''))
}

module.exports = { JSON_TYPE, sendAnswer }
