/// <reference types="node" />

/**
 * Call the Layer1 digital-asset API with OAuth2 tokens that are fetched, kept and renewed for you.
 *
 * @module layer1
 */

/**
 * Where a client gets its URLs from: presets for Layer1's two environments.
 *
 * @example
 * const layer1 = new Layer1({ environment: 'production' })
 */
export type Layer1Environment = 'sandbox' | 'production'

/**
 * The options of {@link Layer1}. An option wins over its environment variable, the variable over the default. Variables
 * are read once, in the constructor; an empty one counts as unset.
 *
 * @example
 * const options: Layer1Options = { environment: 'production', scope: ['networks:view'], timeout: 10_000 }
 * const layer1 = new Layer1(options)
 *
 * @example
 * const signing = new Layer1({ auth: 'signature', clientId: 'shop', privateKey: await readSecret() })
 */
export interface Layer1Options {
  /** Identifies the client. Required; `LAYER1_CLIENT_ID`. */
  clientId?: string | undefined
  /**
   * Proves its identity; `LAYER1_CLIENT_SECRET`. Never printed, never kept in JavaScript. Required, unless a key or a
   * certificate proves it: with `auth: 'signature'`, `clientAuth: 'private_key_jwt'`, or `cert` and `key`.
   */
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
   * `'client_secret_basic'` id and secret are form-encoded before base64, as the RFC asks and Keycloak expects. With
   * `'private_key_jwt'` an assertion signed by `privateKey` takes the secret's place (RFC 7523, RS256): it is for the
   * realm's issuer where `tokenUrl` shows one, otherwise for the token URL, and ends after 60 s.
   */
  clientAuth?: 'client_secret_post' | 'client_secret_basic' | 'private_key_jwt' | undefined
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
   * id, secret (or key), certificate, `clientAuth` and scope; and connections with those that reach the same origin in the same way. Default
   * `true`.
   */
  shareToken?: boolean | undefined
  /**
   * Chooses how API calls authenticate: by a token (`'oauth2'`, the default), by a signature made with `privateKey` (RFC
   * 9421; `'signature'`), or by both (`'both'`); `LAYER1_AUTH`.
   *
   * Signed are method, URL with its query, and body, byte for byte as they are sent, anew for every attempt. With
   * `'signature'` there is no token to renew, so a 401 is the error at once; if this machine's clock is off by more than
   * 30 s, the error says by how much. `signature`, `signature-input` and `content-digest` are then headers of the
   * client's own.
   */
  auth?: 'oauth2' | 'signature' | 'both' | undefined
  /**
   * Signs calls and assertions: an RSA key of 2048 to 4096 bits as PKCS#8 or PKCS#1, in PEM or its base64 alone, not
   * encrypted; its line ends may be written as `\n`. `LAYER1_PRIVATE_KEY`, or the file that `LAYER1_PRIVATE_KEY_FILE`
   * names. Never printed, never kept in JavaScript.
   */
  privateKey?: string | Uint8Array | undefined
  /** Says which key signed a call. Default: the client id. Printable ASCII. */
  keyId?: string | undefined
  /**
   * Shows a certificate to the API and the token endpoint, if they ask for one (RFC 8705): PEM text, its chain after it.
   * Together with `key`; the token request then needs no secret.
   */
  cert?: string | Uint8Array | undefined
  /** The private key of `cert`: PEM text, RSA, EC or Ed25519, not encrypted. */
  key?: string | Uint8Array | undefined
  /**
   * Shares one token with every process and machine that has the same credentials and the same store: a fleet that starts
   * makes one token request, and one member renews the token for all. What is stored is sealed. A store that fails or
   * dawdles fails no call, and holds none longer than 250 ms. Default: none.
   */
  tokenStore?: TokenStore | undefined
}

/**
 * Where a fleet keeps its token: `redisTokenStore` of `layer1/redis` makes one of a Redis client, a Keyv instance is one,
 * and anything else with these methods.
 *
 * Keys are digests. Values are opaque text of at most some 8 KB: a token sealed with AES-256-GCM under a key that is
 * derived from the client's secret or private key, so that neither the store nor who reads it learns the token or the
 * client id. Whatever a method throws, or its promise rejects with, is taken for a store that is not there.
 *
 * @example
 * const tokenStore: TokenStore = {
 *   get: (key) => cache.read(key),
 *   set: (key, value, ttlMs) => cache.write(key, value, { milliseconds: ttlMs }),
 * }
 * const layer1 = new Layer1({ tokenStore })
 */
