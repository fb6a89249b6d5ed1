'use strict'
// All checks, in order. One that fails stops only those that depend on it.

const { checkApi, checkToken } = require('./calls.js')
const { checkCertificate } = require('./certificate.js')
const { checkClock, judgeClock } = require('./clock.js')
const { holds, notTried, ok } = require('./finding.js')
const { checkBinary, checkLibc, checkRuntime } = require('./machine.js')
const { checkName, checkPort } = require('./network.js')
const { bareHost, checkProxy, findProxy, isLoopback, isProxied } = require('./proxy.js')
const { checkRoots } = require('./roots.js')
const { findSettings, judgeSettings, secretsOf } = require('./settings.js')

/** @typedef {import('./finding.js').Finding} Finding */
/** @typedef {import('./finding.js').Verdict} Verdict */
/** @typedef {import('./settings.js').Settings} Settings */
/** @typedef {import('../../index.d.ts').Layer1} Layer1 */

/**
 * @typedef {object} Place a host that calls go to
 * @property {URL} url
 * @property {string} host
 * @property {number} port
 * @property {string} target
 * @property {string | undefined} obstacle why nothing more is to be tried there
 */

/** A network step that takes longer has failed, in ms. */
const LIMIT = 5000

class Examination {
  #options
  #environment
  #limit
  /** What must not be printed. @type {string[]} */
  #secrets = []

  /**
   * @param {Record<string, any>} options of the command line
   * @param {NodeJS.ProcessEnv} environment
   */
  constructor(options, environment) {
    this.#options = options
    this.#environment = environment
    this.#limit = options.timeout ?? LIMIT
  }

  /** Runs the checks one after another. @returns {AsyncGenerator<Finding>} */
  async *findings() {
    for await (const finding of this.#examine()) {
      yield { ...finding, seen: this.#safe(finding.seen), mend: finding.mend && this.#safe(finding.mend) }
    }
  }

  /** @returns {AsyncGenerator<Finding>} */
  async *#examine() {
    const { verdict: binary, Layer1 } = checkBinary()
    yield { check: 'binary', target: null, ...binary }
    yield { check: 'runtime', target: null, ...checkRuntime() }
    yield { check: 'libc', target: null, ...checkLibc() }
    const { settings, verdict, client } = this.#readSettings(Layer1)
    yield { check: 'settings', target: null, ...verdict }
    try {
      yield* this.#examineNetwork(settings, client, holds(binary) ? 'the settings are wrong' : 'there is no binary')
    } finally {
      await client?.close()
    }
  }

