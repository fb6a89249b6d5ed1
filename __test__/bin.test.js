'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const http = require('node:http')
const os = require('node:os')
const path = require('node:path')
const { text } = require('node:stream/consumers')
const { after, afterEach, before, describe, it } = require('node:test')
const { startSandbox } = require('layer1/sandbox')
const { version } = require('../package.json')

const bin = path.join(__dirname, '..', 'bin', 'layer1.js')
const SECRET = 'never-to-be-shown'
// Stand in for a machine without the addon, and for a terminal.
const withoutAddon = ['--import', 'data:text/javascript,process.dlopen=()=>{throw new Error("no addon here")}']
const onTerminal = ['--import', 'data:text/javascript,process.stdout.isTTY=true']

/** @type {import('layer1/sandbox').Sandbox} */
let sandbox
/** @type {NodeJS.ProcessEnv} */
let credentials

before(async () => {
  sandbox = await startSandbox({ clientSecret: SECRET })
  credentials = variables(sandbox.options)
})
afterEach(() => sandbox.clearRequests())
after(() => sandbox.close())

/** @param {Record<'clientId' | 'clientSecret' | 'baseUrl' | 'tokenUrl', string>} options */
function variables({ clientId, clientSecret, baseUrl, tokenUrl }) {
  const [LAYER1_CLIENT_ID, LAYER1_CLIENT_SECRET] = [clientId, clientSecret]
  return { LAYER1_CLIENT_ID, LAYER1_CLIENT_SECRET, LAYER1_BASE_URL: baseUrl, LAYER1_TOKEN_URL: tokenUrl }
}

/** @typedef {{ env?: NodeJS.ProcessEnv, node?: string[], output?: 'pipe' | number }} Circumstances */
/** @typedef {{ exitCode: number, stdout: string, stderr: string }} Ended */

/**
 * Runs the command line to its end; whatever it says, neither the secret nor a stack is in it.
 *
 * @type {(args: string[], circumstances?: Circumstances) => Promise<Ended>}
 */
async function layer1(args, { env = credentials, node = [], output = 'pipe' } = {}) {
  const child = start([...node, bin, ...args], env, output)
  const printed = child.stdout ? text(child.stdout) : ''
  const [stdout, stderr, [exitCode]] = await Promise.all([printed, text(child.stderr), once(child, 'close')])
  assert.ok(!`${stdout}${stderr}`.includes(SECRET), 'the secret was shown')
  assert.doesNotMatch(stderr, /^ +at /m)
  return { exitCode, stdout, stderr }
}

/** @type {(args: string[], env: NodeJS.ProcessEnv, output?: 'pipe' | number) => any} */
function start(args, env, output = 'pipe') {
  return spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', output, 'pipe'] })
}

/** @type {(ended: Ended, sentence: RegExp, exitCode?: number) => void} */
function assertFailed(ended, sentence, exitCode = 1) {
  assert.match(ended.stderr, sentence)
  assert.equal(ended.stdout, '')
  assert.equal(ended.exitCode, exitCode)
}

/** What the API says, as it says it. @param {string} target */
async function raw(target) {
  const { stdout } = await layer1(['token', '--show'])
  const headers = { authorization: `Bearer ${JSON.parse(stdout).accessToken}` }
  return await fetch(sandbox.baseUrl + target, { headers })
}

describe('given layer1 token', () => {
  it('when it runs, then it tells end, type and scope, and not the token', async () => {
    const { exitCode, stdout, stderr } = await layer1(['token'])
    const told = JSON.parse(stdout)
    assert.deepEqual(Object.keys(told), ['expiresAt', 'expiresInSeconds', 'tokenType', 'scope'])
    assert.equal(new Date(told.expiresAt).toISOString(), told.expiresAt)
    assert.ok(told.expiresInSeconds > 0 && told.expiresInSeconds <= 300, `${told.expiresInSeconds} s`)
    assert.equal(told.tokenType, 'Bearer')
    assert.ok(told.scope.includes('asset-pools:view'))
    assert.deepEqual([exitCode, stderr], [0, ''])
  })

  it('when it runs with --show, then the token is one that the API takes', async () => {
    assert.equal((await raw('/digital/v1/networks')).status, 200)
  })

  it('when scopes are asked for, singly or together, then the token has them all', async () => {
    const { stdout } = await layer1(['token', '--scope', 'asset-pools:edit', '--scope=exports:edit addresses:edit'])
    const { scope } = JSON.parse(stdout)
    assert.ok(['asset-pools:edit', 'exports:edit', 'addresses:edit'].every((wanted) => scope.includes(wanted)))
  })

  it('when the secret is wrong, then it fails with the reason and what to check', async () => {
    const ended = await layer1(['token'], { env: { ...credentials, LAYER1_CLIENT_SECRET: `${SECRET}-not` } })
    assertFailed(ended, /refused the credentials.*unauthorized_client.*Check LAYER1_CLIENT_ID/)
  })

  it('when there are no credentials, then it names the variable and --env-file', async () => {
    assertFailed(await layer1(['token'], { env: {} }), /set LAYER1_CLIENT_ID.*--env-file FILE/s)
  })

  it('when the answer does not come within --timeout, then it fails and says so', async () => {
    sandbox.fail({ endpoint: 'token', delay: 2 ** 30 })
    assertFailed(await layer1(['token', '--timeout', '50']), /50 ms/)
  })

  it('when the environment is production, then it asks production', async (t) => {
    /** @type {(string | undefined)[]} */
    const asked = []
    const proxy = http.createServer().on('connect', (request, socket) => {
      asked.push(request.url)
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    })
    t.after(() => proxy.close())
    await once(proxy.listen(0, '127.0.0.1'), 'listening')
    const { port } = /** @type {import('node:net').AddressInfo} */ (proxy.address())
    const env = { LAYER1_CLIENT_ID: 'id', LAYER1_CLIENT_SECRET: SECRET, HTTPS_PROXY: `http://127.0.0.1:${port}` }
    const ended = await layer1(['--environment', 'production', 'token'], { env })
    assertFailed(ended, /proxy/i)
    assert.deepEqual([...new Set(asked)], ['auth.layer1.com:443'])
  })

  it('when there is no binary for the machine, then it says that, and what to do', async () => {
    assertFailed(await layer1(['token'], { node: withoutAddon }), /cannot run on .*no addon here.*Repair it/)
  })
})

