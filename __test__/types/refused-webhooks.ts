// Uses of verifyWebhook that must not compile.

import type { Layer1WebhookEvent } from 'layer1'
import { type Layer1WebhookError, verifyWebhook } from 'layer1'

declare const error: Layer1WebhookError
declare const event: Layer1WebhookEvent

// @ts-expect-error a body that was parsed
verifyWebhook({ body: { event: 'a' }, signature: 'MEYC', publicKey: 'MFYw' })
// @ts-expect-error no key
verifyWebhook({ body: '', signature: 'MEYC' })
// @ts-expect-error the header is not said
verifyWebhook({ body: '', publicKey: 'MFYw' })
// @ts-expect-error a misspelt member
verifyWebhook({ body: '', signature: 'MEYC', publicKey: 'MFYw', secret: '' })
// @ts-expect-error three arguments
verifyWebhook('', 'MEYC', 'MFYw')
// @ts-expect-error what an event is about depends on its name
event.data.id
// @ts-expect-error a timestamp may be null
event.timestamp.slice(0, 10)
// @ts-expect-error an event has a name
verifyWebhook<{ id: string }>({ body: '', signature: 'MEYC', publicKey: 'MFYw' })
// @ts-expect-error a reason that there is not
export const isOld = error.reason === 'timestamp'