export interface TokenStore {
  /**
   * Reads a value. Anything but a string counts as none; a value that was altered, is old, or was sealed with other
   * credentials is ignored.
   *
   * @throws {unknown} anything; the client then goes on without the store
   * @example
   * const sealed = await tokenStore.get(key)
   */
  get(key: string): PromiseLike<string | null | undefined>
  /**
   * Keeps a value, over the one that is there, for `ttlMs` ms: the rest of the token's life.
   *
   * @throws {unknown} anything; the client then goes on without the store
   * @example
   * await tokenStore.set(key, sealed, 300_000)
   */
  set(key: string, value: string, ttlMs: number): PromiseLike<unknown>
  /**
   * Drops a value, whether it is there or not.
   *
   * @throws {unknown} anything; the client then goes on without the store
   * @example
   * await tokenStore.delete?.(key)
   */
  delete?(key: string): PromiseLike<unknown>
  /**
   * Takes a lock that ends by itself after `ttlMs` ms, and tells whether it was free. It is no value: `get` and `set` of
   * the same key do not meet it. Of all that ask, one alone may be told `true` (in Redis, `SET … NX PX` with a value of
   * its own). Without this method grants are not serialised, only spread.
   *
   * @throws {unknown} anything; the client then goes on without the store
   * @example
   * const isOurs = await tokenStore.acquire?.(key, 2_000)
   */
  acquire?(key: string, ttlMs: number): PromiseLike<boolean>
  /**
   * Gives back a lock that this store has acquired: not one that has ended meanwhile, and is another's now.
   *
   * @throws {unknown} anything; the lock then ends by itself
   * @example
   * await tokenStore.release?.(key)
   */
  release?(key: string): PromiseLike<unknown>
}

/**
 * The options of {@link Layer1.getToken} and {@link Layer1.getTokenInfo}. `null` is the same as leaving one out.
 *
 * @example
 * const token = await layer1.getToken({ forceRefresh: true, timeout: 5_000 })
 */
export interface TokenOptions {
  /** Asks for a new token though the present one is valid, or joins the request that is under way. */
  forceRefresh?: boolean | null | undefined
  /** Ends the wait; the promise rejects with `signal.reason`. A request for the token goes on for the others. */
  signal?: AbortSignal | null | undefined
  /** Limits the wait, in ms. Default: the client's `timeout`. */
  timeout?: number | null | undefined
}

/**
 * A value in a query; `null` and `undefined` are left out, an array repeats its key.
 *
 * @example
 * const since: QueryValue = new Date('2026-01-31') // sent as 2026-01-31T00:00:00.000Z
 */
export type QueryValue = string | number | boolean | bigint | Date | null | undefined

/**
 * A query; it joins the one that the path may have. Blanks are sent as `%20`, Dates as ISO 8601.
 *
 * What is written in braces where it is used is checked here, member by member. Of an interface, or a variable, only a
 * call can tell whether it holds anything else; it is refused then.
 *
 * @example
 * const query: Query = { network: ['bitcoin', 'ethereum'], pageSize: 50 }
 * await layer1.get('/digital/v1/addresses', { query }) // ?network=bitcoin&network=ethereum&pageSize=50
 */
export type Query = { readonly [name: string]: QueryValue | readonly QueryValue[] } | URLSearchParams | (object & Plain)

/**
 * What lists, functions, dates and the like have, and plain data does not. An interface fits, though it has no index
 * signature.
 */
interface Plain {
  readonly [Symbol.iterator]?: never
  readonly [Symbol.asyncIterator]?: never
  readonly [Symbol.hasInstance]?: never
  readonly [Symbol.toPrimitive]?: never
  readonly [Symbol.toStringTag]?: never
}

/**
 * The options of {@link Layer1.warmUp}. `null` is the same as leaving one out.
 *
 * @example
 * await layer1.warmUp({ timeout: 2_000 })
 */
export interface WarmUpOptions {
  /** Ends the wait; the promise rejects with `signal.reason`. */
  signal?: AbortSignal | null | undefined
  /** Limits the wait, in ms. Default: the client's `timeout`. */
  timeout?: number | null | undefined
}

/**
 * The options of one API call. `null` is the same as leaving one out. An options object is read once, and never
 * changed.
 *
 * @example
 * const options: CallOptions = { query: { pageSize: 50 }, timeout: 5_000, maxRetries: 0 }
 * await layer1.get('/api/v1/asset-pools', options)
 */
export interface CallOptions {
  /** Adds a query to the path's own. */
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
  /** Limits the further attempts, from 0 to 100. Default: the client's `maxRetries`. */
  maxRetries?: number | null | undefined
  /**
   * Says whether doing the call twice is the same as doing it once. Default: by its method (RFC 9110 §9.2.2), so not
   * for POST and PATCH. Only what is idempotent is tried again after an answer 5xx or 408, or a connection that broke
   * when something had been sent.
   */
  idempotent?: boolean | null | undefined
  /**
   * Chooses what the promise resolves to: parsed JSON (the default; `null` for an empty body), a string, or a Buffer.
   */
  responseType?: 'json' | 'text' | 'buffer' | null | undefined
  /**
   * Chooses what becomes of JSON numbers. By default they are read as `JSON.parse` does, which rounds them beyond some
   * 15 digits: `1.386770212175842462` becomes `1.3867702121758425`. With `'lossless'` a number that a double would
   * change comes as the string of its own digits, so that no amount is ever changed; every other stays a number.
   */
  numbers?: 'number' | 'lossless' | null | undefined
}

