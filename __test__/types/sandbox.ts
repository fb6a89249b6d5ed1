// layer1/sandbox.

import type { KeyObject } from 'node:crypto'
import { Layer1 } from 'layer1'
import type {
  FailurePlan,
  Sandbox,
  SandboxClient,
  SandboxOptions,
  SandboxRequest,
  SandboxWebhook,
  WebhookAttempt,
  WebhookOptions,
  WebhookReport,
} from 'layer1/sandbox'
import { startSandbox } from 'layer1/sandbox'
import { holds, type Same } from './same.js'

export async function start(port: number | undefined, clients: readonly SandboxClient[]): Promise<void> {
  await startSandbox()
  await startSandbox({})
  const options: SandboxOptions = {
    port,
    host: '127.0.0.1',
    clientId: 'id',
    clientSecret: 'secret',
    clients,
    publicKey: '-----BEGIN PUBLIC KEY-----',
    keyId: 'key',
    auth: 'both',
    signatureMaxAge: 300,
    tokenLifetime: 300,
    latency: 0,
  }
  await using sandbox = await startSandbox(options)
  holds<Same<typeof sandbox, Sandbox>>()
  const layer1 = new Layer1(sandbox.options)
  await layer1.get('/api/v1/asset-pools')
  holds<Same<typeof sandbox.baseUrl, string>>()
  holds<Same<typeof sandbox.tokenUrl, string>>()
  holds<Same<typeof sandbox.issuer, string>>()
  holds<Same<typeof sandbox.port, number>>()
  sandbox.fail()
  sandbox.clearFailures()
  sandbox.revokeTokens()
  sandbox.clearRequests()
  for (const request of sandbox.requests) {
    look(request)
  }
  await sandbox.close()
}

export const client: SandboxClient = {
  clientId: 'id',
  clientSecret: 'secret',
  scopes: ['networks:view'] as const,
  optionalScopes: [],
  tokenLifetime: 0.5,
  enabled: true,
  serviceAccountsEnabled: false,
  publicClient: false,
}
export const openClient: SandboxClient = {
  clientId: 'id',
  clientSecret: undefined,
  scopes: undefined,
  optionalScopes: undefined,
  tokenLifetime: undefined,
  enabled: undefined,
  serviceAccountsEnabled: undefined,
  publicClient: undefined,
}

export const plans: readonly FailurePlan[] = [
  {},
  { endpoint: 'token', status: 401, times: Number.POSITIVE_INFINITY, retryAfter: 1, delay: 10 },
  {
    endpoint: 'api',
    body: 'text',
    headers: { 'x-one': 'a', 'x-two': ['b', 'c'] as const },
    path: '/api',
    method: 'GET',
  },
  { body: { code: 'layer1:digital-asset:4008' }, retryAfter: new Date(), disconnect: true },
  { retryAfter: 'soon', endpoint: undefined, status: undefined, times: undefined, delay: undefined, body: undefined },
  { headers: undefined, path: undefined, method: undefined, disconnect: undefined, retryAfter: undefined },
]

function look(request: SandboxRequest): void {
  holds<Same<typeof request.endpoint, 'api' | 'token' | 'realm'>>()
  holds<Same<typeof request.method, string>>()
  holds<Same<typeof request.path, string>>()
  holds<Same<typeof request.query, Record<string, string | string[]>>>()
  holds<Same<typeof request.headers, Record<string, string | string[]>>>()
  holds<Same<typeof request.body, string | undefined>>()
  holds<Same<typeof request.grantType, string | undefined>>()
  holds<Same<typeof request.clientId, string | undefined>>()
  holds<Same<typeof request.status, number>>()
  holds<Same<typeof request.at, Date>>()
  holds<Same<typeof request.connection, number>>()
}

declare const publicKey: KeyObject
export const signers: readonly SandboxClient[] = [
  { clientId: 'id', publicKey },
  { clientId: 'id', publicKey: Buffer.from(''), keyId: 'key' },
  { clientId: 'id', clientSecret: 'secret', publicKey: undefined, keyId: undefined },
]

export async function send(sandbox: Sandbox, webhook: SandboxWebhook, options: WebhookOptions): Promise<WebhookReport> {
  holds<Same<typeof sandbox.webhookPublicKey, string>>()
  await sandbox.sendWebhook('http://127.0.0.1:3000/', 'hello world')
  await sandbox.sendWebhook(new URL('http://127.0.0.1:3000/'), new Uint8Array(1), { signature: null, maxAttempts: 1 })
  await sandbox.sendWebhook('http://127.0.0.1:3000/', { event: 'a', timestamp: null, data: [1] }, { retryDelay: 0 })
  const report = await sandbox.sendWebhook('http://127.0.0.1:3000/', webhook, options)
  holds<Same<typeof report.delivered, boolean>>()
  holds<Same<typeof report.attempts, WebhookAttempt[]>>()
  holds<Same<typeof report.signature, string | null>>()
  return report
}
