'use strict'

const { sendAnswer } = require('./answer')
const { apiError, oauthError } = require('./errors')
const { answerRealmRequest } = require('./realm')
const { recordBody } = require('./requests')

/** @typedef {import('./answer').Answer} Answer */
/** @typedef {import('./index').SandboxRequest} SandboxRequest */
/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:http').ServerResponse} ServerResponse */

/**
 * @typedef {object} Services all that answering takes
 * @property {import('./requests').RequestLog} log
 * @property {import('./failures').Failures} failures
 * @property {import('./waits').Waits} waits
 * @property {import('./realm').Realm} realm
 * @property {import('./digital-api').DigitalApi} api
 * @property {number} latency ms
 * @property {() => number} now ms since the epoch
 */

/** Bytes; far more than any documented request needs, and little enough to keep in the log. */
const MAX_BODY_LENGTH = 1024 * 1024

/**
 * Serve one request: log it, let a plan have its way with it, answer it. Never rejects.
 *
 * @param {Services} services
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 */
async function serve(services, request, response) {
  const entry = services.log.add(request, new Date(services.now()))
  try {
    const body = await readBody(request)
    if (body !== undefined) recordBody(entry, request, body.toString())
    const failure = services.failures.take(entry)
    // The answer is made before the wait: what is slow is the way back, and a token ages on it.
    const answer = failure?.answer ?? answerRequest(services, entry, request, body)
    const delay = (failure?.delay ?? 0) + (entry.endpoint === 'api' ? services.latency : 0)
    if (delay > 0 && !(await services.waits.wait(delay))) return
    if (failure?.disconnect) request.socket.destroy()
    else reply(services, entry, request, response, answer)
  } catch (error) {
    // A client that goes away while its body is read is no news; anything else must not end the host's process.
    if (request.socket.destroyed) return
    reply(services, entry, request, response, apiError(500, `The sandbox failed: ${error}`))
  }
}

/**
 * @param {Services} services
 * @param {SandboxRequest} entry
 * @param {IncomingMessage} request
 * @param {Buffer | undefined} body `undefined` if it is too long
 * @returns {Answer}
 */
function answerRequest({ realm, api }, entry, request, body) {
  const { headers } = request
  const { method, path } = entry
  if (entry.endpoint === 'api') {
    if (body === undefined) return apiError(413, `The body is longer than ${MAX_BODY_LENGTH} bytes.`)
    return api.answer({ method, url: request.url ?? path, path, headers, body })
  }
  if (body === undefined) return oauthError(413, 'HTTP 413 Request Entity Too Large')
  const { authorization, 'content-type': contentType } = headers
  return answerRealmRequest(realm, method, path, { contentType, authorization, body: body.toString() })
}

/**
 * @param {Services} services
 * @param {SandboxRequest} entry
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {Answer} answer
 */
function reply({ now }, entry, request, response, answer) {
  // Writing to a response whose client is gone would emit an error nobody listens to.
  if (response.destroyed || response.headersSent) return
  entry.status = answer.status
  if (now !== Date.now) response.setHeader('date', new Date(now()).toUTCString())
  // Keycloak compresses nothing.
  sendAnswer(request, response, answer, entry.endpoint === 'api')
}

/**
 * Read a request's body; `undefined` if it is too long. It is read to its end all the same, so the connection stays usable.
 *
 * @param {IncomingMessage} request
 */
async function readBody(request) {
  const { 'content-length': contentLength, 'transfer-encoding': transferEncoding } = request.headers
  if (contentLength === undefined && transferEncoding === undefined) return Buffer.alloc(0)
  /** @type {Buffer[]} */
  const chunks = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length <= MAX_BODY_LENGTH) chunks.push(chunk)
  }
  return length <= MAX_BODY_LENGTH ? Buffer.concat(chunks) : undefined
}

module.exports = { serve }