/**
 * What a call sends: nothing for `undefined`; a string, or the bytes of any view, as they are, with the `content-type`
 * that the caller's headers say; everything else as JSON. What JSON would drop or change (a BigInt, NaN, a Map, a cycle)
 * is refused, and so are functions, streams and FormData.
 *
 * @example
 * const body: Layer1Body = { reference: 'REF-1', amount: '1.386770212175842462' } // digits as a string, not a number
 * await layer1.post('/digital/v1/transactions', body)
 */
export type Layer1Body =
  | string
  | number
  | boolean
  | null
  | undefined
  | NodeJS.ArrayBufferView
  | { readonly [name: string]: unknown }
  | (object & NoExotic)

/** What functions, streams, forms, blobs, promises, maps, sets and the like have, and plain data does not. */
interface NoExotic {
  readonly [Symbol.hasInstance]?: never
  readonly [Symbol.toStringTag]?: never
  readonly [Symbol.asyncIterator]?: never
  readonly [Symbol.match]?: never
  readonly pipe?: never
  readonly getReader?: never
  readonly getAll?: never
  readonly arrayBuffer?: never
}

/**
 * The options of {@link Layer1.request}: those of a call, and its body.
 *
 * @example
 * const options: RequestOptions = { body: 'a;b\n1;2', headers: { 'content-type': 'text/csv' } }
 * await layer1.request('POST', '/digital/v1/exports', options)
 */
export interface RequestOptions extends CallOptions {
  /** What to send; not with GET and HEAD. `null` is JSON's null here, and no body is `undefined`. */
  body?: Layer1Body
}

/**
 * The options of {@link Layer1.paginate}: those of a call. `timeout` limits the request for one page, not the whole.
 *
 * @example
 * const options: PageOptions = { query: { pageNumber: 2, pageSize: 100 } }
 * for await (const pool of layer1.paginate('/digital/v1/asset-pools', options)) console.log(pool)
 */
export interface PageOptions extends CallOptions {
  /** `pageNumber` is the page to begin with, from 0; `pageSize` is how many items to ask for at once. */
  query?: Query | null | undefined
  /** Is JSON, always. */
  responseType?: 'json' | null | undefined
}

/**
 * A whole answer, as {@link Layer1.request} gives it.
 *
 * @example
 * const { status, headers, data }: Layer1Response = await layer1.request('GET', '/digital/v1/networks')
 * console.log(status, headers['content-type'], data)
 */
export interface Layer1Response<T = unknown> {
  /** From 200 to 299: any other is an error. */
  status: number
  /** By lower-case name; `set-cookie` is an array. */
  headers: Record<string, string | string[]>
  /** The body, as `responseType` asks for it. */
  data: T
  /** Requests made for it; 1 if the first succeeded. */
  attempts: number
}

/**
 * A page of a list, in either of Layer1's two shapes: the digital API nests number and size of a page in `pageable`.
 * What else the API says of it is there too.
 *
 * @example
 * for await (const page of layer1.paginate('/digital/v1/asset-pools').pages()) {
 *   console.log(page.content.length, page.totalElements, page.pageable?.pageNumber ?? page.pageNumber)
 * }
 */
export interface Layer1Page<T = unknown> {
  /** The items of this page. */
  content: T[]
  /** Items in the whole list. */
  totalElements?: number
  /** Pages in the whole list. */
  totalPages?: number
  /** This page's number, from 0. */
  pageNumber?: number
  /** Items to a page; the API may have capped what was asked for. */
  pageSize?: number
  /** Where the digital API has this page's number and size. */
  pageable?: {
    /** This page's number, from 0. */
    pageNumber: number
    /** Items to a page. */
    pageSize: number
  }
}

/**
 * A list that is read page by page; every iteration begins at its first page.
 *
 * @example
 * const pools = layer1.paginate<AssetPool>('/digital/v1/asset-pools')
 * for await (const pool of pools) console.log(pool.id)
 * for await (const page of pools.pages()) console.log(page.totalElements)
 */
export interface Layer1Pages<T = unknown> extends AsyncIterable<T> {
  /**
   * Gives whole pages, as they came.
   *
   * @throws {Layer1Error} as {@link Layer1.paginate} does, by the first `next()`
   * @example
   * for await (const { content } of layer1.paginate('/digital/v1/asset-pools').pages()) console.log(content.length)
   */
  pages(): AsyncIterable<Layer1Page<T>>
}

/**
 * Credentials that take the place of a client's; what is not given stays.
 *
 * @example
 * const credentials: Layer1Credentials = { clientSecret: await readSecret() }
 * layer1.setCredentials(credentials)
 */
export interface Layer1Credentials {
  /** Identifies the client. */
  clientId?: string | undefined
  /** Proves its identity. Never printed, never kept in JavaScript. */
  clientSecret?: string | undefined
  /** Signs calls and assertions, in any form that the option of that name takes. */
  privateKey?: string | Uint8Array | undefined
  /** Says which key signed a call. */
  keyId?: string | undefined
}

