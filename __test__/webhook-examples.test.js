'use strict'
// The examples that take webhooks, each as a process of its own, with a sandbox that sends them.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { startSandbox } = require('layer1/sandbox')
const { startExample } = require('./support/examples.js')

const deposit = { event: 'layer1:digital:deposit:status-change', timestamp: null, data: { id: '0x1f' } }

/**
 * Starts an example, and waits until it listens.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} name
 * @param {string} key
 */
async function listen(t, name, key) {
  const example = startExample(t, `webhooks/${name}`, { PORT: '0', LAYER1_WEBHOOK_KEY: key })
  const [, url = ''] = await example.printed(/^listening on (http:\S+)$/m)
  return { url, end: example.end }
}

for (const name of ['http.js', 'express.js', 'fastify.js']) {
  describe(`given examples/webhooks/${name} and a sandbox that sends webhooks`, { timeout: 60_000 }, () => {
    it('when webhooks come, then it takes those that are rightly signed, whatever their layout, and refuses others', async (t) => {
      const sandbox = await startSandbox()
      t.after(() => sandbox.close())
      const example = await listen(t, name, sandbox.webhookPublicKey)
      const once = { maxAttempts: 1 }
      const reports = [
        await sandbox.sendWebhook(example.url, deposit, once),
        await sandbox.sendWebhook(example.url, '{ "event": "odd\\u0020one", "timestamp":null, "data": 1.0 }', once),
        await sandbox.sendWebhook(example.url, deposit, { ...once, signature: null }),
        await sandbox.sendWebhook(example.url, deposit, { ...once, signature: 'MEYCIQ==' }),
        await sandbox.sendWebhook(example.url, 'hello world', once),
        await sandbox.sendWebhook(example.url, '', once),
      ]
      const statuses = reports.map(({ attempts }) => attempts[0]?.status)
      const output = await example.end()
      assert.deepEqual(statuses, [200, 200, 401, 401, 500, 500], output)
      const printed = output.trimEnd().split('\n').slice(1)
      assert.deepEqual(printed.slice(0, 2), [`${deposit.event} at null: {"id":"0x1f"}`, 'odd one at null: 1'])
      assert.match(String(printed[2]), /^refused: The webhook has no signature/)
      assert.match(String(printed[3]), /^refused: The webhook's signature is wrong/)
      assert.match(String(printed[4]), /^refused: The webhook comes from Layer1, but its body is no JSON/)
    })

    it('when its key is wrong, then it answers 500 and says that it is the key', async (t) => {
      const sandbox = await startSandbox()
      t.after(() => sandbox.close())
      const example = await listen(t, name, '')
      const { attempts } = await sandbox.sendWebhook(example.url, deposit, { maxAttempts: 1 })
      assert.deepEqual(attempts, [{ status: 500 }])
      assert.match(await example.end(), /^refused: The webhook's public key cannot be used: there is none/m)
    })

    if (name !== 'http.js') {
      it('when another route is called with JSON, then that is parsed as ever', async (t) => {
        const example = await listen(t, name, '')
        const headers = { 'content-type': 'application/json' }
        const body = '{"items":[1,2]}'
        const response = await fetch(new URL('/orders', example.url), { method: 'POST', headers, body })
        assert.deepEqual([response.status, await response.json()], [200, { items: 2 }])
        await example.end()
      })
    }
  })
}
