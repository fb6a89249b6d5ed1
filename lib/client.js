'use strict'

const { inspect } = require('node:util')
const { readAnswer, throwUnlessAnswered, closedError } = require('./answer.js')
const { NativeClient } = require('./binding.js')
const { checkBody, checkMethod, checkPath, placePath, readCallOptions } = require('./call-options.js')
const { configError } = require('./config-readers.js')
const { natively } = require('./defect.js')
const { areTokensWatched, isWatched, watchRequest, watchTokens } = require('./diagnostics.js')
const { door } = require('./door.js')
const { flagsOf } = require('./flags.js')
const { override, toHookHeaders } = require('./headers.js')
const { InFlight } = require('./in-flight.js')
const { readCredentials, resolveOptions } = require('./options.js')
const { paginate } = require('./paginate.js')
const { readTokenOptions, readWarmUpOptions } = require('./token-options.js')
const tokenStores = require('./token-store.js')

/** @typedef {import('./failure.js').Place} Place */
/** @typedef {import('./diagnostics.js').Watch} Watch */
/** @typedef {ReturnType<typeof readCallOptions>} CallWish */
/** @typedef {ReturnType<typeof readTokenOptions>} TokenWish */

/** What a caller without options wishes for. @type {TokenWish} */
const anyToken = { forceRefresh: false, signal: undefined, timeout: undefined }

class Layer1 {
  /** Holds secret and token, out of sight of JavaScript. @type {NativeClient} */
  #native
  #settings
  #isClosed = false
  /** Kept here, and nowhere else. @type {{ kept: import('./token-store.js').TokenStore, id: number } | undefined} */
  #store
  #inFlight = new InFlight((id) => this.#native.cancel(id))

  /** @param {import('../index.d.ts').Layer1Options | null} [options] */
  constructor(options) {
    const { native, tokenStore, ...settings } = resolveOptions(options, process.env)
    this.#settings = {
      ...settings,
      clientId: native.clientId,
      baseUrl: native.baseUrl,
      tokenUrl: withoutQuery(native.tokenUrl),
    }
    this.#native = natively(() => new NativeClient(native), toConfigError)
    if (tokenStore !== undefined) {
      this.#store = { kept: tokenStore, id: tokenStores.admit(tokenStore) }
      const { id } = this.#store
      natively(() => this.#native.useStore(door(), id, tokenStore.methods.acquire !== undefined), toConfigError)
    }
  }