/**
 * A token with what the endpoint said of it (RFC 6749 §5.1).
 *
 * @example
 * const { expiresAt, scope }: TokenInfo = await layer1.getTokenInfo()
 * console.log(`until ${expiresAt.toISOString()} for ${scope.join(', ')}`)
 */
export interface TokenInfo {
  /** What goes into the `Authorization` header, after its type. */
  accessToken: string
  /** `Bearer`, in the endpoint's own spelling. */
  tokenType: string
  /** When it ends, counted from the moment its request was sent. It is renewed before that. */
  expiresAt: Date
  /** What it is good for: as granted, or as asked for if the endpoint did not say (RFC 6749 §5.1). */
  scope: string[]
}

/**
 * What a client has counted since it was made. With `shareToken` the counts of token requests and hits are those of all
 * that share the token.
 *
 * @example
 * const { requests, retries, inFlight }: Layer1Stats = layer1.stats()
 * console.log(`${retries} of ${requests} requests were retries; ${inFlight} calls are under way`)
 */
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
  /** What the token store did, where there is one. */
  tokenStore?: TokenStoreStats
}

/**
 * What a token store did for the present credentials, counted for all clients in the process that share their token.
 *
 * @example
 * const { isUp, errors, skips } = layer1.stats().tokenStore ?? {}
 * if (isUp === false) console.warn(`the token store is down: ${errors} errors, ${skips} uses without it`)
 */
export interface TokenStoreStats {
  /** Tokens taken from the store. */
  hits: number
  /** Looks that found no token, or none that is newer. */
  misses: number
  /** Values that were not used: altered, stale, of other credentials, refused, or no text. */
  ignored: number
  /** Tokens put into the store. */
  writes: number
  /** Waits for a token that another member of the fleet was getting, or, without a lock, by chance. */
  waits: number
  /** Operations that failed, or took too long. */
  errors: number
  /** Requests that were made without the store, because it had failed a moment before. */
  skips: number
  /** Whether the store would be used now: after errors it is left alone for 1 s, and up to 30 s. */
  isUp: boolean
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
   * @example
   * const layer1 = new Layer1({ clientId: 'shop', clientSecret: await readSecret(), environment: 'production' })
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
   * @example
   * const token = await layer1.getToken()
   */
  getToken(options?: TokenOptions | null): Promise<string>

  /**
   * Gives an access token, and when it ends and what it is good for. Otherwise like {@link Layer1.getToken}.
   *
   * @throws {Layer1Error} as {@link Layer1.getToken} does
   * @example
   * const { expiresAt, scope } = await layer1.getTokenInfo()
   */
  getTokenInfo(options?: TokenOptions | null): Promise<TokenInfo>

  /**
   * Gets a resource, and gives its parsed JSON; `null` for an empty body.
   *
   * The token goes to the base URL's origin and nowhere else: a path that could leave it is refused before anything is
   * sent. A 401 is answered with a new token and one more try. Up to 5 redirects within the origin are followed.
   *
   * Numbers are parsed as `JSON.parse` does: beyond some 15 digits they are rounded. Read amounts that come as JSON
   * numbers with `numbers: 'lossless'`.
   *
   * `T` is what the caller knows of the JSON; nothing checks it. With `responseType` the answer is a string or a Buffer,
   * whatever `T` says.
   *
   * @param path below `baseUrl`, with or without its leading slash; it may have a query
   * @throws {Layer1RequestError} if path or options are wrong; nothing was sent
   * @throws {Layer1ApiError} if the API answers with anything but a 2xx
   * @throws {Layer1AuthError | Layer1ConnectionError | Layer1TimeoutError | Layer1ResponseError | Layer1ClosedError}
   * @example
   * const pool = await layer1.get<AssetPool>('/digital/v1/asset-pools/3f1c…')
   */
  get<_T = string>(path: string, options: CallOptions & { responseType: 'text' }): Promise<string>
  get<_T = Buffer>(path: string, options: CallOptions & { responseType: 'buffer' }): Promise<Buffer>
  get<T = unknown>(path: string, options?: CallOptions | null): Promise<T>

  /**
   * Posts a body, and gives the parsed JSON of the answer; `null` for an empty one.
   *
   * It is sent again only if nothing was sent before, after 429, or once after 401 with a new token: never when it may
   * have been done. A `reference` in the body is Layer1's own handle against doubles. Otherwise like {@link Layer1.get}.
   *
   * @throws {Layer1RequestError} if path, body or options are wrong; nothing was sent
   * @throws {Layer1ApiError} if the API answers with anything but a 2xx
   * @throws {Layer1AuthError | Layer1ConnectionError | Layer1TimeoutError | Layer1ResponseError | Layer1ClosedError}
   * @example
   * await layer1.post('/digital/v1/addresses', { reference: 'REF-1', network: 'ethereum' })
   */
  post<_T = string>(path: string, body: Layer1Body, options: CallOptions & { responseType: 'text' }): Promise<string>
  post<_T = Buffer>(path: string, body: Layer1Body, options: CallOptions & { responseType: 'buffer' }): Promise<Buffer>
  post<T = unknown>(path: string, body?: Layer1Body, options?: CallOptions | null): Promise<T>