describe('given layer1 get', () => {
  it('when its output is no terminal, then it is what the API said, digit by digit', async () => {
    const said = await (await raw('/treasury/v1/accounts')).text()
    assert.notEqual(JSON.stringify(JSON.parse(said)), said, 'these numbers have more digits than a double')
    const ended = await layer1(['get', '/treasury/v1/accounts'])
    assert.deepEqual(ended, { exitCode: 0, stdout: `${said}\n`, stderr: '' })
  })

  it('when its output is a terminal, then it is indented, no digit is lost, and nothing steers the terminal', async () => {
    const awkward = String.raw`[],"b":{ },"c":[1.386770212175842462,{"d":"q\" \\ ]{,"}],"e":[[null]]`
    const body = `{"a":${awkward},"f":"\u009b31m"}`
    sandbox.fail({ status: 200, body })
    const { stdout } = await layer1(['get', '/digital/v1/networks'], { node: onTerminal })
    const rounded = JSON.stringify(JSON.parse(body), null, 2).replace('\u009b', '\\u009b')
    assert.equal(stdout, `${rounded.replace('1.3867702121758425', '1.386770212175842462')}\n`)
  })

  it('when queries are given, then keys repeat, and a value may hold "=" and blanks', async () => {
    const queries = ['--query', 'type=a', '--query=type=b', '--query', 'q=x=y z', '--query', 'empty=']
    await layer1(['get', '/digital/v1/exports?pageSize=3', ...queries])
    assert.deepEqual(sandbox.requests.at(-1)?.query, { pageSize: '3', type: ['a', 'b'], q: 'x=y z', empty: '' })
  })

  it('when the API refuses, then it fails with the reason', async () => {
    const ended = await layer1(['get', '/digital/v1/asset-pools/nope'])
    assertFailed(ended, /GET \/digital\/v1\/asset-pools\/nope: .*404 NOT_FOUND.*Asset pool nope was not found/)
  })

  it('when the path leaves the API, then it fails and nothing is sent', async () => {
    assertFailed(await layer1(['get', 'https://elsewhere.invalid/x']), /absolute URL/)
    assert.equal(sandbox.requests.length, 0)
  })

  it('when the answer is empty, then it prints null', async () => {
    sandbox.fail({ status: 204 })
    assert.equal((await layer1(['get', '/digital/v1/networks'])).stdout, 'null\n')
  })

  it('when the answer is no JSON, then it fails, shows how it begins, and prints nothing', async () => {
    sandbox.fail({ status: 200, body: '<html>' })
    const ended = await layer1(['get', '/digital/v1/networks?key=value'])
    assertFailed(ended, /GET \/digital\/v1\/networks: the answer is no JSON\. It begins: "<html>"/)
  })

  it('when the API says something that steers a terminal, then the message does not', async () => {
    sandbox.fail({ status: 400, body: { message: 'red \u001b[31m alert' } })
    assertFailed(await layer1(['get', '/digital/v1/networks']), /^layer1: [^\p{Cc}]*red \\u001b\[31m alert\n$/u)
  })

  it('when its reader has seen enough, then it ends quietly', async () => {
    const child = start([bin, 'get', '/digital/v1/transactions?pageSize=500'], credentials)
    child.stdout.once('data', () => child.stdout.destroy())
    const [stderr, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'close')])
    assert.deepEqual([exitCode, stderr], [0, ''])
  })

  it('when its output cannot be written, then it fails', { skip: !fs.existsSync('/dev/full') }, async (t) => {
    const full = fs.openSync('/dev/full', 'w')
    t.after(() => fs.closeSync(full))
    const ended = await layer1(['get', '/digital/v1/networks'], { output: full })
    assertFailed(ended, /the output cannot be written/)
  })
})