  /** @param {import('../index.d.ts').TokenOptions | null} [options] */
  async getToken(options) {
    Layer1.#check(this)
    const wish = options === undefined || options === null ? anyToken : readTokenOptions(options)
    this.#assertOpen()
    // The way of nearly every call: a token that is fresh needs no thread and no promise of our own.
    const fresh = mayBeKept(wish) ? natively(() => this.#native.freshToken()) : null
    return fresh ?? /** @type {string} */ (await this.#token(wish, false))
  }

  /** @param {import('../index.d.ts').TokenOptions | null} [options] */
  async getTokenInfo(options) {
    Layer1.#check(this)
    const wish = readTokenOptions(options)
    this.#assertOpen()
    const fresh = mayBeKept(wish) ? natively(() => this.#native.freshTokenInfo()) : null
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
    return await this.#call('GET', path, undefined, options)
  }

  /**
   * @param {string} path
   * @param {unknown} [body]
   * @param {import('../index.d.ts').CallOptions | null} [options]
   */
  async post(path, body, options) {
    Layer1.#check(this)
    return await this.#call('POST', path, body, options)
  }

  /**
   * @param {string} path
   * @param {unknown} [body]
   * @param {import('../index.d.ts').CallOptions | null} [options]
   */
  async put(path, body, options) {
    Layer1.#check(this)
    return await this.#call('PUT', path, body, options)
  }

  /**
   * @param {string} path
   * @param {unknown} [body]
   * @param {import('../index.d.ts').CallOptions | null} [options]
   */
  async patch(path, body, options) {
    Layer1.#check(this)
    return await this.#call('PATCH', path, body, options)
  }

  /**
   * @param {string} path
   * @param {import('../index.d.ts').CallOptions | null} [options]
   */
  async delete(path, options) {
    Layer1.#check(this)
    return await this.#call('DELETE', path, undefined, options)
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {import('../index.d.ts').RequestOptions | null} [options]
   */
  async request(method, path, options) {
    Layer1.#check(this)
    return await this.#call(checkMethod(method, path), path, undefined, options, true)
  }

  /**
   * @param {string} path
   * @param {import('../index.d.ts').PageOptions | null} [options]
   */
  paginate(path, options) {
    Layer1.#check(this)
    return paginate((path, options) => this.#call('GET', path, undefined, options), path, options)
  }

  invalidateToken() {
    Layer1.#check(this)
    this.#assertOpen()
    natively(() => this.#native.invalidateToken())
  }

  /** @param {import('../index.d.ts').Layer1Credentials} credentials */
  setCredentials(credentials) {
    Layer1.#check(this)
    const { clientId, clientSecret, privateKey, keyId } = readCredentials(credentials)
    this.#assertOpen()
    natively(() => this.#native.setCredentials(clientId, clientSecret, privateKey, keyId), toConfigError)
    this.#settings = { ...this.#settings, clientId: clientId ?? this.#settings.clientId }
  }

  /** @param {import('../index.d.ts').WarmUpOptions | null} [options] */
  async warmUp(options) {
    Layer1.#check(this)
    const { signal, timeout = this.#settings.timeout } = readWarmUpOptions(options)
    this.#assertOpen()
    const watch = this.#tokenWatch()
    const { kind, payload } = await this.#inFlight.start(signal, watch, (id) =>
      this.#native.warmUp(door(), id, timeout, watch !== undefined),
    )
    throwUnlessAnswered(kind, payload, {})
  }

  stats() {
    Layer1.#check(this)
    this.#assertOpen()
    const counted = /** @type {import('./binding.d.ts').NativeStats} */ (natively(() => this.#native.stats()))
    return { ...counted, inFlight: this.#inFlight.size }
  }

  async close() {
    Layer1.#check(this)
    if (this.#isClosed) {
      return
    }
    this.#isClosed = true
    this.#native.close()
    if (this.#store !== undefined) {
      tokenStores.dismiss(this.#store.id)
    }
    this.#inFlight.close()
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
   * @param {unknown} givenBody
   * @param {unknown} options
   * @param {boolean} [isRequest] whether the whole response is wanted, and the body is among the options
   * @returns {Promise<any>}
   */
  async #call(method, givenPath, givenBody, options, isRequest = false) {
    const path = checkPath(givenPath, method)
    const place = { method, path: placePath(path) }
    const wish = readCallOptions(options, place, isRequest)
    const body = checkBody(isRequest ? wish.body : givenBody, place)
    this.#assertOpen(place)
    /** @param {Watch} [watch] @param {string[]} [more] headers that a watcher adds */
    const perform = async (watch, more) => {
      const headers = more ? override(wish.headers ?? [], more) : wish.headers
      const flags = flagsOf(wish, { sendsJson: body.isJson, wantsHeaders: isRequest, isTraced: watch !== undefined })
      const { timeout = this.#settings.timeout, maxRetries = this.#settings.maxRetries } = wish
      const outcome = await this.#inFlight.start(wish.signal, watch, (id) =>
        this.#native.call(door(), id, method, path, wish.query, headers, body.content, flags, timeout, maxRetries),
      )
      return readAnswer(outcome, wish.responseType, isRequest, place)
    }
    if (!isWatched()) {
      return await perform()
    }
    return await watchRequest(place, this.#settings, (watch, event) =>
      perform(watch, toHookHeaders(event.headers, place)),
    )
  }

  /**
   * @param {TokenWish} wish
   * @param {boolean} withInfo
   */
  async #token({ forceRefresh, signal, timeout = this.#settings.timeout }, withInfo) {
    const watch = this.#tokenWatch()
    const { kind, payload } = await this.#inFlight.start(signal, watch, (id) =>
      this.#native.requestToken(door(), id, forceRefresh, withInfo, timeout, watch !== undefined),
    )
    throwUnlessAnswered(kind, payload, {})
    return payload
  }

  /** @returns {Watch | undefined} */
  #tokenWatch() {
    return areTokensWatched() ? watchTokens(this.#settings) : undefined
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
 * Tells whether the present token will do, if it is fresh. A watcher is to hear of a renewal that its use begins.
 *
 * @param {TokenWish} wish
 */
function mayBeKept({ forceRefresh, signal }) {
  return !forceRefresh && !signal?.aborted && !areTokensWatched()
}

/** @param {string} url whose query may hold a key */
function withoutQuery(url) {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}

/** @param {Error} refusal its sentence names the option and not its value */
function toConfigError(refusal) {
  return configError(refusal.message)
}

module.exports = { Layer1 }