  /**
   * Puts a body; it is idempotent, so it is tried again as a GET is. Otherwise like {@link Layer1.post}.
   *
   * @throws {Layer1Error} as {@link Layer1.post} does
   * @example
   * await layer1.put('/digital/v1/asset-pools/3f1c…', { name: 'Treasury' })
   */
  put<_T = string>(path: string, body: Layer1Body, options: CallOptions & { responseType: 'text' }): Promise<string>
  put<_T = Buffer>(path: string, body: Layer1Body, options: CallOptions & { responseType: 'buffer' }): Promise<Buffer>
  put<T = unknown>(path: string, body?: Layer1Body, options?: CallOptions | null): Promise<T>

  /**
   * Patches a resource. Sent again as rarely as a POST is; otherwise like {@link Layer1.post}.
   *
   * @throws {Layer1Error} as {@link Layer1.post} does
   * @example
   * await layer1.patch('/digital/v1/asset-pools/3f1c…', { name: 'Treasury' })
   */
  patch<_T = string>(path: string, body: Layer1Body, options: CallOptions & { responseType: 'text' }): Promise<string>
  patch<_T = Buffer>(path: string, body: Layer1Body, options: CallOptions & { responseType: 'buffer' }): Promise<Buffer>
  patch<T = unknown>(path: string, body?: Layer1Body, options?: CallOptions | null): Promise<T>

  /**
   * Deletes a resource; tried again as a GET is. A body goes through {@link Layer1.request}.
   *
   * @throws {Layer1Error} as {@link Layer1.get} does
   * @example
   * await layer1.delete('/digital/v1/asset-pools/3f1c…')
   */
  delete<_T = string>(path: string, options: CallOptions & { responseType: 'text' }): Promise<string>
  delete<_T = Buffer>(path: string, options: CallOptions & { responseType: 'buffer' }): Promise<Buffer>
  delete<T = unknown>(path: string, options?: CallOptions | null): Promise<T>

  /**
   * Makes a call with any method (GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS), and gives status and headers too.
   *
   * @throws {Layer1Error} as {@link Layer1.post} does; an answer that is no 2xx is a {@link Layer1ApiError}
   * @example
   * const { status, headers, data } = await layer1.request('GET', '/digital/v1/networks')
   */
  request<_T = string>(
    method: string,
    path: string,
    options: RequestOptions & { responseType: 'text' },
  ): Promise<Layer1Response<string>>
  request<_T = Buffer>(
    method: string,
    path: string,
    options: RequestOptions & { responseType: 'buffer' },
  ): Promise<Layer1Response<Buffer>>
  request<T = unknown>(method: string, path: string, options?: RequestOptions | null): Promise<Layer1Response<T>>

  /**
   * Reads a list item by item, fetching its pages as they are needed; `pages()` gives whole pages. It knows both shapes
   * of Layer1's pages, and ends where the newest answer says that the list ends. Whatever is wrong is reported by the
   * first `next()`.
   *
   * @throws {Layer1ResponseError} if an answer is no page, or another page than the one that was asked for
   * @throws {Layer1Error} as {@link Layer1.get} does
   * @example
   * for await (const pool of layer1.paginate<AssetPool>('/digital/v1/asset-pools', { query: { pageSize: 100 } })) {
   *   console.log(pool.id)
   * }
   */
  paginate<T = unknown>(path: string, options?: PageOptions | null): Layer1Pages<T>

  /**
   * Forgets the token, for every client that shares it: the next use asks for a new one.
   *
   * @throws {Layer1ClosedError}
   * @example
   * layer1.invalidateToken()
   */
  invalidateToken(): void

  /**
   * Swaps the credentials, or some of them, such as a rotated secret or key: the next use asks for a token with them,
   * and the next call is signed with them. Calls under way keep what they have.
   *
   * @throws {Layer1ConfigError} that names the option, never its value
   * @throws {Layer1ClosedError}
   * @example
   * layer1.setCredentials({ clientSecret: await readSecret() })
   */
  setCredentials(credentials: Layer1Credentials): void

  /**
   * Gets a token, if calls carry one, and opens a connection to the API, both at once: for the init phase of a function, so that its first
   * call needs one round trip. The connection is opened by an anonymous `HEAD` of the base URL; any answer will do.
   *
   * @throws {Layer1AuthError | Layer1ConnectionError | Layer1TimeoutError | Layer1ClosedError}
   * @example
   * const layer1 = new Layer1()
   * await layer1.warmUp()
   */
  warmUp(options?: WarmUpOptions | null): Promise<void>

