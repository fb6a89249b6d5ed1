'use strict'
// Signed requests (RFC 9421, as Layer1 documents them), made without anything of this package, and one who alters them on
// their way. A caller is a function, so that any other signer can be put through the same tests.

const crypto = require('node:crypto')
const { once } = require('node:events')
const http = require('node:http')
const { startSandbox } = require('layer1/sandbox')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {{ method: string, path: string, body?: string | Uint8Array | undefined, headers?: Record<string, string> }} Call */
/** @typedef {{ privateKey: crypto.KeyObject, keyId: string }} Signer */
/** @typedef {{ method: string, url: string, headers: Record<string, any>, body: Buffer }} Message */
/** @typedef {{ status: number, json: any, headers: http.IncomingHttpHeaders }} Answer */
/** @typedef {(baseUrl: string, signer: Signer, call: Call) => Promise<Answer>} Caller */

/** How a test departs from what is right. @typedef {{ created?: number, alg?: string, label?: string, components?: string[], params?: string, digest?: string | null, sign?: (base: string) => Buffer }} Departure */

const signer = { ...crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }), keyId: 'layer1-sandbox' }
/** One whose key no sandbox knows, unless it is told. */
const stranger = { ...crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }), keyId: 'stranger' }

const list = { method: 'GET', path: '/digital/v1/addresses?pageSize=2&type=a&type=b' }
const payment = {
  method: 'POST',
  path: '/digital/v1/transaction-requests',
  body: '{"reference":"REF-1","amount":"1.10"}',
}

/**
 * Starts a sandbox that knows the signer's key and demands signatures.
 *
 * @param {TestContext} t
 * @param {import('layer1/sandbox').SandboxOptions} [options]
 */
async function startSigned(t, options) {
  const sandbox = await startSandbox({ publicKey: signer.publicKey, auth: 'signature', ...options })
  t.after(() => sandbox.close())
  return sandbox
}

/**
 * Writes the headers of a signed request.
 *
 * @param {Signer} signer
 * @param {{ method: string, target: string, body: Buffer }} request
 * @param {Departure} [departure]
 * @returns {Record<string, string>}
 */
function signatureHeaders({ privateKey, keyId }, { method, target, body }, departure = {}) {
  const { created = Math.floor(Date.now() / 1000), alg = 'rsa-v1_5-sha256', label = 'sig' } = departure
  const sha256 = crypto.createHash('sha256').update(body).digest('base64')
  const digest = departure.digest === undefined ? (body.length > 0 ? `sha-256=:${sha256}:` : null) : departure.digest
  const names = departure.components ?? ['@method', '@target-uri', ...(digest === null ? [] : ['content-digest'])]
  const list = names.map((name) => `"${name}"`).join(' ')
  const params = `(${list})${departure.params ?? `;created=${created};keyid="${keyId}";alg="${alg}"`}`
  /** @type {Record<string, string>} */
  const values = { '@method': method, '@target-uri': target, 'content-digest': String(digest) }
  const base = [...names.map((name) => `"${name}": ${values[name]}`), `"@signature-params": ${params}`].join('\n')
  const sign = departure.sign ?? ((text) => crypto.sign('sha256', Buffer.from(text), privateKey))
  return {
    'signature-input': `${label}=${params}`,
    signature: `${label}=:${sign(base).toString('base64')}:`,
    ...(digest === null ? {} : { 'content-digest': digest }),
  }
}

/**
 * Makes a caller that signs with node:crypto.
 *
 * @param {Departure} [departure]
 * @returns {Caller}
 */
function independentCaller(departure) {
  return (baseUrl, signer, { method, path, body: given, headers }) => {
    const body = Buffer.from(given ?? '')
    const signed = signatureHeaders(signer, { method, target: baseUrl + path, body }, departure)
    const { hostname, port } = new URL(baseUrl)
    return send({ hostname, port, method, path, headers: { ...signed, ...headers } }, body)
  }
}

/**
 * Sends a request as it is said, nothing normalised.
 *
 * @param {http.RequestOptions} options
 * @param {Buffer} body
 * @returns {Promise<Answer>}
 */
async function send(options, body) {
  const request = http.request({ agent: false, ...options })
  if (body.length > 0) request.setHeader('content-length', body.length)
  request.end(body)
  const [response] = /** @type {[http.IncomingMessage]} */ (await once(request, 'response'))
  const text = (await read(response)).toString()
  return {
    status: response.statusCode ?? 0,
    json: text === '' ? undefined : JSON.parse(text),
    headers: response.headers,
  }
}

/**
 * Stands between a caller and the sandbox, and alters what is signed and goes through. The header `host` stays, and with it the
 * URL that was signed.
 *
 * @param {TestContext} t
 * @param {{ port: number }} sandbox
 * @param {(message: Message) => Partial<Message>} alter
 * @returns {Promise<string>} the base URL for callers
 */
async function startMiddleman(t, sandbox, alter) {
  const server = http.createServer(async (request, response) => {
    const { 'content-length': _, 'accept-encoding': __, ...headers } = request.headers
    const message = { method: String(request.method), url: String(request.url), headers, body: await read(request) }
    const altered = { ...message, ...('signature' in headers && alter(message)) }
    const target = { hostname: '127.0.0.1', port: sandbox.port, method: altered.method, path: altered.url }
    const answer = await send({ ...target, headers: altered.headers }, altered.body)
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.json))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return `http://127.0.0.1:${port}`
}

/** @param {http.IncomingMessage} message */
async function read(message) {
  /** @type {Buffer[]} */
  const chunks = []
  for await (const chunk of message) chunks.push(chunk)
  return Buffer.concat(chunks)
}

module.exports = {
  independentCaller,
  list,
  payment,
  send,
  signatureHeaders,
  signer,
  startMiddleman,
  startSigned,
  stranger,
}
