/**
 * Call the Layer1 digital-asset API with OAuth2 tokens that are fetched, kept and renewed for you.
 *
 * @packageDocumentation
 */

/** Where a client gets its URLs from: presets for Layer1's two environments. */
export type Layer1Environment = 'sandbox' | 'production'

/**
 * The options of {@link Layer1}. An option wins over its environment variable, the variable over the default. Variables
 * are read once, in the constructor; an empty one counts as unset.
 */
export interface Layer1Options {
  /** Identifies the client. Required; `LAYER1_CLIENT_ID`. */
  clientId?: string | undefined
  /** Proves its identity. Required; `LAYER1_CLIENT_SECRET`. Never printed, never kept in JavaScript. */
  clientSecret?: string | undefined
  /** Chooses the presets for `baseUrl` and `tokenUrl`. Default `'sandbox'`; `LAYER1_ENVIRONMENT`. */
  environment?: Layer1Environment | undefined
  /** Sets the API's base URL, which may have a path prefix. `https`, or `http` on loopback; `LAYER1_BASE_URL`. */
  baseUrl?: string | URL | undefined
  /** Sets the token endpoint. `https`, or `http` on loopback; `LAYER1_TOKEN_URL`. */
  tokenUrl?: string | URL | undefined
  /** Asks for a scope; order and duplicates do not matter. Default: none is sent; `LAYER1_SCOPE`. */
  scope?: string | readonly string[] | undefined
  /**
   * Chooses how the client authenticates at the token endpoint (RFC 6749 §2.3.1). Default `'client_secret_post'`. With
   * `'client_secret_basic'` id and secret are form-encoded before base64, as the RFC asks and Keycloak expects.
   */
  clientAuth?: 'client_secret_post' | 'client_secret_basic' | undefined
  /**
   * Limits a whole call, in ms: waiting for a token, every attempt, the body. Default 30,000; above 0; `Infinity` is
   * none.
   */
  timeout?: number | undefined
  /** Limits the making of one connection, in ms: name look-up, TCP and TLS. Default 5,000; above 0. */
  connectTimeout?: number | undefined
  /**
   * Limits the further attempts after one that failed in a way that may pass: no connection, a broken one, or the
   * status 408, 429, 500, 502, 503 or 504. Default 2; from 0 to 100. Waits grow with jitter; `Retry-After` is honoured;
   * a wait that does not fit into `timeout` ends the call at once. A client's retries are at most a fifth of its recent
   * calls, and a reserve of 10 that grows back by one a second.
   */
  maxRetries?: number | undefined
  /** Limits the connections to one origin; callers beyond it queue. Default 128; from 1 to 65,535. */
  maxConnections?: number | undefined
  /** Limits an answer's body, in bytes after decompression. Default 16 MiB. */
  maxResponseBytes?: number | undefined
  /**
   * Trusts further certificate authorities, besides Mozilla's that are compiled in: PEM text. Default: the file named
   * by `NODE_EXTRA_CA_CERTS`, if any. Certificates are always verified; there is no switch to turn that off.
   */
  ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined
  /**
   * Sends everything through an HTTP proxy, or, with `false`, nothing. Default: `HTTPS_PROXY` and `NO_PROXY` in either
   * case. Loopback is always reached directly; so `HTTP_PROXY`, which is for plain `http`, has nothing to act on.
   */
  proxy?: string | URL | false | undefined
  /** Adds headers to every API call; never to token requests. */
  headers?: Record<string, string | undefined> | Headers | undefined
  /** Goes before `layer1/<version>` in the `User-Agent`. Printable ASCII. */
  userAgent?: string | undefined
  /**
   * Shares the token with every client in this process, worker threads included, that has the same token URL, client
   * id, secret, `clientAuth` and scope; and connections with those that reach the same origin in the same way. Default
   * `true`.
   */
  shareToken?: boolean | undefined
  /** Chooses how API calls authenticate. Only `'oauth2'`, the default, is there yet; `LAYER1_AUTH`. */
  auth?: 'oauth2' | undefined
}

/** The options of {@link Layer1.getToken}. */
export interface TokenOptions {
  /** Asks for a new token though the present one is valid, or joins the request that is under way. */
  forceRefresh?: boolean | null | undefined
  /** Ends the wait; the promise rejects with `signal.reason`. A request for the token goes on for the others. */
  signal?: AbortSignal | null | undefined
  /** Limits the wait, in ms. Default: the client's `timeout`. */
  timeout?: number | null | undefined
}

/** A value in a query; `null` and `undefined` are left out, an array repeats its key. */
export type QueryValue = string | number | boolean | bigint | Date | null | undefined

/** A query; it joins the one that the path may have. Blanks are sent as `%20`, Dates as ISO 8601. */
export type Query = Record<string, QueryValue | readonly QueryValue[]> | URLSearchParams