  /**
   * Gives the counters.
   *
   * @throws {Layer1ClosedError}
   * @example
   * const { retries, replays401 } = layer1.stats()
   */
  stats(): Layer1Stats

  /**
   * Rejects the calls in flight with {@link Layer1ClosedError}, and lets the connections go. Repeating it is fine.
   *
   * @example
   * await layer1.close()
   */
  close(): Promise<void>

  /**
   * Closes the client at the end of an `await using` block, as {@link Layer1.close} does.
   *
   * @example
   * await using layer1 = new Layer1()
   * await layer1.get('/digital/v1/networks')
   */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Makes a path of a template: every value is percent-encoded as one segment. Values are strings, numbers, bigints and
 * booleans; what is empty, `.`, `..` or anything else is refused.
 *
 * @throws {Layer1RequestError} that says which value is wrong, and does not quote it
 * @example
 * await layer1.get(path`/digital/v1/addresses/${id}`)
 */
export function path(strings: TemplateStringsArray, ...values: readonly (string | number | bigint | boolean)[]): string

/**
 * The names of the events that Layer1 documents. More may come, and these may change: any other string is a name too.
 *
 * @example
 * const wanted: Layer1WebhookEventName[] = ['layer1:digital:deposit:status-change', 'layer1:some:event:of-tomorrow']
 */
export type Layer1WebhookEventName =
  | 'layer1:digital:address:created'
  | 'layer1:digital:balance:updated'
  | 'layer1:digital:consolidation:status-change'
  | 'layer1:digital:deposit:status-change'
  | 'layer1:digital:withdrawal:status-change'
  | 'layer1:trade:conversion:created'
  | 'layer1:trade:conversion:state-changed'
  | 'layer1:trade:venue:address:created'
  | 'layer1:trade:venue:withdrawal:created'
  | 'layer1:trade:venue:withdrawal:state-changed'
  | (string & Record<never, never>)

/**
 * What a webhook says: the envelope that all events have.
 *
 * @example
 * type Created = Layer1WebhookEvent<'layer1:digital:address:created', { id: string; address: string }>
 * type Updated = Layer1WebhookEvent<'layer1:digital:balance:updated', { asset: string }>
 * function handle(event: Created | Updated) {
 *   if (event.event === 'layer1:digital:address:created') console.log(event.data.address)
 * }
 */
export interface Layer1WebhookEvent<Name extends string = Layer1WebhookEventName, Data = unknown> {
  /** What happened. */
  event: Name
  /** When it happened: RFC 3339, with up to nine decimals, of which a `Date` keeps three. */
  timestamp: string | null
  /** The rest; its shape depends on the event. Numbers are what `JSON.parse` makes of them. */
  data: Data
}

/**
 * What {@link verifyWebhook} takes: a webhook as it came, and the key that it has to be signed with.
 *
 * @example
 * const delivery: WebhookDelivery = { body: raw, signature: request.headers['x-signature'], publicKey: webhookKey }
 */
export interface WebhookDelivery {
  /** The raw body, byte for byte as it came. Parsed and written anew it is another one. */
  body: string | ArrayBufferView | ArrayBufferLike
  /** The header `x-signature`; whatever is no string is refused. */
  signature: string | readonly string[] | null | undefined
  /** The public key that Layer1 shows for the webhook: base64 of its SPKI; or PEM text, or the SPKI's DER. */
  publicKey: string | ArrayBufferView | ArrayBufferLike
}

/**
 * Checks that a webhook comes from Layer1 (ECDSA on secp256k1 with SHA-256, over the raw body), and gives its event. It is
 * known then to be a JSON object with the name of an event; the rest is as Layer1 sent it. Answer with the status 200,
 * exactly, or it comes again, up to 100 times; so the same event may come twice, and a right signature says nothing of age.
 *
 * @throws {Layer1WebhookError} and nothing else, whatever it is given
 * @example
 * const event = verifyWebhook({ body: raw, signature: request.headers['x-signature'], publicKey: webhookKey })
 * if (event.event === 'layer1:digital:deposit:status-change') console.log(event.timestamp, event.data)
 */
export function verifyWebhook<T extends Layer1WebhookEvent<string> = Layer1WebhookEvent>(webhook: WebhookDelivery): T

/**
 * Where the token of an attempt came from.
 *
 * @example
 * const waited: TokenSource[] = ['fresh', 'refreshed', 'shared']
 */
export type TokenSource =
  /** It was there. */
  | 'cache'
  /** By the first request for one, which this call began. */
  | 'fresh'
  /** By a request for the next one, which this call began. */
  | 'refreshed'
  /** By a request that another call began. */
  | 'shared'
  /** By another member of the fleet: it was in the token store. */
  | 'store'

/**
 * One attempt of a call, as tracing shows it.
 *
 * @example
 * function describe({ attempt, status, code, timings }: Layer1Attempt) {
 *   return `${attempt}: ${status ?? code}, headers after ${timings.headers} ms`
 * }
 */
export interface Layer1Attempt {
  /** 1 for the first. */
  attempt: number
  /** Of its answer, if one came. */
  status?: number | undefined
  /** Of its error, if no answer came that could be used; neither is there if its caller went away. */
  code?: Layer1ErrorCode | undefined
  /** Where its token came from; a call that is only signed has none. */
  tokenSource?: TokenSource | undefined
  /**
   * Time spent waiting, in ms, for the token, a free connection, a new one, the answer's head, and its body. Signing
   * counts with the wait for a free connection.
   */
  timings: {
    /** For a token that is fresh. */
    token: number
    /** For a free connection, and for the signature. */
    queue: number
    /** For a new connection: name look-up, TCP and TLS. */
    connect: number
    /** For the answer's head. */
    headers: number
    /** For the answer's body. */
    body: number
  }
}

/**
 * What `tracingChannel('layer1:request')` of `node:diagnostics_channel` shows: one event object for each call. The
 * fields of the last attempt are on it too. It holds no token, no query, and not the result.
 *
 * @example
 * import { tracingChannel } from 'node:diagnostics_channel'
 *
 * tracingChannel<Layer1RequestEvent>('layer1:request').subscribe({
 *   start(event) { event.headers.traceparent = currentTraceparent() },
 *   end() {},
 *   asyncStart() {},
 *   asyncEnd(event) { console.log(event.method, event.path, event.status, event.attempt) },
 *   error(event) { console.log(event.code, event.error) },
 * })
 */
export interface Layer1RequestEvent {
  /** In capitals. */
  method: string
  /** Without its query. */
  path: string
  /** Headers that a subscriber of `start` adds; they are checked as a caller's own, and sent with every attempt. */
  headers: Record<string, string>
  /** Those that have ended, in order. One that an abort or `close()` cuts off comes a moment after the call's end. */
  attempts: Layer1Attempt[]
  /** The number of the last attempt; 0 if there was none yet. */
  attempt: number
  /** Of the last attempt's answer, if one came. */
  status?: number | undefined
  /** Of the last attempt's error, if no answer came that could be used. */
  code?: Layer1ErrorCode | undefined
  /** Where the last attempt's token came from. */
  tokenSource?: TokenSource
  /** Time that the last attempt spent waiting, in ms. */
  timings?: Layer1Attempt['timings']
  /** The reason that the call was rejected with. */
  error?: unknown
}

/**
 * What `tracingChannel('layer1:token')` shows: one event object for each grant that a call of this thread began, background
 * renewals too. A grant takes up to 3 requests. The event holds no token. With a token store there is an event, too, where
 * the store made a grant needless.
 *
 * @example
 * import { tracingChannel } from 'node:diagnostics_channel'
 *
 * tracingChannel<Layer1TokenEvent>('layer1:token').asyncEnd.subscribe((message) => {
 *   const { clientId, expiresAt, error } = message as Layer1TokenEvent
 *   console.log(clientId, expiresAt ?? error)
 * })
 */
export interface Layer1TokenEvent {
  /** Whose token it is. */
  clientId: string
  /** Where it is asked for. */
  tokenUrl: string
  /** When the new token ends, if there is one. */
  expiresAt?: Date
  /** What the new token is good for. */
  scope?: string[]
  /** Why there is no new token. */
  error?: Layer1Error
  /**
   * What the token store was for it, if there is one. `'hit'`: the token came from it. `'miss'`: it had none, so this member
   * asked. `'left'`: another member is renewing the token, which is valid yet; there is neither token nor error.
   * `'failed'`: an operation failed or took too long. `'skipped'`: it had failed a moment before, and was not asked.
   * `time` was spent on its operations, `waited` on another member's grant, in ms.
   */
  store?: {
    /** How it ended. */
    outcome: 'hit' | 'miss' | 'left' | 'failed' | 'skipped'
    /** Spent on the store's operations, in ms. */
    time: number
    /** Spent waiting for another member, in ms. */
    waited: number
  }
}

/**
 * The `code` of every error. The list is closed; a new one is a new minor version.
 *
 * @example
 * const passing: Layer1ErrorCode[] = ['ERR_LAYER1_CONNECT', 'ERR_LAYER1_CONNECTION_LOST', 'ERR_LAYER1_TIMEOUT']
 * if (error instanceof Layer1Error && passing.includes(error.code)) console.log('try again later')
 */
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
  | 'ERR_LAYER1_WEBHOOK'
  | 'ERR_LAYER1_PLATFORM'
  | 'ERR_LAYER1_INTERNAL'

/** What no value outside the package is: it keeps a constructor to ourselves, and the class usable as a value. */
interface Own {
  readonly [own]: never
}
declare const own: unique symbol

/**
 * Anything this package rejects with or throws, except a caller's own abort. `instanceof` holds across CommonJS, ESM
 * and duplicate copies of the package.
 *
 * Two codes come as this class itself: `ERR_LAYER1_PLATFORM`, when the package is loaded where it has no binary, and
 * `ERR_LAYER1_INTERNAL`, a defect of ours.
 *
 * @example
 * try {
 *   await layer1.get('/digital/v1/networks')
 * } catch (error) {
 *   if (!(error instanceof Layer1Error)) throw error
 *   console.error(error.code, error.message, error.retryable ? 'It may pass.' : 'It will not pass by itself.')
 * }
 */
export class Layer1Error extends Error {
  /** Belongs to the package, which alone makes errors. For a test of your own, let `layer1/sandbox` fail a call. */
  constructor(message: string & Own, details: { readonly code: Layer1ErrorCode; readonly [name: string]: unknown })

