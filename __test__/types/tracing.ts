// What node:diagnostics_channel shows.

import { tracingChannel } from 'node:diagnostics_channel'
import type {
  Layer1Attempt,
  Layer1Error,
  Layer1ErrorCode,
  Layer1RequestEvent,
  Layer1TokenEvent,
  TokenSource,
} from 'layer1'
import { holds, type Same } from './same.js'

const requests = tracingChannel<Layer1RequestEvent>('layer1:request')
const tokens = tracingChannel<Layer1TokenEvent>('layer1:token')

export function watch(): void {
  requests.subscribe({
    start(event) {
      event.headers.traceparent = '00-…'
      holds<Same<typeof event.method, string>>()
      holds<Same<typeof event.path, string>>()
      holds<Same<typeof event.headers, Record<string, string>>>()
      holds<Same<typeof event.attempts, Layer1Attempt[]>>()
      holds<Same<typeof event.attempt, number>>()
    },
    end() {},
    asyncStart() {},
    asyncEnd(event) {
      holds<Same<typeof event.status, number | undefined>>()
      holds<Same<typeof event.code, Layer1ErrorCode | undefined>>()
      holds<Same<typeof event.tokenSource, TokenSource | undefined>>()
      holds<Same<typeof event.timings, Layer1Attempt['timings'] | undefined>>()
      for (const { attempt, status, code, tokenSource, timings } of event.attempts) {
        holds<Same<typeof attempt, number>>()
        holds<Same<typeof status, number | undefined>>()
        holds<Same<typeof code, Layer1ErrorCode | undefined>>()
        holds<Same<typeof tokenSource, 'cache' | 'fresh' | 'refreshed' | 'shared' | 'store' | undefined>>()
        const { token, queue, connect, headers, body } = timings
        holds<Same<keyof typeof timings, 'token' | 'queue' | 'connect' | 'headers' | 'body'>>()
        console.log(token + queue + connect + headers + body)
      }
    },
    error(event) {
      holds<Same<typeof event.error, unknown>>()
    },
  })
  tokens.subscribe({
    start(event) {
      holds<Same<typeof event.clientId, string>>()
      holds<Same<typeof event.tokenUrl, string>>()
    },
    end() {},
    asyncStart() {},
    asyncEnd(event) {
      holds<Same<typeof event.expiresAt, Date | undefined>>()
      holds<Same<typeof event.scope, string[] | undefined>>()
      const { outcome, time, waited } = event.store ?? { outcome: 'hit', time: 0, waited: 0 }
      holds<Same<typeof outcome, 'hit' | 'miss' | 'left' | 'failed' | 'skipped'>>()
      console.log(time + waited)
    },
    error() {},
  })
}

export function tell(event: Layer1TokenEvent): void {
  holds<Same<typeof event.error, Layer1Error | undefined>>()
}
