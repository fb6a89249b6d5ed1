'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { after, before, describe, it } = require('node:test')
const { startSandbox } = require('layer1/sandbox')
const { examples, startExample, variablesOf } = require('./support/examples.js')

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
  'migrate-from-axios/before.js': [/^1 of 23 asset pools\n2 of 23 asset pools\n3 of 23 asset pools\n$/],
  'migrate-from-axios/after.js': [/^1 of 23 asset pools\n2 of 23 asset pools\n3 of 23 asset pools\n$/],
  'worker-threads/index.js': [
    /^page 0: 5 asset pools\npage 1: 5 asset pools\npage 2: 5 asset pools\npage 3: 5 asset pools$/m,
    /^Threads: 4\. Token requests: 1\.$/m,
  ],
  'opentelemetry/index.js': [
    /^A report in trace [0-9a-f]{32}:$/m,
    /^GET \/digital\/v1\/networks: 200, attempts: 1, trace [0-9a-f]{32}, span [0-9a-f]{16}$/m,
  ],
}

/** Those that wait for something to come, or need a store, and where they are run. @type {Record<string, string>} */
const servers = {
  'express/server.js': 'express-example.test.js',
  'fleet/dynamodb-token-store.js': 'dynamodb-example.test.js',
  'fleet/redis.js': 'fleet-examples.test.js',
  'lambda/handler.mjs': 'lambda-example.test.js',
  'lambda/runtime.mjs': 'lambda-example.test.js',
  'webhooks/express.js': 'webhook-examples.test.js',
  'webhooks/fastify.js': 'webhook-examples.test.js',
  'webhooks/http.js': 'webhook-examples.test.js',
}

/**
 * Runs an example against a sandbox, to its end.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} name
 * @param {import('layer1/sandbox').Sandbox} sandbox
 */
async function runExample(t, name, sandbox) {
  return await startExample(t, name, variablesOf(sandbox.options)).ended
}

describe('given the examples and a sandbox', () => {
  /** @type {import('layer1/sandbox').Sandbox} */
  let sandbox
  before(async () => {
    sandbox = await startSandbox()
  })
  after(() => sandbox.close())

  it('when they are listed, then each one is run here', () => {
    const files = fs.readdirSync(examples, { recursive: true }).map((file) => String(file).replaceAll('\\', '/'))
    const programs = files.filter((file) => /\.m?js$/.test(file))
    assert.deepEqual(programs.sort(), [...Object.keys(landmarks), ...Object.keys(servers)].sort())
    for (const [name, file] of Object.entries(servers)) {
      assert.ok(fs.readFileSync(path.join(__dirname, file), 'utf8').includes(path.basename(name)), `${file}: ${name}`)
    }
  })

  for (const [name, lines] of Object.entries(landmarks)) {
    it(`when ${name} runs, then it prints what it is there to show, and succeeds`, async (t) => {
      const { code, output } = await runExample(t, name, sandbox)
      for (const line of lines) {
        assert.match(output, line)
      }
      assert.equal(code, 0, output)
    })
  }
})

describe('given examples/opentelemetry', () => {
  it('when one of its calls has to be tried twice, then every attempt carries the ids of the span that it prints', async (t) => {
    const sandbox = await startSandbox()
    t.after(() => sandbox.close())
    sandbox.fail({ path: '/digital/v1/networks', status: 503 })
    const { code, output: stdout } = await runExample(t, 'opentelemetry/index.js', sandbox)
    assert.equal(code, 0, stdout)

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

describe('given examples/migrate-from-axios', () => {
  it('when both of its programs make the same calls, then layer1 asks for one token, and axios for one a call', async (t) => {
    const requests = await Promise.all(
      ['before.js', 'after.js'].map(async (name) => {
        const sandbox = await startSandbox()
        t.after(() => sandbox.close())
        await runExample(t, `migrate-from-axios/${name}`, sandbox)
        return sandbox.requests.map(({ endpoint, path, query }) => `${endpoint} ${path} ${query.pageSize ?? ''}`)
      }),
    )
    const [before = [], after = []] = requests.map((each) => each.filter((request) => request.startsWith('api')))
    assert.deepEqual(after, before)
    assert.deepEqual(
      requests.map((each) => each.length - before.length),
      [3, 1],
    )
  })
})

describe('given examples/worker-threads', () => {
  it('when its threads call, then one token request serves them all', async (t) => {
    const sandbox = await startSandbox()
    t.after(() => sandbox.close())
    await runExample(t, 'worker-threads/index.js', sandbox)
    const count = (/** @type {string} */ endpoint) =>
      sandbox.requests.filter((each) => each.endpoint === endpoint).length
    assert.deepEqual([count('token'), count('api')], [1, 4])
  })
})