describe('given --env-file', () => {
  /** @type {string} */
  let file
  before(() => {
    file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'layer1-bin-')), 'layer1 env')
    const lines = Object.entries(credentials).map(([name, value]) => `${name}="${value}" # a comment`)
    fs.writeFileSync(file, `${lines.join('\n')}\nLAYER1_SCOPE=asset-pools:edit\n`)
  })
  after(() => fs.rmSync(path.dirname(file), { recursive: true }))

  it('when the variables are in the file only, then they are used', async () => {
    const { stdout } = await layer1([`--env-file=${file}`, 'token'], { env: {} })
    assert.ok(JSON.parse(stdout).scope.includes('asset-pools:edit'))
  })

  it('when a variable is set, then it wins; when it is empty, then the file does', async () => {
    const env = { LAYER1_CLIENT_ID: '', LAYER1_SCOPE: 'exports:edit' }
    const { scope } = JSON.parse((await layer1(['token', '--env-file', file], { env })).stdout)
    assert.ok(scope.includes('exports:edit') && !scope.includes('asset-pools:edit'))
  })

  it('when the file is not there, then it fails and names it', async () => {
    const missing = `${file}.missing`
    // Without "--" before the program, Node may look for the file itself (nodejs/node#54232): its sentence, exit code 9.
    const ended = await layer1(['token', '--env-file', missing], { node: ['--'] })
    assertFailed(ended, /layer1 env\.missing, cannot be read: there is no such file/)
  })
})

describe('given layer1 sandbox', { skip: process.platform === 'win32' && 'Windows has no signals to catch' }, () => {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    it(`when it gets ${signal}, then it ends with 0 and nothing listens any more`, async (t) => {
      const child = start([...withoutAddon, bin, 'sandbox'], {})
      t.after(() => child.kill('SIGKILL'))
      const [line] = await once(child.stdout, 'data')
      const env = variables(JSON.parse(line))
      assert.equal((await layer1(['get', '/api/v1/asset-pools'], { env })).exitCode, 0)
      child.kill(signal)
      const [stderr, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'close')])
      const exported = [...stderr.matchAll(/^export (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value])
      assert.deepEqual(Object.fromEntries(exported), env)
      assert.equal(exitCode, 0)
      await assert.rejects(fetch(env.LAYER1_BASE_URL), { name: 'TypeError', message: 'fetch failed' })
    })
  }

  it('when its port is taken, then it fails and says so', async () => {
    assertFailed(await layer1(['sandbox', `--port=${sandbox.port}`]), /port \d+ is taken\. Choose another/)
  })
})

describe('given the command line', () => {
  it('when help is asked for, then it is on stdout, for all or for one command', async () => {
    for (const line of ['--help', 'help', '-h']) {
      const { exitCode, stdout } = await layer1([line], { env: {}, node: withoutAddon })
      assert.equal(exitCode, 0)
      assert.match(stdout, /^Usage: layer1 COMMAND.* token .* get PATH .* post PATH .* sandbox .* --env-file FILE /s)
    }
    for (const line of ['get --help', 'help get', '--help get']) {
      const { exitCode, stdout } = await layer1(line.split(' '), { env: {}, node: withoutAddon })
      assert.equal(exitCode, 0)
      assert.match(stdout, /^Usage: layer1 get PATH \[--query KEY=VALUE\]\.\.\. \[options\]\n/)
    }
  })

  it('when its version is asked for, then it is that of the package', async () => {
    assert.deepEqual(await layer1(['--version']), { exitCode: 0, stdout: `${version}\n`, stderr: '' })
  })

  /** @type {[line: string, sentence: RegExp][]} */
  const mistakes = [
    ['', /a command is missing/],
    ['tokn', /no command "tokn": did you mean "token"\?/],
    ['frobnicate', /no command "frobnicate"\. There is: token, get, post, sandbox, doctor\./],
    ['token --shw', /no option "--shw": did you mean "--show"\?/],
    ['token --port 1', /no option "--port"/],
    ['token --show=yes', /--show takes no value/],
    ['token more', /"token" takes nothing/],
    ['get', /PATH is missing/],
    ['get /a /b', /"get" takes only PATH/],
    ['get /a --query pageSize', /--query has to be KEY=VALUE/],
    ['get /a --query', /--query needs a value/],
    ['get /a --scope --timeout 1', /--scope needs a value/],
    ['token --timeout 0', /--timeout has to be a number of milliseconds above 0/],
    ['token --environment staging', /--environment has to be "sandbox" or "production"/],
    ['sandbox --port 65536', /--port has to be a port/],
    ['help nothing', /no command "nothing"/],
  ]
  for (const [line, sentence] of mistakes) {
    it(`when it is "layer1 ${line}", then it says what is wrong, shows the usage, and ends with 2`, async () => {
      const ended = await layer1(line.split(' ').filter(Boolean))
      assertFailed(ended, sentence, 2)
      assert.match(ended.stderr, /^Usage: layer1 /m)
    })
  }

  it('when an option that does not exist has a value, then the value is not repeated', async () => {
    for (const separator of [' ', '=']) {
      const ended = await layer1(`--client-secret${separator}${SECRET} token`.split(' '))
      assertFailed(ended, /no option "--client-secret"/, 2)
    }
  })
})
