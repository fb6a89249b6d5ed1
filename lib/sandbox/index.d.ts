/// <reference lib="esnext.disposable" />
/// <reference types="node" />

/**
 * A stand-in for Layer1 on this machine, for demos and for the tests of programs that use it.
 *
 * @module layer1/sandbox
 */

import type { KeyObject } from 'node:crypto'

/**
 * Start a local stand-in for Layer1's sandbox: the token endpoint as Keycloak 26 answers, and an API behind it.
 *
 * Nothing of the native client is loaded, and nothing is sent but the webhooks that you send. The data is made up and always
 * the same.
 *
 * @throws {TypeError} for an unknown or unusable option
 * @throws {Error} Node's own, if the port is taken
 * @example
 * const sandbox = await startSandbox()
 * const layer1 = new Layer1(sandbox.options)
 * await layer1.get('/api/v1/asset-pools')
 * await sandbox.close()
 */
export function startSandbox(options?: SandboxOptions): Promise<Sandbox>

/**
 * The options of {@link startSandbox}.
 *
 * @example
 * const options: SandboxOptions = { tokenLifetime: 2, latency: 50 }
 * const sandbox = await startSandbox(options)
 */
export interface SandboxOptions {
  /** Listen on this port. Default 0: any free one. */
  port?: number | undefined
  /** Listen on this address. Default `'127.0.0.1'`. */
  host?: string | undefined
  /** Name the client in `sandbox.options`. Default `'layer1-sandbox'`. */
  clientId?: string | undefined
  /** Give that client its secret. Default `'layer1-sandbox-secret'`. */
  clientSecret?: string | undefined
  /**
   * Verify that client's signatures (RFC 9421, as Layer1's documentation has them), and its assertions at the token endpoint
   * (`private_key_jwt`), with this RSA public key of 2048 to 4096 bits, PEM text or a `KeyObject`. Default none.
   */
  publicKey?: string | Uint8Array | KeyObject | undefined
  /** Name that key in signatures. Default: the client id. */
  keyId?: string | undefined
  /**
   * Demand this of API calls: a token, a signature, either, or both. Default `'either'` if a client has a `publicKey`, else
   * `'oauth2'`. With `'either'` a signature that is there has to be right, also beside a token.
   */
  auth?: 'oauth2' | 'signature' | 'either' | 'both' | undefined
  /** Refuse signatures whose `created` is further than this from the sandbox's clock, in seconds. Default 300. */
  signatureMaxAge?: number | undefined
  /** Register further clients. One with the id of the client above takes its place. Default none. */
  clients?: readonly SandboxClient[] | undefined
  /** Let access tokens live this long, in seconds; above 0, fractions allowed. Default 300. */
  tokenLifetime?: number | undefined
  /** Hold back every API answer this long, in ms. Default 0. */
  latency?: number | undefined
  /** @internal Read the time from here, in ms since the epoch. Default `Date.now`. */
  now?: (() => number) | undefined
}

/**
 * A client that the sandbox's token endpoint knows.
 *
 * @example
 * const client: SandboxClient = { clientId: 'shop', clientSecret: 'shop-secret', scopes: ['networks:view'] }
 * const sandbox = await startSandbox({ clients: [client] })
 */
export interface SandboxClient {
  /** Names it; each client has its own. */
  clientId: string
  /** Required, except for a public client and one with a `publicKey`: without a secret it gets tokens by assertions alone. */
  clientSecret?: string | undefined
  /**
   * Verify the client's signatures and assertions with this RSA public key, PEM text or a `KeyObject`. A signature gives it
   * all its scopes.
   */
  publicKey?: string | Uint8Array | KeyObject | undefined
  /** Name that key in signatures; each client has its own. Default: the client id. */
  keyId?: string | undefined
  /** Put these scopes into every token of the client. Default: everything the API asks for to be read, and some more. */
  scopes?: readonly string[] | undefined
  /** Put these into a token only if it was asked for with them. Default: the API's `…:edit` scopes. */
  optionalScopes?: readonly string[] | undefined
  /** Let the client's tokens live this long, in seconds. Default: the sandbox's `tokenLifetime`. */
  tokenLifetime?: number | undefined
  /** `false` refuses the client with 401 `invalid_client`. Default `true`. */
  enabled?: boolean | undefined
  /** `false` refuses the grant with 401 `unauthorized_client`. Default `true`. */
  serviceAccountsEnabled?: boolean | undefined
  /** `true` asks for no secret, and refuses the grant as Keycloak does. Default `false`. */
  publicClient?: boolean | undefined
}

