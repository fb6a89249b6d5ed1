// Uses of layer1/sandbox that must not compile.

import type { FailurePlan, Sandbox, SandboxOptions } from 'layer1/sandbox'
import { startSandbox } from 'layer1/sandbox'

declare const sandbox: Sandbox

// @ts-expect-error a misspelt option
startSandbox({ ports: 1 })
// @ts-expect-error a port as text
startSandbox({ port: '8080' })
// @ts-expect-error text with a unit
startSandbox({ latency: '1s' })
// @ts-expect-error a client without its id
startSandbox({ clients: [{ clientSecret: 'secret' }] })
// @ts-expect-error scopes are a list
startSandbox({ clients: [{ clientId: 'id', scopes: 'networks:view' }] })
// @ts-expect-error the promise is no sandbox
startSandbox().baseUrl
// @ts-expect-error a side that there is not
sandbox.fail({ endpoint: 'proxy' })
// @ts-expect-error a status as text
sandbox.fail({ status: '503' })
// @ts-expect-error a misspelt option
sandbox.fail({ retry: 1 })
// @ts-expect-error a body that is no JSON
sandbox.fail({ body: 1 })
// @ts-expect-error readonly
sandbox.port = 1
// @ts-expect-error readonly
sandbox.requests = []
// @ts-expect-error an endpoint that there is not
export const isProxy = sandbox.requests[0]?.endpoint === 'proxy'
// @ts-expect-error null is no port
export const options: SandboxOptions = { port: null }
// @ts-expect-error null is no status
export const plan: FailurePlan = { status: null }
// @ts-expect-error a way to authenticate that there is not
startSandbox({ auth: 'none' })
// @ts-expect-error a key is no number
startSandbox({ publicKey: 1 })
// @ts-expect-error a webhook without its event
sandbox.sendWebhook('http://127.0.0.1:3000/', { data: {} })
// @ts-expect-error a webhook without its URL
sandbox.sendWebhook({ event: 'a' })
// @ts-expect-error a misspelt option
sandbox.sendWebhook('http://127.0.0.1:3000/', { event: 'a' }, { retries: 1 })
// @ts-expect-error readonly
sandbox.webhookPublicKey = ''
