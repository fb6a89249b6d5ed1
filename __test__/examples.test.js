'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { after, before, describe, it } = require('node:test')
const { startSandbox } = require('layer1/sandbox')

const examples = path.join(__dirname, '..', 'examples')

/** What each example has to print; a new example needs its line here. @type {Record<string, RegExp[]>} */
const landmarks = {
  'quick-start.js': [/^23 asset pools, the first of them:$/m, /^[0-9a-f-]{36} {2}Treasury 01$/m],
  'quick-start.mjs': [
    /^A token until 20\d\d-\S+Z for 11 scopes\.$/m,
    /^Networks: .*BITCOIN/m,
    /^Token requests: 1\. API requests: 1\.$/m,
  ],
  'errors.js': [
    /^There is no such thing \(NOT_FOUND, layer1:digital-asset:4008\)\.$/m,
    /^The API did not like the call: .*"pageSize":\["must be/m,
    /^A defect of this program; nothing was sent\. .*absolute URL/m,
    /^The credentials are refused \(unauthorized_client\)\./m,
    /^ERR_LAYER1_CONNECT\. Try again later\. .*127\.0\.0\.1:1 /m,
  ],
  'opentelemetry.js': [
    /^A report in trace [0-9a-f]{32}:$/m,
    /^GET \/digital\/v1\/networks: 200, attempts: 1, trace [0-9a-f]{32}, span [0-9a-f]{16}$/m,
  ],
}

/**
 * Runs an example against a sandbox, to its end.
 *
 * @param {string} name
 * @param {import('layer1/sandbox').Sandbox} sandbox
 * @returns {Promise<{ exitCode: unknown, stdout: string, stderr: string }>}
 */
function runExample(name, sandbox) {
  const env = {
    ...process.env,
    LAYER1_CLIENT_ID: sandbox.options.clientId,
    LAYER1_CLIENT_SECRET: sandbox.options.clientSecret,
    LAYER1_BASE_URL: sandbox.baseUrl,
    LAYER1_TOKEN_URL: sandbox.tokenUrl,
  }
  return new Promise((resolve) => {
    execFile(process.execPath, [path.join(examples, name)], { env }, (error, stdout, stderr) => {
      resolve({ exitCode: error ? error.code : 0, stdout, stderr })
    })
  })
}

describe('given the examples and a sandbox', () => {
  /** @type {import('layer1/sandbox').Sandbox} */
  let sandbox
  before(async () => {
    sandbox = await startSandbox()
  })
  after(() => sandbox.close())

  it('when they are listed, then each one is run here', () => {
    // Those that take webhooks are run in webhook-examples.test.js: they wait for something to come.
    const names = fs.readdirSync(examples).filter((name) => !name.startsWith('webhook-'))
    assert.deepEqual(names.sort(), Object.keys(landmarks).sort())
  })

  for (const [name, lines] of Object.entries(landmarks)) {
    it(`when ${name} runs, then it prints what it is there to show, and succeeds`, async () => {
      const { exitCode, stdout, stderr } = await runExample(name, sandbox)
      assert.equal(stderr, '')
      for (const line of lines) {
        assert.match(stdout, line)
      }
      assert.equal(exitCode, 0)
    })
  }
})

describe('given examples/opentelemetry.js', () => {
  it('when one of its calls has to be tried twice, then every attempt carries the ids of the span that it prints', async (t) => {
    const sandbox = await startSandbox()
    t.after(() => sandbox.close())
    sandbox.fail({ path: '/digital/v1/networks', status: 503 })
    const { exitCode, stdout, stderr } = await runExample('opentelemetry.js', sandbox)
    assert.deepEqual([exitCode, stderr], [0, ''])

    const report = /^A report in trace (\w+):$/m.exec(stdout)?.[1]
    const line = /^GET (\S+): (\d+), attempts: (\d), trace (\w+), span (\w+)$/gm
    const printed = [...stdout.matchAll(line)].map(([, path, status, attempts, trace, span]) => {
      assert.equal(trace, report, 'the span is not below that of its caller')
      return { path, status: Number(status), attempts: Number(attempts), traceparent: `00-${trace}-${span}-01` }
    })
    const arrived = sandbox.requests.filter(({ endpoint }) => endpoint === 'api')
    assert.equal(arrived.length, 3)
    assert.equal(new Set(printed.map(({ traceparent }) => traceparent)).size, 2)
    for (const { path, status, attempts, traceparent } of printed) {
      const own = arrived.filter((request) => request.path === path)
      assert.deepEqual(
        own.map(({ headers }) => headers.traceparent),
        Array(attempts).fill(traceparent),
      )
      assert.equal(own.at(-1)?.status, status)
    }
    assert.deepEqual(
      arrived.filter(({ path }) => path === '/digital/v1/networks').map(({ status }) => status),
      [503, 200],
    )
    const [token] = sandbox.requests.filter(({ endpoint }) => endpoint === 'token')
    assert.ok(token && !('traceparent' in token.headers))
  })
})