/**
 * A sandbox that listens.
 *
 * @example
 * await using sandbox = await startSandbox()
 * await using layer1 = new Layer1(sandbox.options)
 * sandbox.fail({ status: 429, retryAfter: 1 })
 * await layer1.get('/digital/v1/networks')
 * console.log(sandbox.requests.map(({ path, status }) => `${path} ${status}`))
 */
export interface Sandbox {
  /** Everything `new Layer1()` needs to reach this sandbox. */
  readonly options: {
    /** Of the first client. */
    clientId: string
    /** Of the first client. */
    clientSecret: string
    /** The API's base. */
    baseUrl: string
    /** The token endpoint. */
    tokenUrl: string
  }
  /** The API's base, such as `http://127.0.0.1:40123`. */
  readonly baseUrl: string
  /** `{issuer}/protocol/openid-connect/token`. */
  readonly tokenUrl: string
  /** `{baseUrl}/auth/realms/bvnk`; it has `/.well-known/openid-configuration` too. */
  readonly issuer: string
  /** The port that it listens on. */
  readonly port: number
  /** The newest 10,000 requests, in order of arrival. Always the same array. */
  readonly requests: SandboxRequest[]
  /**
   * Make coming requests fail. Plans queue: a request uses up the oldest one that fits it.
   *
   * @throws {TypeError} for an unknown or unusable part of the plan
   * @example
   * sandbox.fail({ path: '/digital/v1', status: 503, times: 2 })
   */
  fail(plan?: FailurePlan): void
  /** Drop all plans that are not used up. */
  clearFailures(): void
  /** Make the API answer 401 to every token issued so far. */
  revokeTokens(): void
  /** Empty `requests`. */
  clearRequests(): void
  /** What this sandbox's webhooks are verified with, as Layer1 shows it: base64 of an SPKI, secp256k1. */
  readonly webhookPublicKey: string
  /**
   * Send a webhook, signed in `x-signature`, to a server of yours: again until it answers 200, exactly. Resolves when it was
   * taken, given up, or the sandbox was closed; it rejects only if the call itself is wrong.
   *
   * @throws {TypeError} for an unknown or unusable URL, webhook or option
   * @throws {Error} if the sandbox is closed
   * @example
   * const event = { event: 'layer1:digital:deposit:status-change', data: { status: 'CONFIRMED' } }
   * const { delivered, attempts } = await sandbox.sendWebhook('http://127.0.0.1:3000/webhooks', event, { maxAttempts: 3 })
   * if (!delivered) console.error(attempts.at(-1))
   */
  sendWebhook(
    url: string | URL,
    webhook: SandboxWebhook | string | Uint8Array,
    options?: WebhookOptions,
  ): Promise<WebhookReport>
  /** Stop listening and end all connections, idle and busy ones. Idempotent. */
  close(): Promise<void>
  /** Close the sandbox at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * How requests are to fail. A plan with nothing but a `delay` (and what it applies to) answers normally, late.
 *
 * @example
 * const plan: FailurePlan = { endpoint: 'token', status: 401, times: Infinity }
 * sandbox.fail(plan)
 */
export interface FailurePlan {
  /** Where to fail. Default `'api'`. */
  endpoint?: 'api' | 'token' | undefined
  /** Answer with this status, 200 to 599. Default 503. */
  status?: number | undefined
  /** Fail this many requests; `Infinity` until `clearFailures()`. Default 1. */
  times?: number | undefined
  /** Send `Retry-After`: seconds, a `Date`, or the header's text as it is. Default none. */
  retryAfter?: number | string | Date | undefined
  /** Hold the answer, or the disconnect, back this long, in ms. Default 0. */
  delay?: number | undefined
  /** Answer with this body; an object goes as JSON. Default: what Layer1 or Keycloak would send with the status. */
  body?: string | object | undefined
  /** Send these headers, over the ones that would be sent anyway. */
  headers?: Record<string, string | readonly string[]> | undefined
  /** Fail only requests whose path, without its query, begins with this. */
  path?: string | undefined
  /** Fail only requests of this method. */
  method?: string | undefined
  /** Destroy the connection instead of answering. Default `false`. */
  disconnect?: boolean | undefined
}

/**
 * A webhook to send. A string or bytes in its place are sent as they are, whatever they say.
 *
 * @example
 * const webhook: SandboxWebhook = { event: 'layer1:digital:address:created', data: { address: '0x157e…' } }
 * await sandbox.sendWebhook('http://127.0.0.1:3000/webhooks', webhook)
 */
export interface SandboxWebhook {
  /** What happened; any name. */
  event: string
  /** When it happened. Default: now, with nanoseconds, as Layer1 writes it. */
  timestamp?: string | null | undefined
  /** The rest, to be sent as JSON. Default `{}`. */
  data?: unknown
}

/**
 * How a webhook is sent.
 *
 * @example
 * const unsigned: WebhookOptions = { signature: null, maxAttempts: 1 }
 * await sandbox.sendWebhook('http://127.0.0.1:3000/webhooks', { event: 'test' }, unsigned)
 */
export interface WebhookOptions {
  /** Give up after this many deliveries, 1 to 100. Default 100, as Layer1. */
  maxAttempts?: number | undefined
  /** Wait this long between them, in ms. Default 100; Layer1's own waits grow up to 15 minutes. */
  retryDelay?: number | undefined
  /** Wait this long for each answer, in ms. Default 10,000. */
  timeout?: number | undefined
  /** Send this in place of the right signature, to see it refused; `null` sends none. */
  signature?: string | null | undefined
}

/**
 * What became of a webhook.
 *
 * @example
 * const report: WebhookReport = await sandbox.sendWebhook('http://127.0.0.1:3000/webhooks', { event: 'test' })
 * console.log(report.attempts.map(({ status, error }) => error ?? status))
 */
export interface WebhookReport {
  /** Whether the last answer was 200. */
  delivered: boolean
  /** What each delivery was answered with, in order. */
  attempts: WebhookAttempt[]
  /** The body that was sent. */
  body: string
  /** The `x-signature` that was sent; `null` if none was. */
  signature: string | null
}

/**
 * One delivery of a webhook.
 *
 * @example
 * const refused = (attempt: WebhookAttempt) => attempt.status >= 400
 */
export interface WebhookAttempt {
  /** The status answered; 0 if there was no answer. */
  status: number
  /** Why there was no answer. */
  error?: string
}

/**
 * A request that the sandbox got.
 *
 * @example
 * const toTheApi: SandboxRequest[] = sandbox.requests.filter(({ endpoint }) => endpoint === 'api')
 */
export interface SandboxRequest {
  /** `'token'` is the token endpoint, `'realm'` the rest of the identity provider, `'api'` all else. */
  endpoint: 'api' | 'token' | 'realm'
  /** In capitals. */
  method: string
  /** The path as it came, still encoded, without its query. */
  path: string
  /** The decoded query; a repeated key has an array. */
  query: Record<string, string | string[]>
  /** The headers, with lower-case names. Client credentials are masked. */
  headers: Record<string, string | string[]>
  /** The body of an API request that had one. Of a token request none is kept: it holds the secret. */
  body?: string
  /** The grant type of a token request. */
  grantType?: string
  /** The client id of a token request, from its form or its `Authorization` header. */
  clientId?: string
  /** The status answered; 0 as long as there was no answer. */
  status: number
  /** When it arrived. */
  at: Date
  /** The connection it came on: 1 for the first, and so on. */
  connection: number
}