/** The options of one API call. `null` is the same as leaving one out. */
export interface CallOptions {
  query?: Query | null | undefined
  /**
   * Adds headers, over those of the client. The client's own are refused: `authorization`, `host`, `accept-encoding`,
   * and those that frame a message.
   */
  headers?: Record<string, string | undefined> | Headers | null | undefined
  /** Ends the call and frees its connection; the promise rejects with `signal.reason`, as `fetch` does. */
  signal?: AbortSignal | null | undefined
  /** Limits the whole call, in ms. Default: the client's `timeout`. */
  timeout?: number | null | undefined
  /** Limits the further attempts. Default: the client's `maxRetries`. */
  maxRetries?: number | null | undefined
  /**
   * Chooses what the promise resolves to: parsed JSON (the default; `null` for an empty body), a string, or a Buffer.
   */
  responseType?: 'json' | 'text' | 'buffer' | null | undefined
}

/** A token with what the endpoint said of it. */
export interface TokenInfo {
  accessToken: string
  /** `Bearer`, in the endpoint's own spelling. */
  tokenType: string
  /** When it ends, counted from the moment its request was sent. It is renewed before that. */
  expiresAt: Date
  scope: string[]
}

/** What a client has counted since it was made. */
export interface Layer1Stats {
  /** Requests to the token endpoint. */
  tokenRequests: number
  /** Uses of the token that found a fresh one. */
  tokenHits: number
  /** Requests to the API; retries, replays and followed redirects count. */
  requests: number
  /** Requests that were made again after a failure that may pass. */
  retries: number
  /** Requests that were made again with a new token after a 401. */
  replays401: number
  /** Calls that are not settled yet. */
  inFlight: number
  /** Connections in use or kept for reuse; one that the server closed while idle counts until 50 s after its last use. */
  openConnections: number
}

/**
 * Calls the Layer1 API. Make one and keep it: the token and the connections are in it.
 *
 * All work is done by native code on a thread of its own, started by the first call. A call in flight keeps the process
 * alive; nothing else does.
 *
 * @example
 * const layer1 = new Layer1() // LAYER1_CLIENT_ID and LAYER1_CLIENT_SECRET
 * const pools = await layer1.get('/api/v1/asset-pools', { query: { pageSize: 50 } })
 */
export class Layer1 {
  /**
   * Checks the options; connects to nothing.
   *
   * @throws {Layer1ConfigError} that names the option and its variable, never the value
   */
  constructor(options?: Layer1Options | null)

  /**
   * Gives an access token, as a string: the present one while it is fresh, otherwise a new one. However many callers
   * wait for it, they share one request (RFC 6749 §4.4) and its outcome.
   *
   * In the last fifth of its life, at most 60 s, the present token is given and renewed behind its users. In the last
   * twentieth, at most 10 s, the new one is waited for, at most 1 s. An expired token is never given; both the wall
   * clock and the monotonic clock have to say that it is valid.
   *
   * @throws {Layer1AuthError} if the token endpoint refuses
   * @throws {Layer1ConnectionError | Layer1TimeoutError | Layer1ClosedError}
   */
  getToken(options?: TokenOptions | null): Promise<string>

  /** Gives an access token, and when it ends and what it is good for. Otherwise like {@link Layer1.getToken}. */
  getTokenInfo(options?: TokenOptions | null): Promise<TokenInfo>

  /**
   * Gets a resource, and gives its parsed JSON; `null` for an empty body.
   *
   * The token goes to the base URL's origin and nowhere else: a path that could leave it is refused before anything is
   * sent. A 401 is answered with a new token and one more try. Up to 5 redirects within the origin are followed.
   *
   * Numbers are parsed as `JSON.parse` does: beyond 15 digits they are rounded. Read amounts that come as JSON numbers
   * with `responseType: 'text'` and a parser that keeps digits.
   *
   * @param path below `baseUrl`, with or without its leading slash; it may have a query
   * @throws {Layer1RequestError} if path or options are wrong; nothing was sent
   * @throws {Layer1ApiError} if the API answers with anything but a 2xx
   * @throws {Layer1AuthError | Layer1ConnectionError | Layer1TimeoutError | Layer1ResponseError | Layer1ClosedError}
   * @example
   * const pool = await layer1.get<AssetPool>('/digital/v1/asset-pools/3f1c…')
   */
  get(path: string, options: CallOptions & { responseType: 'text' }): Promise<string>
  get(path: string, options: CallOptions & { responseType: 'buffer' }): Promise<Buffer>
  get<T = unknown>(path: string, options?: CallOptions | null): Promise<T>

  /** Forgets the token: the next use asks for a new one. */
  invalidateToken(): void

  /** Gives the counters. */
  stats(): Layer1Stats

  /** Rejects the calls in flight with {@link Layer1ClosedError}, and lets the connections go. Repeating it is fine. */
  close(): Promise<void>

