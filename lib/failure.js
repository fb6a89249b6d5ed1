'use strict'
// Failures of the native side, which come as plain data, made into the errors that callers see.

const errors = require('./errors.js')

/**
 * @typedef {object} Failure what went wrong, as the door hands it over
 * @property {import('../index.d.ts').Layer1ErrorCode} code
 * @property {string} message
 * @property {string} [endpoint]
 * @property {number} attempts
 * @property {boolean} retryable
 * @property {string} [note] why it was not tried again; part of the message, but for an answer of the API
 * @property {number} [status]
 * @property {string} [oauthError]
 * @property {string} [oauthErrorDescription]
 * @property {string} [oauthErrorUri]
 * @property {string[]} [headers] names and values, laid out flat
 * @property {string} [body]
 * @property {string} [host]
 * @property {number} [port]
 * @property {string} [phase]
 * @property {string} [reason] the innermost reason of a connection that failed
 * @property {Failure[]} [earlier] what ended the attempt before, if there was one
 */

/** @typedef {{ method?: string | undefined, path?: string | undefined }} Place the call that failed; its path without the query */

/** @type {Record<string, typeof errors.Layer1Error>} */
const classes = {
  ERR_LAYER1_CONFIG: errors.Layer1ConfigError,
  ERR_LAYER1_REQUEST: errors.Layer1RequestError,
  ERR_LAYER1_AUTH: errors.Layer1AuthError,
  ERR_LAYER1_API: errors.Layer1ApiError,
  ERR_LAYER1_CONNECT: errors.Layer1ConnectionError,
  ERR_LAYER1_DNS: errors.Layer1ConnectionError,
  ERR_LAYER1_TLS: errors.Layer1ConnectionError,
  ERR_LAYER1_PROXY: errors.Layer1ConnectionError,
  ERR_LAYER1_CONNECTION_LOST: errors.Layer1ConnectionError,
  ERR_LAYER1_TIMEOUT: errors.Layer1TimeoutError,
  ERR_LAYER1_RESPONSE_MALFORMED: errors.Layer1ResponseError,
  ERR_LAYER1_RESPONSE_TOO_LARGE: errors.Layer1ResponseError,
  ERR_LAYER1_REDIRECT: errors.Layer1ResponseError,
}

/**
 * Makes the error of a failed call.
 *
 * @param {Failure} failure
 * @param {Place} place
 */
function toError(failure, place) {
  const { message, note, headers, body, reason, earlier, ...details } = failure
  const type = classes[failure.code] ?? errors.Layer1Error
  const cause = causeOf(reason, earlier?.[0], place)
  if (failure.code === 'ERR_LAYER1_API') {
    return apiError({ ...details, cause }, note, toHeaders(headers ?? []), body ?? '', place)
  }
  return new type(`${where(place)}${message}`, { ...details, ...place, cause })
}

/**
 * Gives the reason behind an error: that of its own connection, or else what ended the attempt before.
 *
 * @param {string | undefined} reason
 * @param {Failure | undefined} earlier
 * @param {Place} place
 * @returns {Error | undefined}
 */
function causeOf(reason, earlier, place) {
  if (reason !== undefined) {
    return new Error(reason)
  }
  return earlier && toError(earlier, place)
}

/**
 * Makes the error of an answer that is not the JSON it should be.
 *
 * @param {{ status: number, attempts: number, text: string, cause: unknown }} answer
 * @param {Place} place
 */
function malformedError({ status, attempts, text, cause }, place) {
  const snippet = JSON.stringify(text.slice(0, LONGEST_SNIPPET))
  return new errors.Layer1ResponseError(
    `${where(place)}the answer with status ${status} is no JSON. It begins: ${snippet}`,
    {
      code: 'ERR_LAYER1_RESPONSE_MALFORMED',
      endpoint: 'api',
      status,
      attempts,
      retryable: false,
      ...place,
      // A SyntaxError says no more than the snippet; too deep a nesting is a RangeError.
      cause: cause instanceof SyntaxError ? undefined : cause,
    },
  )
}

/**
 * @param {Omit<Failure, 'message' | 'note' | 'headers' | 'body' | 'reason' | 'earlier'> & { cause: unknown }} details
 * @param {string | undefined} note
 * @param {Record<string, string | string[]>} headers
 * @param {string} text
 * @param {Place} place
 */
function apiError(details, note, headers, text, place) {
  const body = parseLeniently(text)
  const parts = typeof body === 'object' && body !== null ? /** @type {Record<string, unknown>} */ (body) : {}
  const apiCode = stringOrNone(parts.code)
  const apiStatus = stringOrNone(parts.status)
  const said = stringOrNone(parts.message)
  const heading = [details.status, apiStatus].filter(Boolean).join(' ')
  const reason = [apiCode && ` (${apiCode})`, said && `: ${said.slice(0, LONGEST_REASON)}`].filter(Boolean).join('')
  const message = `Layer1 answered ${heading}${reason}${fieldReasons(parts.details)}${note ? ` ${note}.` : ''}`
  return new errors.Layer1ApiError(`${where(place)}${message}`, {
    ...details,
    ...place,
    apiCode,
    apiStatus,
    details: parts.details,
    body,
    headers,
  })
}

/**
 * Says which fields the API found wrong: `details.errors` holds sentences by field.
 *
 * @param {unknown} details
 */
function fieldReasons(details) {
  const fields = typeof details === 'object' && details !== null ? /** @type {any} */ (details).errors : undefined
  if (typeof fields !== 'object' || fields === null) {
    return ''
  }
  const reasons = Object.entries(fields).flatMap(([field, reason]) => {
    const sentences = [reason].flat().filter((sentence) => typeof sentence === 'string')
    return sentences.length > 0 ? [`${field}: ${sentences.join(', ')}`] : []
  })
  return reasons.length > 0 ? ` [${reasons.join('; ').slice(0, LONGEST_REASON)}]` : ''
}

/**
 * Takes a body as JSON if it is that, as text if not, and nothing as `null`.
 *
 * @param {string} text
 */
function parseLeniently(text) {
  if (text === '') {
    return null
  }
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/**
 * @param {string[]} flat names and values
 * @returns {Record<string, string | string[]>}
 */
function toHeaders(flat) {
  /** @type {Record<string, string | string[]>} */
  const headers = {}
  for (let index = 0; index < flat.length; index += 2) {
    const name = /** @type {string} */ (flat[index])
    const value = /** @type {string} */ (flat[index + 1])
    const earlier = Object.hasOwn(headers, name) ? headers[name] : undefined
    if (name === 'set-cookie') {
      headers[name] = [...(earlier ?? []), value]
    } else if (name !== '__proto__') {
      headers[name] = earlier === undefined ? value : `${earlier}, ${value}`
    }
  }
  return headers
}

/** @param {unknown} value */
function stringOrNone(value) {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** @param {Place} place */
function where({ method, path }) {
  return method ? `${method} ${path}: ` : ''
}

/** How much of a body a message shows, in characters. */
const LONGEST_SNIPPET = 256
const LONGEST_REASON = 512

module.exports = { toError, toHeaders, malformedError }
