'use strict'

const { apiError } = require('./errors')
const { ROUTES } = require('./routes')

/** @typedef {import('./answer').Answer} Answer */
/** @typedef {import('./routes').Operation} Operation */
/** @typedef {import('./routes').Route} Route */
/** @typedef {import('./tokens').Grant} Grant */
/** @typedef {import('./tokens').Tokens} Tokens */

/** A pattern of the route table with `{id}` in it, ready to match. */
const PATTERNS = Object.entries(ROUTES)
  .filter(([path]) => path.includes('{id}'))
  .map(([path, route]) => ({ pattern: new RegExp(`^${path.replace('{id}', '([^/]+)')}$`), route }))

/** The data never changes, so an answer is made once; this many are kept. */
const MAX_KEPT_ANSWERS = 256

/** The API of one sandbox, behind its tokens. */
class DigitalApi {
  /** @type {Map<string, Answer>} */
  #kept = new Map()
  #tokens

  /** @param {Tokens} tokens */
  constructor(tokens) {
    this.#tokens = tokens
  }

  /**
   * Answer a request: 401 before all else, then 404, 405, 403, and what the route says.
   *
   * @param {{ method: string, url: string, path: string, authorization: string | undefined }} request
   * @returns {Answer}
   */
  answer({ method: given, url, path, authorization }) {
    const { grant, refusal } = authorize(this.#tokens, authorization)
    if (refusal) return refusal
    const found = findRoute(path)
    if (!found) return apiError(404, `There is nothing at ${path}.`)

    const method = given === 'HEAD' ? 'GET' : given
    const operation = Object.hasOwn(found.route, method) ? found.route[method] : undefined
    if (!operation) return methodNotAllowed(given, found.route)
    if (!grant.scopes.has(operation.scope)) return insufficientScope(operation.scope)
    return method === 'GET' ? this.#once(url, () => call(operation, url, found.id)) : call(operation, url, found.id)
  }

  /**
   * @param {string} url
   * @param {() => Answer} make
   */
  #once(url, make) {
    const kept = this.#kept.get(url)
    if (kept) return kept
    const answer = make()
    if (this.#kept.size >= MAX_KEPT_ANSWERS) this.#kept.clear()
    this.#kept.set(url, answer)
    return answer
  }
}

/**
 * Check the bearer token of a request (RFC 6750).
 *
 * @param {Tokens} tokens
 * @param {string | undefined} authorization
 * @returns {{ grant: Grant, refusal?: undefined } | { grant?: undefined, refusal: Answer }}
 */
function authorize(tokens, authorization) {
  const match = /^Bearer +(.*)$/i.exec(authorization ?? '')
  if (!match) return { refusal: unauthorized('Full authentication is required to access this resource.') }
  const token = match[1] ?? ''
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return { refusal: unauthorized('The token is malformed.', true) }
  const grant = tokens.find(token)
  return grant ? { grant } : { refusal: unauthorized('The token is unknown, revoked or expired.', true) }
}

/**
 * @param {string} message
 * @param {boolean} [hadToken] a request without a token gets the bare challenge (RFC 6750 §3.1)
 */
function unauthorized(message, hadToken = false) {
  const reason = hadToken ? `, error="invalid_token", error_description="${message}"` : ''
  return apiError(401, message, { headers: { 'www-authenticate': `Bearer realm="bvnk"${reason}` } })
}

/** @param {string} scope */
function insufficientScope(scope) {
  const challenge = `Bearer realm="bvnk", error="insufficient_scope", scope="${scope}"`
  return apiError(403, `The token lacks the scope ${scope}.`, { headers: { 'www-authenticate': challenge } })
}

/**
 * @param {string} method
 * @param {Route} route
 */
function methodNotAllowed(method, route) {
  const allow = Object.keys(route).join(', ')
  return apiError(405, `${method} is not supported here.`, { headers: { allow } })
}

/**
 * @param {string} path
 * @returns {{ route: Route, id: string } | undefined}
 */
function findRoute(path) {
  const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined
  if (route) return { route, id: '' }
  for (const candidate of PATTERNS) {
    const match = candidate.pattern.exec(path)
    if (match) return { route: candidate.route, id: decodeSegment(match[1] ?? '') }
  }
  return undefined
}

/** @param {string} segment */
function decodeSegment(segment) {
  try {
    return decodeURIComponent(segment)
  } catch {
    // It names nothing, decoded or not.
    return segment
  }
}

/**
 * @param {Operation} operation
 * @param {string} url
 * @param {string} id
 */
function call(operation, url, id) {
  const question = url.indexOf('?')
  return operation.answer({ query: new URLSearchParams(question === -1 ? '' : url.slice(question + 1)), id })
}

exports.DigitalApi = DigitalApi
