// What can be a tokenStore.

import type { Layer1Options, TokenStore } from 'layer1'
import { Layer1 } from 'layer1'
import { holds, type Same } from './same.js'

// The shape of Keyv, as its typings have it.
// biome-ignore lint/suspicious/noExplicitAny: that is what they say
declare class Keyv<GenericValue = any> {
  get<Value = GenericValue>(key: string, options?: { raw?: false }): Promise<Value | undefined>
  get<Value = GenericValue>(key: string[], options?: { raw?: false }): Promise<(Value | undefined)[]>
  set<Value = GenericValue>(key: string, value: Value, ttl?: number): Promise<boolean>
  delete(key: string | string[]): Promise<boolean>
}

export const stores: readonly TokenStore[] = [
  new Keyv(),
  new Keyv<string>(),
  { get: async () => null, set: async () => {} },
  { get: async () => undefined, set: async () => true, delete: async () => 1 },
  {
    get: async (key) => key,
    set: async (key, value, ttlMs) => [key.length, value.length, ttlMs.toFixed()],
    acquire: async (key, ttlMs) => key.length > ttlMs,
    release: async (key) => key,
  },
]

export function share(tokenStore: TokenStore, perhaps: TokenStore | undefined): Layer1Options {
  holds<Same<Layer1Options['tokenStore'], TokenStore | undefined>>()
  new Layer1({ tokenStore: new Keyv() })
  new Layer1({ tokenStore: perhaps })
  return { tokenStore }
}

// @ts-expect-error nothing to write with
export const readOnly: TokenStore = { get: async () => null }
// @ts-expect-error values are text
export const numbers: TokenStore = { get: async () => 1, set: async () => {} }
// @ts-expect-error a lock is got or not
export const vague: TokenStore = { get: async () => null, set: async () => {}, acquire: async () => 'OK' }
// @ts-expect-error no member of that name
export const misspelt: TokenStore = { get: async () => null, set: async () => {}, lock: async () => true }
// @ts-expect-error the URL of a store is none
new Layer1({ tokenStore: 'redis://127.0.0.1' })