  /** What went wrong, for programs; `message` is for people. */
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

/**
 * An option or variable is missing or wrong. The message names it and never quotes its value.
 *
 * @example
 * if (error instanceof Layer1ConfigError) console.error(`ERR_LAYER1_CONFIG: ${error.message}`)
 */
export class Layer1ConfigError extends Layer1Error {
  readonly code: 'ERR_LAYER1_CONFIG'
}

/**
 * A call's path, query, header, body or option is wrong: a defect of the program. Nothing was sent.
 *
 * @example
 * if (error instanceof Layer1RequestError) console.error(`mend the call: ${error.message}`)
 */
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
  /** Of the token endpoint's answer. */
  readonly status: number
  /** `error` of RFC 6749 §5.2, at most 512 characters, any echo of the secret masked. */
  readonly oauthError?: string
  /** `error_description`, for people; treated likewise. */
  readonly oauthErrorDescription?: string
  /** `error_uri`, of a page about it; treated likewise. */
  readonly oauthErrorUri?: string
}

/**
 * The API answered with a status that is no success.
 *
 * @example
 * if (error instanceof Layer1ApiError && error.apiCode === 'layer1:digital-asset:4008') console.log('no such asset')
 */
export class Layer1ApiError extends Layer1Error {
  readonly code: 'ERR_LAYER1_API'
  /** Of the answer, such as 404. */
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

/**
 * There was no connection, or it broke; `cause` has the innermost reason.
 *
 * @example
 * if (error instanceof Layer1ConnectionError) console.error(`${error.host}:${error.port}: ${error.code}`, error.cause)
 */
export class Layer1ConnectionError extends Layer1Error {
  readonly code:
    | 'ERR_LAYER1_CONNECT'
    | 'ERR_LAYER1_DNS'
    | 'ERR_LAYER1_TLS'
    | 'ERR_LAYER1_PROXY'
    | 'ERR_LAYER1_CONNECTION_LOST'
  /** The host that was to be reached, as the URL names it, also behind a proxy. */
  readonly host: string
  /** The port there. */
  readonly port: number
}

/**
 * A limit on time passed: `timeout`, or `connectTimeout`.
 *
 * @example
 * if (error instanceof Layer1TimeoutError && error.phase === 'queue') console.warn('maxConnections is too low')
 */
export class Layer1TimeoutError extends Layer1Error {
  readonly code: 'ERR_LAYER1_TIMEOUT'
  /** What the call was waiting for: a token, a free connection, a new one, the answer's head, or its body. */
  readonly phase: 'token' | 'queue' | 'connect' | 'headers' | 'body'
  /** The host that was being reached, where one was. */
  readonly host?: string
  /** The port there. */
  readonly port?: number
}

/**
 * An answer came that cannot be used: no JSON, too large, or a redirect that is not followed.
 *
 * @example
 * const isTooLarge = error instanceof Layer1ResponseError && error.code === 'ERR_LAYER1_RESPONSE_TOO_LARGE'
 * if (isTooLarge) console.warn('ask for smaller pages')
 */
export class Layer1ResponseError extends Layer1Error {
  readonly code: 'ERR_LAYER1_RESPONSE_MALFORMED' | 'ERR_LAYER1_RESPONSE_TOO_LARGE' | 'ERR_LAYER1_REDIRECT'
  /** Of the answer, such as 200 or 302. */
  readonly status: number
}

/**
 * The client was closed before the call, or during it.
 *
 * @example
 * if (error instanceof Layer1ClosedError) return // the program is going down
 */
export class Layer1ClosedError extends Layer1Error {
  readonly code: 'ERR_LAYER1_CLOSED'
}

/**
 * A webhook is not to be trusted, or cannot be checked.
 *
 * @example
 * if (error instanceof Layer1WebhookError) response.statusCode = error.reason === 'signature' ? 401 : 500
 */
export class Layer1WebhookError extends Layer1Error {
  readonly code: 'ERR_LAYER1_WEBHOOK'
  /**
   * What is wrong: the `'signature'` is absent or does not fit body and key; the webhook is rightly signed and holds no
   * `'event'`; or, by a defect of the program, the `'publicKey'` cannot be used, or the `'input'` is no raw body.
   */
  readonly reason: 'signature' | 'event' | 'publicKey' | 'input'
}

// Without it, what is not exported above would be to be had all the same.
// biome-ignore lint/complexity/noUselessEmptyExport: in a declaration file it is not useless
export {}