  /** Closes the client at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>
}

/** The `code` of every error. The list is closed; a new one is a new minor version. */
export type Layer1ErrorCode =
  | 'ERR_LAYER1_CONFIG'
  | 'ERR_LAYER1_REQUEST'
  | 'ERR_LAYER1_AUTH'
  | 'ERR_LAYER1_API'
  | 'ERR_LAYER1_CONNECT'
  | 'ERR_LAYER1_DNS'
  | 'ERR_LAYER1_TLS'
  | 'ERR_LAYER1_PROXY'
  | 'ERR_LAYER1_CONNECTION_LOST'
  | 'ERR_LAYER1_TIMEOUT'
  | 'ERR_LAYER1_RESPONSE_MALFORMED'
  | 'ERR_LAYER1_RESPONSE_TOO_LARGE'
  | 'ERR_LAYER1_REDIRECT'
  | 'ERR_LAYER1_CLOSED'
  | 'ERR_LAYER1_PLATFORM'
  | 'ERR_LAYER1_INTERNAL'

/**
 * Anything this package rejects with or throws, except a caller's own abort. `instanceof` holds across CommonJS, ESM
 * and duplicate copies of the package.
 *
 * Two codes come as this class itself: `ERR_LAYER1_PLATFORM`, when the package is loaded where it has no binary, and
 * `ERR_LAYER1_INTERNAL`, a defect of ours.
 */
export class Layer1Error extends Error {
  readonly code: Layer1ErrorCode
  /** The side that failed, where one was involved. */
  readonly endpoint?: 'token' | 'api'
  /** The call's HTTP method. */
  readonly method?: string
  /** The call's path, without its query. */
  readonly path?: string
  /** Requests made for this call to the side that failed; 0 if none was. */
  readonly attempts?: number
  /** Whether the same call may well succeed later. */
  readonly retryable?: boolean
}

/** An option or variable is missing or wrong. The message names it and never quotes its value. */
export class Layer1ConfigError extends Layer1Error {
  readonly code: 'ERR_LAYER1_CONFIG'
}

/** A call's path, query, header or option is wrong. Nothing was sent. */
export class Layer1RequestError extends Layer1Error {
  readonly code: 'ERR_LAYER1_REQUEST'
}

/**
 * The token endpoint gave no token. 400 and 401 mean that the credentials or the scope are wrong; with `retryable` the
 * endpoint itself is in trouble.
 *
 * @example
 * if (error instanceof Layer1AuthError && !error.retryable) alert(`rotate the secret? ${error.oauthError}`)
 */
export class Layer1AuthError extends Layer1Error {
  readonly code: 'ERR_LAYER1_AUTH'
  readonly status: number
  /** `error` of RFC 6749 §5.2, at most 512 characters, any echo of the secret masked. So are the next two. */
  readonly oauthError?: string
  readonly oauthErrorDescription?: string
  readonly oauthErrorUri?: string
}

/** The API answered with a status that is no success. */
export class Layer1ApiError extends Layer1Error {
  readonly code: 'ERR_LAYER1_API'
  readonly status: number
  /** Layer1's own code, such as `layer1:digital-asset:4008`. */
  readonly apiCode?: string
  /** Layer1's name for it, such as `NOT_FOUND`. */
  readonly apiStatus?: string
  /** More of the reason; `details.errors` has sentences by field. */
  readonly details?: unknown
  /** The body: parsed if it is JSON, a string if not, absent if empty. */
  readonly body?: unknown
  /** By lower-case name; `set-cookie` is an array. */
  readonly headers: Record<string, string | string[]>
}

/** There was no connection, or it broke; `cause` has the innermost reason. */
export class Layer1ConnectionError extends Layer1Error {
  readonly code:
    | 'ERR_LAYER1_CONNECT'
    | 'ERR_LAYER1_DNS'
    | 'ERR_LAYER1_TLS'
    | 'ERR_LAYER1_PROXY'
    | 'ERR_LAYER1_CONNECTION_LOST'
  readonly host: string
  readonly port: number
}

/** A limit on time passed. */
export class Layer1TimeoutError extends Layer1Error {
  readonly code: 'ERR_LAYER1_TIMEOUT'
  /** What the call was waiting for: a token, a free connection, a new one, the answer's head, or its body. */
  readonly phase: 'token' | 'queue' | 'connect' | 'headers' | 'body'
  readonly host?: string
  readonly port?: number
}

/** An answer came that cannot be used: no JSON, too large, or a redirect that is not followed. */
export class Layer1ResponseError extends Layer1Error {
  readonly code: 'ERR_LAYER1_RESPONSE_MALFORMED' | 'ERR_LAYER1_RESPONSE_TOO_LARGE' | 'ERR_LAYER1_REDIRECT'
  readonly status: number
}

/** The client was closed before the call, or during it. */
export class Layer1ClosedError extends Layer1Error {
  readonly code: 'ERR_LAYER1_CLOSED'
}
