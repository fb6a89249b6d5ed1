'use strict'

const { readCredentials } = require('./credentials')
const { parseForm } = require('./form')
const { TOKEN_PATH, realmPath } = require('./realm')

/** @typedef {import('./index').SandboxRequest} SandboxRequest */
/** @typedef {import('node:http').IncomingMessage} IncomingMessage */

/** Enough for a test that looks back; some 10 MB without bodies. */
const MAX_REQUESTS = 10_000

const MASK = '[redacted]'
const SECRET_PARAMETERS = new Set(['client_secret', 'client_assertion', 'token'])

/** The log behind `sandbox.requests`. It never holds a client's secret. */
class RequestLog {
  /** @type {SandboxRequest[]} */
  entries = []
  /** @type {WeakMap<import('node:net').Socket, number>} */
  #connections = new WeakMap()
  #connectionCount = 0

  /** @param {import('node:net').Socket} socket */
  addConnection(socket) {
    this.#connectionCount += 1
    this.#connections.set(socket, this.#connectionCount)
  }

  /**
   * Enter a request that has just arrived.
   *
   * @param {IncomingMessage} request
   * @param {Date} at
   * @returns {SandboxRequest}
   */
  add(request, at) {
    const url = request.url ?? '/'
    const question = url.indexOf('?')
    const path = question === -1 ? url : url.slice(0, question)
    const endpoint = endpointOf(path)
    /** @type {SandboxRequest} */
    const entry = {
      endpoint,
      method: request.method ?? 'GET',
      path,
      query: question === -1 ? {} : readQuery(url.slice(question + 1), endpoint !== 'api'),
      headers: readHeaders(request, endpoint !== 'api'),
      status: 0,
      at,
      connection: this.#connections.get(request.socket) ?? 0,
    }
    this.entries.push(entry)
    if (this.entries.length > MAX_REQUESTS) this.entries.shift()
    return entry
  }

  clear() {
    this.entries.length = 0
  }
}

/**
 * Add what may be kept of a request's body.
 *
 * @param {SandboxRequest} entry
 * @param {IncomingMessage} request
 * @param {string} body
 */
function recordBody(entry, request, body) {
  if (entry.endpoint === 'api') {
    if (body !== '') entry.body = body
  } else if (entry.endpoint === 'token') {
    recordGrant(entry, request, body)
  }
}

/**
 * @param {SandboxRequest} entry
 * @param {IncomingMessage} request
 * @param {string} body
 */
function recordGrant(entry, request, body) {
  try {
    const form = parseForm(request.headers['content-type'], body)
    const grantType = form.get('grant_type')?.[0]
    const clientId = readCredentials(request.headers.authorization, form)?.clientId
    if (grantType !== undefined) entry.grantType = grantType
    if (clientId !== undefined) entry.clientId = clientId
  } catch (error) {
    // A broken form has no grant type to record; answering it is the token endpoint's part.
    if (!(error instanceof URIError)) throw error
  }
}

/** @param {string} path */
function endpointOf(path) {
  if (realmPath(path) === TOKEN_PATH) return 'token'
  return path.startsWith('/auth/') ? 'realm' : 'api'
}

/**
 * @param {string} text
 * @param {boolean} masked whether credentials in it are masked
 */
function readQuery(text, masked) {
  /** @type {Map<string, string | string[]>} */
  const query = new Map()
  for (const [name, given] of new URLSearchParams(text)) {
    const value = masked && SECRET_PARAMETERS.has(name) ? MASK : given
    const earlier = query.get(name)
    query.set(name, earlier === undefined ? value : [earlier, value].flat())
  }
  return Object.fromEntries(query)
}

/**
 * @param {IncomingMessage} request
 * @param {boolean} masked whether credentials in them are masked
 */
function readHeaders(request, masked) {
  const headers = /** @type {Record<string, string | string[]>} */ ({ ...request.headers })
  const { authorization } = request.headers
  if (masked && authorization) headers.authorization = /^basic /i.test(authorization) ? `Basic ${MASK}` : MASK
  return headers
}

exports.RequestLog = RequestLog
exports.recordBody = recordBody
