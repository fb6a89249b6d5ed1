'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, afterEach, before, describe, it } = require('node:test')
const { startSandbox } = require('layer1/sandbox')
const { layer1, variables, withoutAddon } = require('./support/command-line.js')
const { examine } = require('./support/doctor.js')
const { PRIVATE_KEY, PUBLIC_KEY } = require('./support/keys.js')
const { deadEnd, sendJson, startPeer } = require('./support/peer.js')

const SECRET = 'never-to-be-shown'
const CHECKS = ['binary', 'runtime', 'libc', 'settings', 'proxy', 'ca', 'dns', 'tcp', 'tls', 'clock', 'token', 'api']
const TEN_MINUTES = 600_000

/** @type {import('layer1/sandbox').Sandbox} */
let sandbox
/** @type {NodeJS.ProcessEnv} */
let settings

before(async () => {
  sandbox = await startSandbox({ clientSecret: SECRET })
  settings = variables(sandbox.options)
})
afterEach(() => {
  sandbox.clearRequests()
  sandbox.clearFailures()
})
after(() => sandbox.close())

describe('given layer1 doctor and a set-up that is right', () => {
  it('when it runs, then each check has its line, all are ok, and it ends with 0', async () => {
    const { exitCode, stdout, stderr } = await layer1(['doctor'], { env: settings, secrets: [SECRET] })
    const lines = stdout.trimEnd().split('\n')
    assert.deepEqual(
      lines.slice(0, CHECKS.length).map((line) => line.match(/^(\w+) +(\w+) +\S/)?.slice(1)),
      CHECKS.map((check) => ['ok', check]),
    )
    assert.deepEqual(lines.slice(CHECKS.length), ['', '12 ok.'])
    assert.deepEqual([exitCode, stderr], [0, ''])
  })

  it('when it runs with --json, then it is one array with the same checks, in order', async () => {
    const { findings } = await examine(settings)
    assert.deepEqual(
      findings.map(({ check, status }) => [check, status]),
      CHECKS.map((check) => [check, 'ok']),
    )
  })

  it('when it runs, then all that it sends is a question for the time, one for a token, and a GET of a list', async () => {
    await examine(settings)
    assert.deepEqual(
      sandbox.requests.map(({ method, endpoint, query }) => [method, endpoint, { ...query }]),
      [
        ['HEAD', 'api', {}],
        ['POST', 'token', {}],
        ['GET', 'api', { pageSize: '1' }],
      ],
    )
    assert.equal(sandbox.requests[0]?.headers.authorization, undefined)
  })

  it('when calls are signed, then no token is asked for, and that is no failure', async (t) => {
    const signed = await startSandbox({ publicKey: PUBLIC_KEY, auth: 'signature' })
    t.after(() => signed.close())
    const { LAYER1_CLIENT_SECRET: _, ...others } = variables(signed.options)
    const env = { ...others, LAYER1_AUTH: 'signature', LAYER1_PRIVATE_KEY: PRIVATE_KEY }
    const { troubles, of } = await examine(env, { secrets: [PRIVATE_KEY] })
    assert.deepEqual(troubles(), ['token not tried'])
    assert.match(of('settings').seen, /privateKey set from LAYER1_PRIVATE_KEY/)
  })
})

