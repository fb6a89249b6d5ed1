// The options of a client, and the methods that make no API call.

import type {
  Layer1Credentials,
  Layer1Environment,
  Layer1Options,
  Layer1Stats,
  TokenInfo,
  TokenOptions,
  TokenStoreStats,
  WarmUpOptions,
} from 'layer1'
import { Layer1 } from 'layer1'
import { holds, type Same } from './same.js'

export const fromEnvironment = [new Layer1(), new Layer1(undefined), new Layer1(null), new Layer1({})]

/** Every option, in its first shape. */
export const everything = new Layer1({
  clientId: 'id',
  clientSecret: 'secret',
  environment: 'production',
  baseUrl: 'https://api.layer1.com/prefix',
  tokenUrl: 'https://auth.layer1.com/token',
  scope: 'networks:view tenants:view',
  clientAuth: 'client_secret_basic',
  timeout: Number.POSITIVE_INFINITY,
  connectTimeout: 5_000,
  maxRetries: 0,
  maxConnections: 128,
  maxResponseBytes: 16 * 1024 * 1024,
  ca: '-----BEGIN CERTIFICATE-----',
  proxy: 'http://proxy.example:3128',
  headers: { 'x-tenant': 'one', 'x-absent': undefined },
  userAgent: 'shop/1.2',
  shareToken: false,
  auth: 'both',
  privateKey: 'key',
  keyId: 'key-1',
  cert: 'certificate',
  key: 'key',
})

/** The other shapes of those that have some. */
export const otherwise = new Layer1({
  environment: 'sandbox',
  baseUrl: new URL('https://api.layer1.com'),
  tokenUrl: new URL('https://auth.layer1.com/token'),
  scope: ['networks:view', 'tenants:view'],
  clientAuth: 'private_key_jwt',
  privateKey: Buffer.from('key'),
  cert: new Uint8Array(1),
  key: Buffer.from('key'),
  ca: Buffer.from(''),
  proxy: new URL('http://proxy.example:3128'),
  headers: new Headers({ 'x-tenant': 'one' }),
})

const roots = ['-----BEGIN CERTIFICATE-----', new Uint8Array(8)] as const
const scope: readonly string[] = ['networks:view']
export const readonlyLists = new Layer1({ ca: roots, scope, proxy: false })

/** What a configuration may leave open is passed on as it is, exactOptionalPropertyTypes or not. */
export function fromConfiguration(configuration: {
  id: string | undefined
  timeout: number | undefined
  environment: Layer1Environment | undefined
}): Layer1 {
  const options: Layer1Options = {
    clientId: configuration.id,
    clientSecret: process.env.SECRET,
    environment: configuration.environment,
    baseUrl: undefined,
    tokenUrl: undefined,
    scope: undefined,
    clientAuth: undefined,
    timeout: configuration.timeout,
    connectTimeout: undefined,
    maxRetries: undefined,
    maxConnections: undefined,
    maxResponseBytes: undefined,
    ca: undefined,
    proxy: undefined,
    headers: undefined,
    userAgent: undefined,
    shareToken: undefined,
    auth: undefined,
    privateKey: undefined,
    keyId: undefined,
    cert: undefined,
    key: undefined,
  }
  return new Layer1(options)
}

export async function tokens(layer1: Layer1): Promise<void> {
  const token = await layer1.getToken()
  holds<Same<typeof token, string>>()

  const info = await layer1.getTokenInfo({ forceRefresh: true })
  holds<Same<typeof info, TokenInfo>>()
  holds<Same<typeof info.accessToken, string>>()
  holds<Same<typeof info.tokenType, string>>()
  holds<Same<typeof info.expiresAt, Date>>()
  holds<Same<typeof info.scope, string[]>>()

  const wishes: readonly (TokenOptions | null | undefined)[] = [
    undefined,
    null,
    {},
    { forceRefresh: true, signal: AbortSignal.timeout(1_000), timeout: 1_000 },
    { forceRefresh: null, signal: null, timeout: null },
    { forceRefresh: undefined, signal: undefined, timeout: undefined },
  ]
  for (const wish of wishes) {
    await layer1.getToken(wish)
    await layer1.getTokenInfo(wish)
  }
  const nothing = layer1.invalidateToken()
  holds<Same<typeof nothing, void>>()
}

export async function warmUp(layer1: Layer1): Promise<void> {
  const wishes: readonly (WarmUpOptions | null | undefined)[] = [
    undefined,
    null,
    {},
    { signal: new AbortController().signal, timeout: 1_000 },
    { signal: null, timeout: null },
    { signal: undefined, timeout: undefined },
  ]
  for (const wish of wishes) {
    const nothing = await layer1.warmUp(wish)
    holds<Same<typeof nothing, void>>()
  }
}

export function rotate(layer1: Layer1, clientSecret: string | undefined): void {
  const credentials: Layer1Credentials = { clientId: undefined, clientSecret }
  const nothing = layer1.setCredentials(credentials)
  holds<Same<typeof nothing, void>>()
  layer1.setCredentials({ clientId: 'id' })
  layer1.setCredentials({ clientId: 'id', clientSecret: 'secret' })
  layer1.setCredentials({ privateKey: new Uint8Array(1), keyId: 'key-2' })
}

export function counters(layer1: Layer1): Record<Exclude<keyof Layer1Stats, 'tokenStore'>, number> {
  const stats = layer1.stats()
  holds<Same<typeof stats, Layer1Stats>>()
  holds<Same<typeof stats.tokenStore, TokenStoreStats | undefined>>()
  const { tokenRequests, tokenHits, requests, retries, replays401, inFlight, openConnections } = stats
  return { tokenRequests, tokenHits, requests, retries, replays401, inFlight, openConnections }
}

export async function life(): Promise<void> {
  await using layer1 = new Layer1()
  holds<Same<typeof layer1, Layer1>>()
  const disposable: AsyncDisposable = layer1
  await disposable[Symbol.asyncDispose]()
  const nothing = await layer1.close()
  holds<Same<typeof nothing, void>>()
}

/** A program may add to a client, or stand in for the part that it uses. */
export class Shop extends Layer1 {
  async pools(): Promise<unknown> {
    return await this.get('/api/v1/asset-pools')
  }
}
export const double: Pick<Layer1, 'getToken' | 'close'> = { getToken: async () => 'token', close: async () => {} }
