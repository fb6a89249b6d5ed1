// Clients that must not compile.

import { Layer1 } from 'layer1'

declare const layer1: Layer1

// @ts-expect-error a misspelt option
new Layer1({ clientID: 'id' })
// @ts-expect-error an option that there is not
new Layer1({ rejectUnauthorized: false })
// @ts-expect-error a number for a string
new Layer1({ clientId: 1 })
// @ts-expect-error an environment that there is not
new Layer1({ environment: 'staging' })
// @ts-expect-error neither a string nor a URL
new Layer1({ baseUrl: { href: 'https://api.layer1.com' } })
// @ts-expect-error a URL in a list
new Layer1({ tokenUrl: ['https://auth.layer1.com'] })
// @ts-expect-error a list of numbers
new Layer1({ scope: [1, 2] })
// @ts-expect-error a way to authenticate that there is not
new Layer1({ clientAuth: 'tls_client_auth' })
// @ts-expect-error another way to authenticate that there is not
new Layer1({ auth: 'basic' })
// @ts-expect-error a key that is no text
new Layer1({ privateKey: { pem: 'key' } })
// @ts-expect-error a list of certificates
new Layer1({ cert: ['certificate'], key: 'key' })
// @ts-expect-error text with a unit
new Layer1({ timeout: '30s' })
// @ts-expect-error a number as text
new Layer1({ connectTimeout: '5000' })
// @ts-expect-error a switch for a number
new Layer1({ maxRetries: true })
// @ts-expect-error a BigInt for a number
new Layer1({ maxConnections: 128n })
// @ts-expect-error text with a unit
new Layer1({ maxResponseBytes: '16MiB' })
// @ts-expect-error no bytes
new Layer1({ ca: new Date() })
// @ts-expect-error no PEM text
new Layer1({ ca: [1] })
// @ts-expect-error only false says none
new Layer1({ proxy: true })
// @ts-expect-error an object for a URL
new Layer1({ proxy: { host: 'proxy.example' } })
// @ts-expect-error a header with two values
new Layer1({ headers: { accept: ['a', 'b'] } })
// @ts-expect-error a header with a number
new Layer1({ headers: { 'x-tenant': 1 } })
// @ts-expect-error a list for text
new Layer1({ userAgent: ['shop'] })
// @ts-expect-error text for a switch
new Layer1({ shareToken: 'false' })
// @ts-expect-error options in two arguments
new Layer1('id', 'secret')
// @ts-expect-error no class without new
Layer1()

// @ts-expect-error a promise used as the token
export const token: string = layer1.getToken()
// @ts-expect-error a promise in a header
layer1.get('/x', { headers: { 'x-token': layer1.getToken() } })
// @ts-expect-error a misspelt option
layer1.getToken({ force: true })
// @ts-expect-error text for a switch
layer1.getToken({ forceRefresh: 'yes' })
// @ts-expect-error a controller for its signal
layer1.getToken({ signal: new AbortController() })
// @ts-expect-error text with a unit
layer1.getTokenInfo({ timeout: '1s' })
// @ts-expect-error a promise is no date
export const expiresAt: Date = layer1.getTokenInfo().expiresAt
// @ts-expect-error a warm-up has no query
layer1.warmUp({ query: {} })
// @ts-expect-error nothing to swap is said
layer1.setCredentials()
// @ts-expect-error a misspelt option
layer1.setCredentials({ secret: 'secret' })
// @ts-expect-error null is no secret
layer1.setCredentials({ clientSecret: null })
// @ts-expect-error it is not to be chosen which token
layer1.invalidateToken('token')
// @ts-expect-error a counter that there is not
layer1.stats().errors
// @ts-expect-error nothing of the inside is to be had
layer1.native
// @ts-expect-error a method that there is not
layer1.head('/x')

async function life(): Promise<void> {
  // @ts-expect-error it closes asynchronously
  using client = new Layer1()
  await client.close()
}
void life