describe('given layer1 doctor and a set-up that is broken', () => {
  it('when the secret is wrong, then the token fails with what to mend, and only the call is not tried', async () => {
    const { troubles, of } = await examine({ ...settings, LAYER1_CLIENT_SECRET: 'not-this-one' })
    assert.deepEqual(troubles(), ['token failed', 'api not tried'])
    assert.match(of('token').seen, /refused the credentials \(401 unauthorized_client: .*\)\.$/)
    assert.match(String(of('token').mend), /Check LAYER1_CLIENT_ID and LAYER1_CLIENT_SECRET .*anew.*production/)
    assert.match(of('api').seen, /no token/)
  })

  for (const [direction, offset] of /** @type {[string, number][]} */ ([
    ['behind', TEN_MINUTES],
    ['ahead of', -TEN_MINUTES],
  ])) {
    it(`when the clock is 10 minutes ${direction} the server's, then it warns, and says how to set it`, async (t) => {
      const elsewhen = await startSandbox({ now: () => Date.now() + offset })
      t.after(() => elsewhen.close())
      const { troubles, of } = await examine(variables(elsewhen.options))
      assert.deepEqual(troubles(), ['clock warning'])
      assert.match(of('clock').seen, new RegExp(`clock is (599|600|601) s ${direction} the server's`))
      assert.match(String(of('clock').mend), /Set the clock/)
    })
  }

  it('when the clock is 10 minutes off and calls are signed, then the clock fails', async (t) => {
    const elsewhen = await startSandbox({
      publicKey: PUBLIC_KEY,
      auth: 'signature',
      now: () => Date.now() + TEN_MINUTES,
    })
    t.after(() => elsewhen.close())
    const env = { ...variables(elsewhen.options), LAYER1_AUTH: 'signature', LAYER1_PRIVATE_KEY: PRIVATE_KEY }
    const { troubles, of } = await examine(env, { secrets: [PRIVATE_KEY] })
    assert.deepEqual(troubles(), ['clock failed', 'token not tried', 'api failed'])
    assert.match(of('clock').seen, /that breaks signed calls/)
  })

  it('when nothing listens at the port, then tcp fails, and what depends on it is not tried', async (t) => {
    const { host, port } = await deadEnd(t)
    const origin = `http://${host}:${port}`
    const { troubles, of } = await examine({
      ...settings,
      LAYER1_BASE_URL: origin,
      LAYER1_TOKEN_URL: `${origin}/token`,
    })
    const rest = ['tls', 'clock', 'token', 'api'].map((check) => `${check} not tried`)
    assert.deepEqual(troubles(), ['tcp failed', ...rest])
    assert.match(of('tcp').seen, /nothing listens there \(ECONNREFUSED\)/)
    assert.match(of('token').seen, /the tcp check failed/)
  })

  it('when the name of one host does not exist, then all is tried at the other', async () => {
    const { findings, of } = await examine({ ...settings, LAYER1_BASE_URL: 'https://api.no-such-host.invalid' })
    const target = 'api.no-such-host.invalid:443'
    assert.match(of('dns', target).seen, /api\.no-such-host\.invalid does not resolve: /)
    assert.match(String(of('dns', target).mend), /nslookup api\.no-such-host\.invalid/)
    const elsewhere = findings.filter((finding) => finding.target === `127.0.0.1:${sandbox.port}`)
    assert.deepEqual(
      elsewhere.map(({ check, status }) => `${check} ${status}`),
      ['dns', 'tcp', 'tls', 'clock', 'token'].map((check) => `${check} ok`),
    )
    const there = findings.filter((finding) => finding.target === target).slice(1)
    assert.deepEqual(
      there.map(({ check, status }) => `${check} ${status}`),
      ['tcp', 'tls', 'clock', 'api'].map((check) => `${check} not tried`),
    )
  })

  it('when there are no credentials, then the settings fail, and the network is looked at', async () => {
    const { LAYER1_CLIENT_ID: _, LAYER1_CLIENT_SECRET: __, ...urls } = settings
    const { troubles, of } = await examine(urls)
    assert.deepEqual(troubles(), ['settings failed', 'token not tried', 'api not tried'])
    assert.match(of('settings').seen, /set LAYER1_CLIENT_ID/)
    assert.match(String(of('settings').mend), /--env-file/)
  })

  it('when the URLs are none, then the settings fail without the value, and nothing else does', async () => {
    const url = `not-a-url-${SECRET}`
    const { troubles } = await examine({ ...settings, LAYER1_BASE_URL: url, LAYER1_TOKEN_URL: url }, { secrets: [url] })
    assert.deepEqual(troubles(), ['settings failed', 'token not tried', 'api not tried'])
  })

  it('when the binary does not load, then it says what repairs it, and the network is looked at', async () => {
    const { troubles, of } = await examine(settings, { node: withoutAddon })
    assert.deepEqual(troubles(), ['binary failed', 'token not tried', 'api not tried'])
    assert.match(of('binary').seen, /no addon here/)
    assert.match(String(of('binary').mend), /^Repair it/)
    assert.match(of('token').seen, /there is no binary/)
  })

  it('when Node and libc are too old, then each says what is needed', async () => {
    const old = `Object.defineProperty(process.versions,'node',{value:'18.20.4'});process.report.getReport=()=>({header:{glibcVersionRuntime:'2.12'}})`
    const { of } = await examine(settings, { node: ['--import', `data:text/javascript,${encodeURIComponent(old)}`] })
    assert.match(String(of('runtime').mend), /needs 20\.17 or newer/)
    if (process.platform === 'linux') {
      assert.match(String(of('libc').mend), /needs glibc 2\.17 or newer/)
    }
  })

  for (const [status, outcome, mend] of /** @type {[number, string, RegExp][]} */ ([
    [401, 'api failed', /one environment/],
    [403, 'api warning', /may not list asset pools/],
    [404, 'api failed', /LAYER1_BASE_URL/],
    [503, 'api failed', /try again later/],
  ])) {
    it(`when the API answers ${status}, then it is ${outcome.slice(4)}, with what to mend`, async () => {
      sandbox.fail({ status, method: 'GET', times: Infinity })
      const { troubles, of } = await examine(settings)
      assert.deepEqual(troubles(), [outcome])
      assert.match(of('api').seen, new RegExp(`answered ${status}`))
      assert.match(String(of('api').mend), mend)
    })
  }

  it('when the token endpoint is in trouble, then it says that it may pass', async () => {
    sandbox.fail({ endpoint: 'token', status: 503, times: Infinity, retryAfter: 3600 })
    const { of } = await examine(settings)
    assert.match(String(of('token').mend), /identity provider is in trouble/)
  })

  it('when the scope is refused, then it says which ones may be asked for', async () => {
    const { of } = await examine(settings, { args: ['--scope', 'no-such-scope'] })
    assert.match(String(of('token').mend), /Unset LAYER1_SCOPE/)
  })

  it('when a server is silent, then each step ends after --timeout', async (t) => {
    const peer = await startPeer(t, { token: () => {} })
    const { of } = await examine(variables(peer.options), { args: ['--timeout', '300'] })
    assert.match(of('token').seen, /within 300 ms/)
    assert.equal(of('token').status, 'failed')
  })
})

