'use strict'

const { inspect } = require('node:util')
const { onAbort } = require('./abort.js')
const { NativeClient } = require('./binding.js')
const { checkPath, placePath, readCallOptions, readTokenOptions } = require('./call-options.js')
const { door, expect, settle, FAILED, ABORTED, CLOSED } = require('./door.js')
const { Layer1ClosedError } = require('./errors.js')
const { malformedError, toError } = require('./failure.js')
const { configError, resolveOptions } = require('./options.js')

/** @typedef {import('./failure.js').Place} Place */
/** @typedef {{ kind: number, payload: unknown, attempts: number }} Outcome */
/** @typedef {ReturnType<typeof readTokenOptions>} TokenWish */

/** What a caller without options wishes for. @type {TokenWish} */
const anyToken = { forceRefresh: false, signal: undefined, timeout: undefined }

class Layer1 {
  /** Holds secret and token, out of sight of JavaScript. @type {NativeClient} */
  #native
  #settings
  #isClosed = false
  /** The calls that are not settled. @type {Set<number>} */
  #inFlight = new Set()

  /** @param {import('../index.d.ts').Layer1Options} [options] */
  constructor(options) {
    const { native, ...settings } = resolveOptions(options, process.env)
    this.#settings = { ...settings, clientId: native.clientId, baseUrl: native.baseUrl, tokenUrl: native.tokenUrl }
    try {
      this.#native = new NativeClient(native)
    } catch (error) {
      // The native side's sentence names the option and not its value.
      throw configError(/** @type {Error} */ (error).message)
    }
  }

  /** @param {import('../index.d.ts').TokenOptions | null} [options] */
  async getToken(options) {
    Layer1.#check(this)
    const wish = options === undefined || options === null ? anyToken : readTokenOptions(options)
    this.#assertOpen()
    // The way of nearly every call: a token that is fresh needs no thread and no promise of our own.
    const fresh = mayBeKept(wish) ? this.#native.freshToken() : null
    return fresh ?? /** @type {string} */ (await this.#token(wish, false))
  }

  /** @param {import('../index.d.ts').TokenOptions | null} [options] */
  async getTokenInfo(options) {
    Layer1.#check(this)
    const wish = readTokenOptions(options)
    this.#assertOpen()
    const fresh = mayBeKept(wish) ? this.#native.freshTokenInfo() : null
    const { accessToken, tokenType, expiresAt, scope } =
      fresh ?? /** @type {import('./binding.d.ts').TokenInfoData} */ (await this.#token(wish, true))
    return { accessToken, tokenType, expiresAt: new Date(expiresAt), scope }
  }

  /**
   * @param {string} path
   * @param {import('../index.d.ts').CallOptions | null} [options]
   */
  async get(path, options) {
    Layer1.#check(this)
    return await this.#call('GET', path, options)
  }

  invalidateToken() {
    Layer1.#check(this)
    this.#assertOpen()
    this.#native.invalidateToken()
  }

  stats() {
    Layer1.#check(this)
    this.#assertOpen()
    const counted = /** @type {import('./binding.d.ts').NativeStats} */ (this.#native.stats())
    return { ...counted, inFlight: this.#inFlight.size }
  }

  async close() {
    Layer1.#check(this)
    if (this.#isClosed) {
      return
    }
    this.#isClosed = true
    this.#native.close()
    for (const id of [...this.#inFlight]) {
      settle(id, CLOSED, undefined)
    }
  }

  async [Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose')]() {
    await this.close()
  }

  [inspect.custom](/** @type {number} */ _depth, /** @type {import('node:util').InspectOptionsStylized} */ options) {
    // Something that only inherits from a client is inspected too, by loggers.
    return #settings in this ? `Layer1 ${inspect(this.#settings, options)}` : 'Layer1 {}'
  }

  /**
   * @param {string} method
   * @param {unknown} givenPath
   * @param {unknown} options
   * @returns {Promise<any>}
   */
  async #call(method, givenPath, options) {
    const path = checkPath(givenPath, method)
    const place = { method, path: placePath(path) }
    const { query, headers, signal, responseType, ...given } = readCallOptions(options, place)
    const { timeout = this.#settings.timeout, maxRetries = this.#settings.maxRetries } = given
    this.#assertOpen(place)
    const asBytes = responseType === 'buffer'
    const { kind, payload, attempts } = await this.#start(signal, (id) =>
      this.#native.call(door(), id, method, path, query, headers, asBytes, timeout, maxRetries),
    )
    throwUnlessAnswered(kind, payload, place)
    if (responseType !== 'json') {
      return payload
    }
    return parseJson(/** @type {string} */ (payload), kind, attempts, place)
  }

  /**
   * @param {TokenWish} wish
   * @param {boolean} withInfo
   */
  async #token({ forceRefresh, signal, timeout = this.#settings.timeout }, withInfo) {
    const { kind, payload } = await this.#start(signal, (id) =>
      this.#native.requestToken(door(), id, forceRefresh, withInfo, timeout),
    )
    throwUnlessAnswered(kind, payload, {})
    return payload
  }

  /**
   * Starts native work and waits for its end, its caller's abort, or the end of this client.
   *
   * @param {AbortSignal | undefined} signal
   * @param {(id: number) => void} begin
   * @returns {Promise<Outcome>}
   */
  #start(signal, begin) {
    if (signal?.aborted) {
      return Promise.resolve({ kind: ABORTED, payload: signal.reason, attempts: 0 })
    }
    return new Promise((resolve) => {
      /** @type {(() => void) | undefined} */
      let endInterest
      const id = expect((kind, payload, attempts = 0) => {
        this.#inFlight.delete(id)
        endInterest?.()
        resolve({ kind, payload, attempts })
      })
      this.#inFlight.add(id)
      if (signal) {
        endInterest = onAbort(signal, () => {
          this.#native.cancel(id)
          settle(id, ABORTED, signal.reason)
        })
      }
      try {
        begin(id)
      } catch (error) {
        settle(id, FAILED, internalFailure(error))
      }
    })
  }

  /** @param {Place} [place] */
  #assertOpen(place) {
    if (this.#isClosed) {
      throw closedError(place ?? {})
    }
  }

