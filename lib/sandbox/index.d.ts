/// <reference lib="esnext.disposable" />

/**
 * Start a local stand-in for Layer1's sandbox: the token endpoint as Keycloak 26 answers, and an API behind it.
 *
 * Nothing leaves the machine, and nothing of the native client is loaded. The data is made up and always the same.
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
  /** Required, except for a public client. */
  clientSecret?: string | undefined
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
  readonly options: { clientId: string; clientSecret: string; baseUrl: string; tokenUrl: string }
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
