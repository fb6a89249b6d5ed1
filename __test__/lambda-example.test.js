'use strict'
// examples/lambda: handler.mjs in runtime.mjs, frozen between events as Lambda does it.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { setTimeout: sleep } = require('node:timers/promises')
const { startSandbox } = require('layer1/sandbox')
const { startExample, variablesOf } = require('./support/examples.js')

/** Seconds that a token lives. */
const LIFETIME = 2

/**
 * Starts the runtime with the handler, and waits for the end of its init phase.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('layer1/sandbox').Sandbox} sandbox
 */
async function startFunction(t, sandbox) {
  const { child, printed } = startExample(t, 'lambda/runtime.mjs', variablesOf(sandbox.options))
  await printed(/^\{"init":"done"\}$/m)
  let count = 0
  return {
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
    /** Hands it an event, and gives what it answers. @param {object} event */
    async invoke(event) {
      child.stdin.write(`${JSON.stringify(event)}\n`)
      count += 1
      const [text] = await printed(new RegExp(`(?<=^(?:\\{.*\\}\\n){${count}})\\{.*\\}(?=\\n)`))
      const { statusCode, body, ...rest } = JSON.parse(text)
      assert.deepEqual(rest, {})
      return { statusCode, ...JSON.parse(body) }
    },
  }
}

/** Waits until the last token is no longer valid. @param {import('layer1/sandbox').Sandbox} sandbox */
async function untilExpired({ requests }) {
  const { at } = /** @type {import('layer1/sandbox').SandboxRequest} */ (
    requests.findLast(({ endpoint }) => endpoint === 'token')
  )
  const end = at.getTime() + LIFETIME * 1_000 + 200
  while (Date.now() < end) await sleep(end - Date.now())
}

/** @param {import('layer1/sandbox').Sandbox} sandbox */
const tokenRequests = ({ requests }) => requests.filter(({ endpoint }) => endpoint === 'token').length

describe('given examples/lambda', {
  skip: process.platform === 'win32' && 'Windows has no SIGSTOP',
  timeout: 60_000,
}, () => {
  it('when its init phase is over, then the token and the connection are there before the first event', async (t) => {
    const sandbox = await startSandbox()
    t.after(() => sandbox.close())
    const { invoke } = await startFunction(t, sandbox)
    const connections = sandbox.requests.map(({ connection }) => connection)
    assert.equal(tokenRequests(sandbox), 1)
    assert.deepEqual(await invoke({ pageSize: 1 }), { statusCode: 200, totalElements: 23, names: ['Treasury 01'] })
    assert.equal(tokenRequests(sandbox), 1)
    assert.ok(connections.includes(Number(sandbox.requests.at(-1)?.connection)))
  })

  it('when it is frozen for longer than its token lives, then each next event is answered, with a token that is valid', async (t) => {
    const sandbox = await startSandbox({ tokenLifetime: LIFETIME })
    t.after(() => sandbox.close())
    const { invoke, freeze, thaw } = await startFunction(t, sandbox)
    for (const pageSize of [1, 2]) {
      assert.equal((await invoke({ pageSize })).names.length, pageSize)
      const before = tokenRequests(sandbox)
      freeze()
      await untilExpired(sandbox)
      thaw()
      assert.equal((await invoke({ pageSize })).names.length, pageSize)
      assert.ok(tokenRequests(sandbox) > before)
    }
    const statuses = sandbox.requests.filter(({ method }) => method === 'GET').map(({ status }) => status)
    assert.deepEqual(statuses, [200, 200, 200, 200])
  })

  it('when every connection is closed and every token forgotten while it is frozen, then the next event is answered', async (t) => {
    const first = await startSandbox()
    const { invoke, freeze, thaw } = await startFunction(t, first)
    await invoke({})
    freeze()
    await first.close()
    const second = await startSandbox({ port: first.port })
    t.after(() => second.close())
    thaw()
    assert.equal((await invoke({ pageSize: 3 })).names.length, 3)
    assert.equal(tokenRequests(second), 1)
  })
})
