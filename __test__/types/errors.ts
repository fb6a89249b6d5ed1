// What a call may reject with, told apart by class and by code.

import type { Layer1ErrorCode } from 'layer1'
import {
  Layer1ApiError,
  Layer1AuthError,
  Layer1ClosedError,
  Layer1ConfigError,
  Layer1ConnectionError,
  Layer1Error,
  Layer1RequestError,
  Layer1ResponseError,
  Layer1TimeoutError,
  Layer1WebhookError,
} from 'layer1'
import { holds, type Same } from './same.js'

type ConnectionCode =
  | 'ERR_LAYER1_CONNECT'
  | 'ERR_LAYER1_DNS'
  | 'ERR_LAYER1_TLS'
  | 'ERR_LAYER1_PROXY'
  | 'ERR_LAYER1_CONNECTION_LOST'

export function byClass(error: unknown): string {
  if (error instanceof Layer1ConfigError) {
    holds<Same<typeof error.code, 'ERR_LAYER1_CONFIG'>>()
    return error.message
  }
  if (error instanceof Layer1RequestError) {
    holds<Same<typeof error.code, 'ERR_LAYER1_REQUEST'>>()
    return error.message
  }
  if (error instanceof Layer1AuthError) {
    holds<Same<typeof error.code, 'ERR_LAYER1_AUTH'>>()
    holds<Same<typeof error.status, number>>()
    holds<Same<typeof error.oauthError, string | undefined>>()
    holds<Same<typeof error.oauthErrorDescription, string | undefined>>()
    holds<Same<typeof error.oauthErrorUri, string | undefined>>()
    return `${error.status} ${error.oauthError ?? ''}`
  }
  if (error instanceof Layer1ApiError) {
    holds<Same<typeof error.code, 'ERR_LAYER1_API'>>()
    holds<Same<typeof error.status, number>>()
    holds<Same<typeof error.apiCode, string | undefined>>()
    holds<Same<typeof error.apiStatus, string | undefined>>()
    holds<Same<typeof error.details, unknown>>()
    holds<Same<typeof error.body, unknown>>()
    holds<Same<typeof error.headers, Record<string, string | string[]>>>()
    return `${error.status} ${error.apiCode ?? ''} ${String(error.headers['retry-after'])}`
  }
  if (error instanceof Layer1ConnectionError) {
    holds<Same<typeof error.code, ConnectionCode>>()
    holds<Same<typeof error.host, string>>()
    holds<Same<typeof error.port, number>>()
    return `${error.host}:${error.port}`
  }
  if (error instanceof Layer1TimeoutError) {
    holds<Same<typeof error.code, 'ERR_LAYER1_TIMEOUT'>>()
    holds<Same<typeof error.phase, 'token' | 'queue' | 'connect' | 'headers' | 'body'>>()
    holds<Same<typeof error.host, string | undefined>>()
    holds<Same<typeof error.port, number | undefined>>()
    return error.phase
  }
  if (error instanceof Layer1ResponseError) {
    holds<
      Same<typeof error.code, 'ERR_LAYER1_RESPONSE_MALFORMED' | 'ERR_LAYER1_RESPONSE_TOO_LARGE' | 'ERR_LAYER1_REDIRECT'>
    >()
    holds<Same<typeof error.status, number>>()
    return String(error.status)
  }
  if (error instanceof Layer1ClosedError) {
    holds<Same<typeof error.code, 'ERR_LAYER1_CLOSED'>>()
    return error.message
  }
  if (error instanceof Layer1WebhookError) {
    holds<Same<typeof error.code, 'ERR_LAYER1_WEBHOOK'>>()
    holds<Same<typeof error.reason, 'signature' | 'event' | 'publicKey' | 'input'>>()
    return error.reason
  }
  if (error instanceof Layer1Error) {
    holds<Same<typeof error, Layer1Error>>()
    holds<Same<typeof error.code, Layer1ErrorCode>>()
    holds<Same<typeof error.endpoint, 'token' | 'api' | undefined>>()
    holds<Same<typeof error.method, string | undefined>>()
    holds<Same<typeof error.path, string | undefined>>()
    holds<Same<typeof error.attempts, number | undefined>>()
    holds<Same<typeof error.retryable, boolean | undefined>>()
    holds<Same<typeof error.cause, unknown>>()
    holds<Same<typeof error.stack, string | undefined>>()
    return error.name
  }
  holds<Same<typeof error, unknown>>()
  return 'something else'
}

/** The union is closed: a code more, or one less, and this does not compile. */
export function byCode(error: Layer1Error): string {
  const { code } = error
  switch (code) {
    case 'ERR_LAYER1_CONFIG':
    case 'ERR_LAYER1_REQUEST':
      return 'mend the program'
    case 'ERR_LAYER1_AUTH':
      return 'look at the credentials'
    case 'ERR_LAYER1_API':
      return 'ask the API'
    case 'ERR_LAYER1_CONNECT':
    case 'ERR_LAYER1_DNS':
    case 'ERR_LAYER1_TLS':
    case 'ERR_LAYER1_PROXY':
    case 'ERR_LAYER1_CONNECTION_LOST':
      return 'look at the network'
    case 'ERR_LAYER1_TIMEOUT':
      return 'wait'
    case 'ERR_LAYER1_RESPONSE_MALFORMED':
    case 'ERR_LAYER1_RESPONSE_TOO_LARGE':
    case 'ERR_LAYER1_REDIRECT':
      return 'look at the answer'
    case 'ERR_LAYER1_CLOSED':
      return 'open another'
    case 'ERR_LAYER1_WEBHOOK':
      return 'do not trust it'
    case 'ERR_LAYER1_PLATFORM':
    case 'ERR_LAYER1_INTERNAL':
      return 'tell us'
    default: {
      const none: never = code
      return none
    }
  }
}

/** What a class adds to an error is not to be changed. */
type IsReadonly<Type extends Error> = Same<Omit<Type, keyof Error>, Readonly<Omit<Type, keyof Error>>>
holds<IsReadonly<Layer1Error>>()
holds<IsReadonly<Layer1AuthError>>()
holds<IsReadonly<Layer1ApiError>>()
holds<IsReadonly<Layer1ConnectionError>>()
holds<IsReadonly<Layer1TimeoutError>>()
holds<IsReadonly<Layer1ResponseError>>()
holds<IsReadonly<Layer1WebhookError>>()

/** Each class is an error, the general one, and none of the others. */
export const errors: readonly Error[] = [] as Layer1Error[]
export const general: Layer1Error[] = [] as (
  | Layer1ConfigError
  | Layer1RequestError
  | Layer1AuthError
  | Layer1ApiError
  | Layer1ConnectionError
  | Layer1TimeoutError
  | Layer1ResponseError
  | Layer1ClosedError
  | Layer1WebhookError
)[]

/** Where a class is handed over, as assertions of test runners ask for it, each will do. */
// biome-ignore lint/suspicious/noExplicitAny: that is how they ask for it
type Constructable = new (...args: any[]) => Error
export const classes: readonly Constructable[] = [
  Layer1Error,
  Layer1ConfigError,
  Layer1RequestError,
  Layer1AuthError,
  Layer1ApiError,
  Layer1ConnectionError,
  Layer1TimeoutError,
  Layer1ResponseError,
  Layer1ClosedError,
  Layer1WebhookError,
]