  /**
   * @param {typeof import('../../index.d.ts').Layer1} [Layer1]
   * @returns {{ settings: Settings, verdict: Verdict, client?: Layer1 | undefined }}
   */
  #readSettings(Layer1) {
    const settings = findSettings(this.#options, this.#environment)
    this.#secrets = secretsOf(settings)
    const { client, refusal } = makeClient(settings, Layer1)
    return { settings, verdict: judgeSettings(settings, this.#environment, refusal), client }
  }

  /**
   * @param {Settings} settings
   * @param {Layer1 | undefined} client
   * @param {string} whyNot there is no client
   * @returns {AsyncGenerator<Finding>}
   */
  async *#examineNetwork(settings, client, whyNot) {
    const proxy = findProxy(this.#environment)
    this.#secrets.push(...(proxy?.passwords ?? []))
    const places = placesOf(settings)
    const proxied = places.filter(({ url }) => isProxied(proxy, url))
    const targets = proxied.map(({ target }) => target)
    const reached = await checkProxy(proxy, targets, this.#environment, this.#limit)
    yield { check: 'proxy', target: null, ...reached }
    const roots = checkRoots(this.#environment)
    yield { check: 'ca', target: null, ...roots.verdict }

    const direct = places.filter((place) => !proxied.includes(place))
    const { cert, key } = settings.given
    const trust = { ca: roots.extra, ...(cert && key && { cert, key }) }
    yield* this.#examinePlaces(places, direct, trust, settings)
    for (const place of proxied) {
      place.obstacle = holds(reached) ? undefined : 'the proxy check failed'
    }
    yield* this.#examineCalls(settings, places, proxied, client, whyNot)
  }

  /**
   * Goes the way to each host, step by step, to all of them at once.
   *
   * @param {Place[]} places
   * @param {Place[]} direct
   * @param {import('./certificate.js').Trust} trust
   * @param {Settings} settings
   * @returns {AsyncGenerator<Finding>}
   */
  async *#examinePlaces(places, direct, trust, settings) {
    const limit = this.#limit
    const use = { auth: settings.auth, clientAuth: settings.given.clientAuth }
    /** @type {[check: string, run: (place: Place) => Promise<Verdict>][]} */
    const steps = [
      ['dns', ({ host }) => checkName(host, limit)],
      ['tcp', ({ host, port }) => checkPort(host, port, limit)],
      ['tls', async ({ url, host, port }) => plain(url) ?? (await checkCertificate(host, port, trust, limit))],
      ['clock', ({ url }) => checkClock(url, trust, limit, use)],
    ]
    for (const [check, run] of steps) {
      const verdicts = await Promise.all(
        places.map((place) => {
          const why = direct.includes(place) ? place.obstacle : 'reached through the proxy: see the calls below'
          return why ? notTried(why) : run(place)
        }),
      )
      for (const [index, verdict] of verdicts.entries()) {
        const place = /** @type {Place} */ (places[index])
        if (verdict.status === 'failed' && check !== 'clock') {
          place.obstacle = `the ${check} check failed`
        }
        yield { check, target: place.target, ...verdict }
      }
    }
  }

  /**
   * @param {Settings} settings
   * @param {Place[]} places
   * @param {Place[]} proxied
   * @param {Layer1 | undefined} client
   * @param {string} whyNot
   * @returns {AsyncGenerator<Finding>}
   */
  async *#examineCalls(settings, places, proxied, client, whyNot) {
    /** @param {URL | undefined} url */
    const at = (url) => places.find((place) => place.url.origin === url?.origin)
    const [tokenPlace, apiPlace] = [at(settings.tokenUrl), at(settings.baseUrl)]
    const noToken = client ? tokenPlace?.obstacle : whyNot
    const { verdict, token = '' } =
      client && !noToken ? await checkToken(client, settings, this.#limit) : { verdict: notTried(String(noToken)) }
    this.#secrets.push(token)
    yield { check: 'token', target: tokenPlace?.target ?? null, ...verdict }

    const noAnswer =
      (client ? apiPlace?.obstacle : whyNot) ??
      (token || settings.auth === 'signature' ? undefined : 'there is no token')
    if (!client || noAnswer) {
      yield { check: 'api', target: apiPlace?.target ?? null, ...notTried(String(noAnswer)) }
      return
    }
    const sent = Date.now()
    const answer = await checkApi(client, settings, this.#limit)
    yield { check: 'api', target: apiPlace?.target ?? null, ...answer.verdict }
    if (apiPlace && proxied.includes(apiPlace)) {
      const use = { auth: settings.auth, clientAuth: settings.given.clientAuth }
      yield { check: 'clock', target: apiPlace.target, ...judgeClock(answer.date, sent, Date.now(), use) }
    }
  }

  /**
   * Takes out of a text what is secret, and what steers a terminal.
   *
   * @param {string} text
   */
  #safe(text) {
    const secrets = this.#secrets.filter((secret) => secret.length >= SHORTEST_SECRET)
    const masked = secrets.reduce((masked, secret) => masked.replaceAll(secret, '[redacted]'), text)
    return masked.replace(/\p{Cc}+/gu, ' ').trim()
  }
}

/** To mask what is shorter would mask parts of words, in characters. */
const SHORTEST_SECRET = 4

/**
 * @param {Settings} settings
 * @param {typeof import('../../index.d.ts').Layer1} [Layer1]
 * @returns {{ client?: Layer1 | undefined, refusal?: unknown }}
 */
function makeClient({ given, refusal }, Layer1) {
  if (refusal) {
    return { refusal }
  }
  try {
    return { client: Layer1 && new Layer1(given) }
  } catch (refusal) {
    return { refusal }
  }
}

/**
 * @param {Settings} settings
 * @returns {Place[]} each host and port once
 */
function placesOf({ auth, tokenUrl, baseUrl }) {
  // Without a token, nobody asks for one.
  const urls = [auth === 'signature' ? undefined : tokenUrl, baseUrl].filter((url) => url !== undefined)
  const unique = urls.filter(({ origin }, index) => urls.findIndex((url) => url.origin === origin) === index)
  return unique.map((url) => {
    const host = bareHost(url.hostname)
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
    return { url, host, port, target: `${url.hostname}:${port}`, obstacle: undefined }
  })
}

/** @param {URL} url @returns {Verdict | undefined} where there is no TLS to check */
function plain(url) {
  if (url.protocol === 'https:') {
    return undefined
  }
  return isLoopback(url) ? ok('no TLS: http is allowed for loopback') : notTried('the URL is http')
}

module.exports = { Examination }
