'use strict'

const { generateKeyPairSync, getCurves, sign } = require('node:crypto')
const http = require('node:http')
const https = require('node:https')
const { setTimeout: wait } = require('node:timers/promises')
const { JSON_TYPE } = require('./answer')
const { checkObject, milliseconds, text } = require('./check')

/** @typedef {import('./index').SandboxWebhook} SandboxWebhook */
/** @typedef {import('./index').WebhookAttempt} WebhookAttempt */
/** @typedef {import('./index').WebhookOptions} WebhookOptions */

/** As often does Layer1 deliver a webhook that is not answered with 200. */
const MAX_ATTEMPTS = 100
/** ms; Layer1's own waits grow up to 15 minutes, which is too long for a test. */
const DEFAULT_RETRY_DELAY = 100
/** ms; as long does Layer1 wait for an answer. */
const DEFAULT_TIMEOUT = 10_000

/** @type {Record<string, import('./check').Rule>} */
const OPTION_RULES = {
  maxAttempts: {
    test: (value) => Number.isInteger(value) && value >= 1 && value <= MAX_ATTEMPTS,
    sentence: `must be a whole number from 1 to ${MAX_ATTEMPTS}`,
  },
  retryDelay: milliseconds,
  timeout: milliseconds,
  signature: { test: (value) => value === null || isHeaderText(value), sentence: 'must be a header value, or null' },
}
/** @type {Record<string, import('./check').Rule>} */
const WEBHOOK_RULES = {
  event: text,
  timestamp: { test: (value) => value === null || typeof value === 'string', sentence: 'must be a string or null' },
  data: { test: () => true, sentence: 'may be anything' },
}

/** The webhooks of one sandbox: signed with a key of its own, and delivered again until they are taken. */
class Webhooks {
  #closing = new AbortController()
  /** @type {import('node:crypto').KeyPairKeyObjectResult | undefined} */
  #keys
  #now

  /** @param {() => number} now ms since the epoch */
  constructor(now) {
    this.#now = now
  }

  /** As Layer1 shows it: base64 of the SPKI. */
  get publicKey() {
    return this.#keyPair().publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  }

  /**
   * Deliver a webhook, again and again until the answer is 200, exactly.
   *
   * @param {string | URL} url
   * @param {SandboxWebhook | string | Uint8Array} webhook
   * @param {WebhookOptions} options
   * @returns {Promise<import('./index').WebhookReport>}
   */
  async send(url, webhook, options) {
    checkObject('the options of sendWebhook', options, OPTION_RULES)
    const { maxAttempts = MAX_ATTEMPTS, retryDelay = DEFAULT_RETRY_DELAY, timeout = DEFAULT_TIMEOUT } = options
    const target = readUrl(url)
    const body = this.#bodyOf(webhook)
    const signature =
      options.signature === undefined
        ? sign('sha256', body, this.#keyPair().privateKey).toString('base64')
        : options.signature
    if (this.#closing.signal.aborted) throw new Error('The sandbox is closed, and sends no webhooks.')

    /** @type {WebhookAttempt[]} */
    const attempts = []
    while (true) {
      const attempt = await this.#deliver(target, body, signature, timeout)
      attempts.push(attempt)
      const delivered = attempt.status === 200
      const isLast = delivered || attempts.length >= maxAttempts
      if (isLast || !(await this.#pause(retryDelay))) return { delivered, attempts, body: body.toString(), signature }
    }
  }

  /** Made when it is needed: not every runtime knows this curve, and most tests send no webhooks. */
  #keyPair() {
    if (!getCurves().includes('secp256k1')) {
      throw new Error(
        'The sandbox cannot sign webhooks here: the cryptography of this runtime does not know secp256k1. Run it on Node.js.',
      )
    }
    this.#keys ??= generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    return this.#keys
  }

  /** End all deliveries. */
  end() {
    this.#closing.abort()
  }

  /** @param {SandboxWebhook | string | Uint8Array} webhook */
  #bodyOf(webhook) {
    if (typeof webhook === 'string' || webhook instanceof Uint8Array) return Buffer.from(webhook)
    checkObject('a webhook', webhook, WEBHOOK_RULES)
    if (webhook.event === undefined) throw new TypeError('A webhook needs an "event".')
    const { event, timestamp = nanoseconds(this.#now()), data = {} } = webhook
    // With blanks, so that a receiver who checks what it parsed and wrote anew fails here, not in production.
    return Buffer.from(JSON.stringify({ event, timestamp, data }, null, 2))
  }

  /**
   * Resolves to `false` if the sandbox was closed meanwhile.
   *
   * @param {number} delay ms
   */
  async #pause(delay) {
    try {
      await wait(delay, undefined, { signal: this.#closing.signal })
      return true
    } catch {
      return false
    }
  }

  /**
   * @param {URL} url
   * @param {Buffer} body
   * @param {string | null} signature
   * @param {number} timeout ms
   * @returns {Promise<WebhookAttempt>}
   */
  #deliver(url, body, signature, timeout) {
    const headers = {
      'content-type': JSON_TYPE,
      'content-length': String(body.length),
      ...(signature === null ? {} : { 'x-signature': signature }),
    }
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeout)])
    const { request } = url.protocol === 'https:' ? https : http
    return new Promise((resolve) => {
      // No agent: a receiver that is closed must not wait for a connection that is kept.
      const outgoing = request(url, { method: 'POST', headers, signal, agent: false }, (response) => {
        resolve({ status: response.statusCode ?? 0 })
        response.on('error', () => {}).resume()
      })
      outgoing.on('error', (error) => resolve({ status: 0, error: describe(error, signal, timeout) }))
      outgoing.end(body)
    })
  }
}

/**
 * @param {Error} error
 * @param {AbortSignal} signal
 * @param {number} timeout ms
 */
function describe(error, signal, timeout) {
  const isLate = signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError'
  return isLate ? `There was no answer within ${timeout} ms.` : error.message
}

/** @param {string | URL} url */
function readUrl(url) {
  const parsed = URL.canParse(String(url)) ? new URL(url) : undefined
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed
  throw new TypeError('A webhook is sent to an http or https URL.')
}

/**
 * Write a time as webhooks have it, with nanoseconds.
 *
 * @param {number} time ms since the epoch
 */
function nanoseconds(time) {
  return new Date(time).toISOString().replace('Z', '000000Z')
}

/** @param {unknown} value */
function isHeaderText(value) {
  return typeof value === 'string' && !/[^\t\x20-\x7e]/.test(value)
}

exports.Webhooks = Webhooks
