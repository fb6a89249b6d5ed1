'use strict'

const { apiError } = require('./errors')
const { ROUTES } = require('./routes')

/** @typedef {import('./answer').Answer} Answer */
/** @typedef {import('./routes').Operation} Operation */
/** @typedef {import('./routes').Route} Route */
/** @typedef {import('./signatures').SignedRequest} SignedRequest */

/** A pattern of the route table with `{id}` in it, ready to match. */
const PATTERNS = Object.entries(ROUTES)
  .filter(([path]) => path.includes('{id}'))
  .map(([path, route]) => ({ pattern: new RegExp(`^${path.replace('{id}', '([^/]+)')}$`), route }))

/** The data never changes, so an answer is made once; this many are kept. */
const MAX_KEPT_ANSWERS = 256

/** The API of one sandbox, behind its authentication. */
class DigitalApi {
  /** @type {Map<string, Answer>} */
  #kept = new Map()
  #authentication

  /** @param {import('./authentication').Authentication} authentication */
  constructor(authentication) {
    this.#authentication = authentication
  }

  /**
   * Answer a request: 401 before all else, then 404, 405, 403, and what the route says.
   *
   * @param {SignedRequest & { path: string }} request
   * @returns {Answer}
   */
  answer(request) {
    const { method: given, url, path } = request
    const { caller, refusal } = this.#authentication.check(request)
    if (refusal) return refusal
    const found = findRoute(path)
    if (!found) return apiError(404, `There is nothing at ${path}.`)

    const method = given === 'HEAD' ? 'GET' : given
    const operation = Object.hasOwn(found.route, method) ? found.route[method] : undefined
    if (!operation) return methodNotAllowed(given, found.route)
    if (!caller.scopes.has(operation.scope)) return insufficientScope(operation.scope)
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
