'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const http = require('node:http')
const { describe, it } = require('node:test')
const { verifyWebhook } = require('layer1')
const { startSandbox } = require('layer1/sandbox')
const { refusal } = require('./support/webhooks.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {{ body: Buffer, headers: http.IncomingHttpHeaders, method: string | undefined }} Delivery */

const webhook = { event: 'layer1:digital:deposit:status-change', data: { id: '0x1f', amount: '1.10' } }

/**
 * @param {TestContext} t
 * @param {import('layer1/sandbox').SandboxOptions} [options]
 */
async function start(t, options) {
  const sandbox = await startSandbox(options)
  t.after(() => sandbox.close())
  return sandbox
}

/**
 * Starts a server of a user, which answers deliveries with these statuses in turn, and then on with the last. 0 breaks the
 * connection.
 *
 * @param {TestContext} t
 * @param {number[]} statuses
 */
async function startReceiver(t, ...statuses) {
  /** @type {Delivery[]} */
  const deliveries = []
  const server = http.createServer(async (request, response) => {
    /** @type {Buffer[]} */
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    deliveries.push({ body: Buffer.concat(chunks), headers: request.headers, method: request.method })
    const status = statuses[Math.min(deliveries.length, statuses.length) - 1]
    if (status === 0) request.socket.destroy()
    else if (status !== undefined) response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return { url: `http://127.0.0.1:${port}/webhooks`, deliveries, server }
}

/** @param {Delivery | undefined} delivery @param {string} publicKey */
function given(delivery, publicKey) {
  return { body: delivery?.body ?? '', signature: delivery?.headers['x-signature'], publicKey }
}

describe('given sendWebhook', { timeout: 60_000 }, () => {
  it('when the receiver answers 200, then it was delivered once, and verifyWebhook gives its event', async (t) => {
    const sandbox = await start(t, { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678) })
    const receiver = await startReceiver(t, 200)
    const report = await sandbox.sendWebhook(receiver.url, webhook)
    const [delivery, ...more] = receiver.deliveries
    assert.deepEqual([report.delivered, report.attempts, more.length], [true, [{ status: 200 }], 0])
    assert.deepEqual(verifyWebhook(given(delivery, sandbox.webhookPublicKey)), {
      ...webhook,
      timestamp: '2026-01-02T03:04:05.678000000Z',
    })
    assert.deepEqual([delivery?.method, delivery?.headers['content-type']], ['POST', 'application/json'])
    assert.deepEqual([report.body, report.signature], [String(delivery?.body), delivery?.headers['x-signature']])
  })

  it('when the body is parsed and written anew, then its signature is wrong', async (t) => {
    const sandbox = await start(t)
    const receiver = await startReceiver(t, 200)
    const { body, signature } = await sandbox.sendWebhook(receiver.url, webhook)
    const anew = JSON.stringify(JSON.parse(body))
    assert.equal(refusal({ body: anew, signature, publicKey: sandbox.webhookPublicKey }).reason, 'signature')
  })

  it('when the answer is anything but 200, then the same delivery comes again until it is', async (t) => {
    const sandbox = await start(t)
    const statuses = [500, 204, 302, 401, 0, 201, 200]
    const receiver = await startReceiver(t, ...statuses)
    const { delivered, attempts } = await sandbox.sendWebhook(receiver.url, webhook, { retryDelay: 0 })
    assert.deepEqual([delivered, attempts.map(({ status }) => status)], [true, statuses])
    assert.match(String(attempts[4]?.error), /socket hang up|ECONNRESET/)
    const [first, ...others] = receiver.deliveries.map(({ body, headers }) => `${headers['x-signature']} ${body}`)
    assert.equal(others.length, statuses.length - 1)
    assert.deepEqual([...new Set(others)], [first])
  })

  it('when nobody ever takes it, then it is given up after 100 deliveries', async (t) => {
    const sandbox = await start(t)
    const receiver = await startReceiver(t, 500)
    const { delivered, attempts } = await sandbox.sendWebhook(receiver.url, webhook, { retryDelay: 0 })
    assert.deepEqual([delivered, attempts.length, receiver.deliveries.length], [false, 100, 100])
  })

  it('when maxAttempts says less, then it is given up earlier', async (t) => {
    const sandbox = await start(t)
    const receiver = await startReceiver(t, 500)
    const report = await sandbox.sendWebhook(new URL(receiver.url), webhook, { retryDelay: 1, maxAttempts: 2 })
    assert.deepEqual([report.delivered, receiver.deliveries.length], [false, 2])
  })

  it('when nobody listens, then the report says so', async (t) => {
    const sandbox = await start(t)
    const receiver = await startReceiver(t, 200)
    receiver.server.close()
    await once(receiver.server, 'close')
    const { delivered, attempts } = await sandbox.sendWebhook(receiver.url, webhook, { maxAttempts: 1 })
    assert.deepEqual([delivered, attempts.length, attempts[0]?.status], [false, 1, 0])
    assert.match(String(attempts[0]?.error), /ECONNREFUSED/)
  })

  it('when there is no answer in time, then the report says so', async (t) => {
    const sandbox = await start(t)
    const receiver = await startReceiver(t)
    const { attempts } = await sandbox.sendWebhook(receiver.url, webhook, { maxAttempts: 1, timeout: 50 })
    assert.deepEqual(attempts, [{ status: 0, error: 'There was no answer within 50 ms.' }])
  })

  for (const [what, raw] of /** @type {[string, string | Uint8Array][]} */ ([
    ['text', 'hello world'],
    ['nothing', ''],
    ['bytes', Uint8Array.of(0, 255, 10)],
  ])) {
    it(`when it is given ${what} in place of an event, then that is sent as it is, rightly signed`, async (t) => {
      const sandbox = await start(t)
      const receiver = await startReceiver(t, 200)
      await sandbox.sendWebhook(receiver.url, raw)
      assert.deepEqual(receiver.deliveries[0]?.body, Buffer.from(raw))
      assert.equal(refusal(given(receiver.deliveries[0], sandbox.webhookPublicKey)).reason, 'event')
    })
  }

  for (const [what, signature, said] of /** @type {[string, string | null, RegExp][]} */ ([
    ['another signature', 'MEYCIQ==', /signature is wrong/],
    ['an empty one', '', /signature is empty/],
    ['none', null, /has no signature/],
  ])) {
    it(`when it is told to send ${what}, then verifyWebhook refuses it`, async (t) => {
      const sandbox = await start(t)
      const receiver = await startReceiver(t, 200)
      assert.equal((await sandbox.sendWebhook(receiver.url, webhook, { signature })).signature, signature)
      assert.match(refusal(given(receiver.deliveries[0], sandbox.webhookPublicKey)).message, said)
    })
  }

  it('when another sandbox sends it, then its signature is wrong', async (t) => {
    const [one, other] = [await start(t), await start(t)]
    const receiver = await startReceiver(t, 200)
    await one.sendWebhook(receiver.url, webhook)
    assert.equal(refusal(given(receiver.deliveries[0], other.webhookPublicKey)).reason, 'signature')
  })

  it('when the timestamp is said, then it is sent, null too', async (t) => {
    const sandbox = await start(t)
    const receiver = await startReceiver(t, 200)
    await sandbox.sendWebhook(receiver.url, { event: 'a', timestamp: null })
    const event = verifyWebhook(given(receiver.deliveries[0], sandbox.webhookPublicKey))
    assert.deepEqual(event, { event: 'a', timestamp: null, data: {} })
  })

  it('when the sandbox is closed between deliveries, then it is given up', async (t) => {
    const sandbox = await start(t)
    const receiver = await startReceiver(t, 500)
    const sent = sandbox.sendWebhook(receiver.url, webhook, { retryDelay: 2 ** 31 - 1 })
    while (receiver.deliveries.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await sandbox.close()
    assert.equal((await sent).delivered, false)
  })

  it('when the sandbox is closed during a delivery, then it is given up', async (t) => {
    const sandbox = await start(t)
    const receiver = await startReceiver(t)
    const sent = sandbox.sendWebhook(receiver.url, webhook)
    while (receiver.deliveries.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await sandbox.close()
    const { delivered, attempts } = await sent
    assert.deepEqual([delivered, attempts.map(({ status }) => status)], [false, [0]])
  })

  it('when the sandbox is closed already, then it rejects', async (t) => {
    const sandbox = await start(t)
    await sandbox.close()
    await assert.rejects(sandbox.sendWebhook('http://127.0.0.1:1/', webhook), /closed/)
  })

  for (const [what, args, said] of /** @type {[string, any[], RegExp][]} */ ([
    ['no URL', [undefined, webhook], /http or https URL/],
    ['a path', ['/webhooks', webhook], /http or https URL/],
    ['another scheme', ['file:///webhooks', webhook], /http or https URL/],
    ['no webhook', ['http://127.0.0.1:1/', undefined], /a webhook/],
    ['a webhook without a name', ['http://127.0.0.1:1/', {}], /"event"/],
    ['a member that there is not', ['http://127.0.0.1:1/', { event: 'a', id: 1 }], /Unknown "id" in a webhook/],
    ['a time that is no text', ['http://127.0.0.1:1/', { event: 'a', timestamp: 1 }], /"timestamp"/],
    ['data that is no JSON', ['http://127.0.0.1:1/', { event: 'a', data: 1n }], /BigInt/],
    ['an option that there is not', ['http://127.0.0.1:1/', webhook, { retries: 1 }], /Unknown "retries"/],
    ['101 deliveries', ['http://127.0.0.1:1/', webhook, { maxAttempts: 101 }], /"maxAttempts"/],
    ['a signature that is no header', ['http://127.0.0.1:1/', webhook, { signature: 'a\r\nb: c' }], /"signature"/],
  ])) {
    it(`when it is given ${what}, then it rejects with a TypeError that says so`, async (t) => {
      const sandbox = await start(t)
      const send = /** @type {(...args: any[]) => Promise<unknown>} */ (sandbox.sendWebhook)
      await assert.rejects(
        send(...args),
        (/** @type {any} */ error) => error instanceof TypeError && said.test(error.message),
      )
    })
  }
})
