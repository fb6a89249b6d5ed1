// verifyWebhook, and what it gives.

import type { IncomingMessage } from 'node:http'
import type { Layer1WebhookEvent, Layer1WebhookEventName, WebhookDelivery } from 'layer1'
import { verifyWebhook } from 'layer1'
import { holds, type Same } from './same.js'

declare const request: IncomingMessage
declare const raw: Buffer
declare const publicKey: string

const event = verifyWebhook({ body: raw, signature: request.headers['x-signature'], publicKey })
holds<Same<typeof event.event, Layer1WebhookEventName>>()
holds<Same<typeof event.timestamp, string | null>>()
holds<Same<typeof event.data, unknown>>()
export const text: string = event.event

/** Names are open: those that are documented, and any other. */
export function byName({ event }: Layer1WebhookEvent): string {
  switch (event) {
    case 'layer1:digital:deposit:status-change':
      return 'a deposit'
    case 'layer1:digital:of-tomorrow':
      return 'new'
    default:
      return event
  }
}
export const names: Layer1WebhookEventName[] = ['layer1:digital:balance:updated', 'anything', String(1)]

/** A program's own union of events, told apart by name. */
type Created = Layer1WebhookEvent<'layer1:digital:address:created', { address: string }>
type Updated = Layer1WebhookEvent<'layer1:digital:balance:updated', { asset: string }>
const own = verifyWebhook<Created | Updated>({ body: raw, signature: request.headers['x-signature'], publicKey })
holds<Same<typeof own, Created | Updated>>()
if (own.event === 'layer1:digital:address:created') {
  holds<Same<typeof own.data, { address: string }>>()
}

/** Other ways to have body, header and key. */
export const deliveries: WebhookDelivery[] = [
  { body: 'text', signature: 'MEYC', publicKey },
  { body: new Uint8Array(1), signature: null, publicKey: raw },
  { body: new DataView(new ArrayBuffer(1)), signature: undefined, publicKey: new Uint8Array(1) },
  { body: new ArrayBuffer(1), signature: ['MEYC'] as const, publicKey: new ArrayBuffer(1) },
]