describe('given layer1 doctor and its settings', () => {
  it('when they come from everywhere, then each is told with its source, and secrets as set', async (t) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'layer1-doctor-'))
    t.after(() => fs.rmSync(folder, { recursive: true }))
    const file = path.join(folder, 'some.env')
    fs.writeFileSync(file, `LAYER1_CLIENT_SECRET=${SECRET}\nLAYER1_CLIENT_ID=another\n`)
    const { LAYER1_CLIENT_SECRET: _, ...others } = settings
    const env = { ...others, LAYER1_ENVIRONMENT: 'sandbox' }
    const args = ['--env-file', file, '--environment=production']
    const { of } = await examine(env, { args, secrets: [SECRET] })
    const { seen } = of('settings')
    assert.match(seen, /environment "production" from the command line/)
    assert.match(seen, /clientId "layer1-sandbox" from LAYER1_CLIENT_ID,/)
    assert.ok(seen.includes(`clientSecret set from LAYER1_CLIENT_SECRET in ${file}`), seen)
    assert.doesNotMatch(seen, /LAYER1_ENVIRONMENT/)
  })

  for (const [what, change, doubt] of /** @type {[string, NodeJS.ProcessEnv, RegExp][]} */ ([
    [
      'a variable nobody reads',
      { LAYER1_CLIENTSECRET: 'x' },
      /There is no variable "LAYER1_CLIENTSECRET": did you mean "/,
    ],
    ['a variable that is empty', { LAYER1_SCOPE: '' }, /LAYER1_SCOPE is empty, and counts as unset/],
    ['a secret with a blank', { LAYER1_CLIENT_SECRET: `${SECRET} ` }, /clientSecret .* ends with a blank or a quote/],
  ])) {
    it(`when there is ${what}, then it warns of it`, async () => {
      const { of } = await examine({ ...settings, ...change })
      assert.equal(of('settings').status, 'warning')
      assert.match(of('settings').seen, doubt)
    })
  }

  it('when only one of the two URLs is set, then it warns that the other is not', async (t) => {
    // A proxy that is down: nothing leaves this machine.
    const { host, port } = await deadEnd(t)
    const { LAYER1_TOKEN_URL: _, ...others } = settings
    const { of } = await examine({ ...others, HTTPS_PROXY: `http://${host}:${port}` })
    assert.match(of('settings').seen, /Only baseUrl is set/)
  })
})

