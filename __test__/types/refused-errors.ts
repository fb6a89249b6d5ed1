// What must not compile around errors.

import type { Layer1Credentials, Layer1ErrorCode, Layer1Response } from 'layer1'
import {
  Layer1ApiError,
  type Layer1AuthError,
  Layer1ConfigError,
  type Layer1ConnectionError,
  Layer1Error,
  type Layer1TimeoutError,
} from 'layer1'

declare const error: Layer1Error
declare const api: Layer1ApiError
declare const auth: Layer1AuthError
declare const connection: Layer1ConnectionError
declare const timeout: Layer1TimeoutError
declare const anything: unknown

// @ts-expect-error a code that there is not
export const isUnknown = error.code === 'ERR_LAYER1_NONE'
// @ts-expect-error Node's code, not ours
export const isReset = error.code === 'ECONNRESET'
// @ts-expect-error the code of another class
export const isOther = timeout.code === 'ERR_LAYER1_API'
// @ts-expect-error a phase that there is not
export const isSending = timeout.phase === 'request'
// @ts-expect-error a side that there is not
export const isProxy = error.endpoint === 'proxy'
// @ts-expect-error a code that there is not
export const code: Layer1ErrorCode = 'ERR_LAYER1_NONE'
// @ts-expect-error any text is no code
export const text: Layer1ErrorCode = String(error.code)

export function byCode(code: Layer1ErrorCode): string {
  switch (code) {
    // @ts-expect-error a code that there is not
    case 'ERR_LAYER1_NONE':
      return ''
    case 'ERR_LAYER1_API':
      return 'the API'
    default: {
      // @ts-expect-error there are others than the one above
      const none: never = code
      return none
    }
  }
}

// @ts-expect-error what is caught may be anything
anything.code
// @ts-expect-error only some errors have a status
error.status
// @ts-expect-error an error of the API has no phase
api.phase
// @ts-expect-error the API gives no OAuth2 error
api.oauthError
// @ts-expect-error the token endpoint gives none of Layer1's codes
auth.apiCode
// @ts-expect-error what a body holds is not known
api.body.code
// @ts-expect-error nor what the details hold
api.details.errors
// @ts-expect-error what may be absent
api.apiCode.startsWith('layer1:')

// @ts-expect-error readonly
error.code = 'ERR_LAYER1_API'
// @ts-expect-error readonly
error.retryable = true
// @ts-expect-error readonly
error.attempts = 0
// @ts-expect-error readonly
error.endpoint = 'api'
// @ts-expect-error readonly
error.method = 'GET'
// @ts-expect-error readonly
error.path = '/x'
// @ts-expect-error readonly
api.status = 200
// @ts-expect-error readonly
api.headers = {}
// @ts-expect-error readonly
api.body = {}
// @ts-expect-error readonly
auth.oauthError = 'invalid_client'
// @ts-expect-error readonly
connection.host = 'localhost'
// @ts-expect-error readonly
connection.port = 443
// @ts-expect-error readonly
timeout.phase = 'body'

// @ts-expect-error errors are made by the package alone
new Layer1Error()
// @ts-expect-error errors are made by the package alone
new Layer1Error('broken')
// @ts-expect-error errors are made by the package alone
new Layer1Error('broken', { code: 'ERR_LAYER1_API' })
// @ts-expect-error errors are made by the package alone
new Layer1ConfigError('wrong')
// @ts-expect-error errors are made by the package alone
new Layer1ApiError('broken', { code: 'ERR_LAYER1_API' })

// @ts-expect-error one class is none of the others
export const other: Layer1ApiError = timeout
// @ts-expect-error the general one is none of the special
export const special: Layer1ApiError = error
// @ts-expect-error any error is none of ours
export const ours: Layer1Error = new Error('broken')

// @ts-expect-error an answer has all its members
export const response: Layer1Response<string> = { status: 200, data: 'text' }
// @ts-expect-error a misspelt credential
export const credentials: Layer1Credentials = { clientID: 'id' }