  /** @param {unknown} value */
  static #check(value) {
    if (typeof value !== 'object' || value === null || !(#native in value)) {
      throw new TypeError('This method was called without its client: call it as client.method(), or bind it first.')
    }
  }
}

/**
 * Tells whether the present token will do, if it is fresh.
 *
 * @param {TokenWish} wish
 */
function mayBeKept({ forceRefresh, signal }) {
  return !forceRefresh && !signal?.aborted
}

/**
 * @param {number} kind
 * @param {unknown} payload
 * @param {Place} place
 */
function throwUnlessAnswered(kind, payload, place) {
  if (kind > FAILED) {
    return
  }
  if (kind === ABORTED) {
    throw payload
  }
  throw kind === CLOSED ? closedError(place) : toError(/** @type {import('./failure.js').Failure} */ (payload), place)
}

/**
 * @param {string} text
 * @param {number} status
 * @param {number} attempts
 * @param {Place} place
 */
function parseJson(text, status, attempts, place) {
  if (text === '') {
    return null
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw malformedError({ status, attempts, text, cause: error }, place)
  }
}

/** @param {Place} place */
function closedError(place) {
  const message = 'this client is closed: use it before close(), or make a new one.'
  return new Layer1ClosedError(message, { code: 'ERR_LAYER1_CLOSED', attempts: 0, retryable: false, ...place })
}

/**
 * @param {unknown} error
 * @returns {import('./failure.js').Failure}
 */
function internalFailure(error) {
  const message = error instanceof Error ? error.message : 'the native side could not begin the call'
  return { code: 'ERR_LAYER1_INTERNAL', message, attempts: 0, retryable: false }
}

module.exports = { Layer1 }