describe('given what layer1 doctor prints', () => {
  it('when servers repeat secret and token, and steer terminals, then nothing of it is shown', async (t) => {
    const token = 'token-that-nobody-may-see'
    const peer = await startPeer(t, {
      token: (_, response) =>
        sendJson(response, 200, { access_token: token, token_type: 'Bearer', expires_in: 300, scope: 'a' }),
      api: ({ headers }, response) =>
        sendJson(response, 400, { message: `${headers.authorization} ${peer.options.clientSecret} \u001b[31m \u009b` }),
    })
    const env = variables(peer.options)
    const { of } = await examine(env, { secrets: [token] })
    assert.match(of('api').seen, /Bearer \[redacted\] \[redacted\]/)
    const { stdout } = await layer1(['doctor'], { env, secrets: [token, peer.options.clientSecret] })
    assert.doesNotMatch(stdout, /(?!\n)\p{Cc}/u)
  })

  const onTerminal = ['--import', 'data:text/javascript,process.stdout.isTTY=true']
  for (const [where, node, env, isColoured] of /** @type {[string, string[], NodeJS.ProcessEnv, boolean][]} */ ([
    ['goes to a pipe', [], {}, false],
    ['goes to a terminal', onTerminal, {}, true],
    ['goes to a terminal and NO_COLOR is set', onTerminal, { NO_COLOR: '1' }, false],
    ['goes to a pipe and FORCE_COLOR is set', [], { FORCE_COLOR: '1' }, true],
    ['goes to a terminal that has none', onTerminal, { TERM: 'dumb' }, false],
  ])) {
    it(`when it ${where}, then it has ${isColoured ? '' : 'no '}colours`, async () => {
      // Node believes that no terminal of CI has colours.
      const plain = {
        NO_COLOR: undefined,
        FORCE_COLOR: undefined,
        CI: undefined,
        TERM: 'xterm-256color',
        COLORTERM: undefined,
      }
      const { stdout } = await layer1(['doctor'], { env: { ...settings, ...plain, ...env }, node, secrets: [SECRET] })
      assert.equal(stdout.includes('\u001b[32mok'), isColoured)
      assert.equal(stdout.includes('\u001b'), isColoured)
    })
  }

  it('when it is JSON, then it has no colours, even if they are forced', async () => {
    const env = { ...settings, FORCE_COLOR: '1' }
    const { stdout } = await layer1(['doctor', '--json'], { env, secrets: [SECRET] })
    assert.ok(!stdout.includes('\u001b'))
  })

  it('when it is told too much, then it ends with 2', async () => {
    for (const args of [
      ['doctor', 'more'],
      ['doctor', '--jsn'],
      ['doctor', '--json=yes'],
    ]) {
      const { exitCode, stdout } = await layer1(args, { env: settings })
      assert.deepEqual([exitCode, stdout], [2, ''])
    }
  })

  it('when its help is asked for, then it has the exit codes', async () => {
    const { stdout } = await layer1(['help', 'doctor'])
    assert.match(stdout, /Exit codes: 0 nothing failed .*, 1 something failed,\s+2 wrong usage/)
  })
})
