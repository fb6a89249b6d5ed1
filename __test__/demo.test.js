'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const path = require('node:path')
const { after, before, describe, it } = require('node:test')
const { startSandbox } = require('layer1/sandbox')

const demo = path.join(__dirname, '..', 'scripts', 'demo.js')
const CLIENT = { clientId: 'demo-test', clientSecret: 'never-to-be-shown' }
/** Makes standard output look like a terminal. */
const onTerminal = ['--import', 'data:text/javascript,process.stdout.isTTY=true']

/** Begins every colour. */
const ESCAPE = '\u001b'

/** The story against either host, in its order. */
const story = [
  /^2\. Get a token$/m,
  /Token +Bearer, \d+ characters, not shown\n/,
  /Expires +in \d+ s, at 20\d\d-\S+Z\n/,
  /Scope +tenants:view /,
  /^3\. List asset pools$/m,
  /GET \/api\/v1\/asset-pools: 8 of 23\n/,
  /Name +Reference +First balance\n/,
  /Treasury 01 +REF-\w+ +0\.19848315335156838671875 \w+\n/,
  /^4\. Call again$/m,
  /Token requests +1 before, 1 after\n/,
  /The token was reused\.\n/,
]

/**
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, node?: string[] }} [options]
 * @returns {Promise<{ exitCode: number, stdout: string, stderr: string }>}
 */
function runDemo(args, { env = {}, node = [] } = {}) {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env } }
    execFile(process.execPath, [...node, demo, ...args], options, (error, stdout, stderr) => {
      resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}

/**
 * Checks that a text has these landmarks, one after another.
 *
 * @param {string} text
 * @param {RegExp[]} landmarks
 */
function assertTells(text, landmarks) {
  let rest = text
  for (const landmark of landmarks) {
    assert.match(rest, landmark)
    rest = rest.slice(rest.search(landmark))
  }
}

describe('given npm run demo', () => {
  /** Steers a client that is not told otherwise. */
  const astray = {
    LAYER1_CLIENT_ID: 'astray',
    LAYER1_CLIENT_SECRET: CLIENT.clientSecret,
    LAYER1_ENVIRONMENT: 'nowhere',
    LAYER1_BASE_URL: 'https://astray.invalid',
    LAYER1_TOKEN_URL: 'https://astray.invalid/token',
    LAYER1_SCOPE: 'astray',
    LAYER1_AUTH: 'astray',
    HTTPS_PROXY: 'http://astray.invalid',
  }

  it('when it runs, whatever the LAYER1_ variables say, then it tells the whole story and leaves nothing running', async () => {
    const { exitCode, stdout, stderr } = await runDemo([], { env: astray })
    assertTells(stdout, [
      /^1\. Start a sandbox on this machine$/m,
      ...story,
      /^5\. Revoke every token$/m,
      /GET \/api\/v1\/asset-pools: 401\n +POST \/auth\/\S+\/token: 200\n +GET \/api\/v1\/asset-pools: 200\n/,
      /A 401, one new token, one replay\. The caller saw only success\.\n/,
      /^6\. Make mistakes$/m,
      /Layer1ApiError\n(.|\n)*404 NOT_FOUND \(layer1:digital-asset:4008\)/,
      /Layer1AuthError\n +Layer1 refused the credentials \(401 unauthorized_client/,
      /^7\. Timings$/m,
      /Cold token and first get [\d.]+ ms · warm get [\d.]+ [mµ]s · kept token [\d.]+ [mµn]s\n/,
    ])
    assert.doesNotMatch(stdout, /astray|never-to-be-shown|eyJ/)
    assert.ok(!stdout.includes(ESCAPE))
    assert.ok(stdout.split('\n').every((line) => line.length <= 80))
    assert.equal(stderr, '')
    assert.equal(exitCode, 0)
    const baseUrl = /API +(http:\/\/127\.0\.0\.1:\d+)\n/.exec(stdout)?.[1]
    await assert.rejects(fetch(String(baseUrl)), { message: 'fetch failed' })
  })

  it('when its output is a terminal, then it has colours, unless NO_COLOR is set', async () => {
    const coloured = await runDemo([], { node: onTerminal, env: { NO_COLOR: '' } })
    assert.ok(coloured.stdout.startsWith(`${ESCAPE}[1m1. Start a sandbox on this machine${ESCAPE}[0m\n`))
    const plain = await runDemo([], { node: onTerminal, env: { NO_COLOR: '1' } })
    assert.ok(!plain.stdout.includes(ESCAPE))
  })

  it('when it is told something else than an environment, then it fails and says what there is', async () => {
    for (const args of [['--environment', 'staging'], ['--environment'], ['--envronment=sandbox'], ['sandbox']]) {
      const { exitCode, stdout, stderr } = await runDemo(args)
      assert.match(
        stderr,
        /^The demo failed: its only option is --environment sandbox, or --environment production\.\n$/,
      )
      assert.equal(stdout, '')
      assert.equal(exitCode, 1)
    }
  })
})

describe('given npm run demo -- --environment sandbox', () => {
  /** @type {import('layer1/sandbox').Sandbox} */
  let host
  /** @type {NodeJS.ProcessEnv} */
  let env
  before(async () => {
    host = await startSandbox(CLIENT)
    env = {
      LAYER1_CLIENT_ID: CLIENT.clientId,
      LAYER1_CLIENT_SECRET: CLIENT.clientSecret,
      LAYER1_BASE_URL: host.baseUrl,
      LAYER1_TOKEN_URL: host.tokenUrl,
    }
  })
  after(() => host.close())

  it('when there are credentials, then it tells the story of that host, and revokes nothing', async () => {
    const { exitCode, stdout, stderr } = await runDemo(['--environment', 'sandbox'], { env })
    assertTells(stdout, [
      /^1\. Take Layer1's sandbox environment$/m,
      ...story,
      /^5\. Lose the token$/m,
      /not revoked here: invalidateToken\(\)/,
      /One new token, asked for by the call itself\. The caller saw only success\.\n/,
      /^6\. Make mistakes$/m,
      /A path that is not there: Layer1ApiError\n(.|\n)*404/,
      /^7\. Timings$/m,
    ])
    assert.doesNotMatch(stdout, /never-to-be-shown|eyJ/)
    assert.equal(stderr, '')
    assert.equal(exitCode, 0)
    assert.ok(host.requests.every(({ method, endpoint }) => method === (endpoint === 'token' ? 'POST' : 'GET')))
  })

  it('when there are none, then it fails with the sentence of the client', async () => {
    const { exitCode, stdout, stderr } = await runDemo(['--environment', 'sandbox'])
    assert.match(stderr, /^The demo failed: clientId is missing: .*LAYER1_CLIENT_ID\.\n$/)
    assert.equal(stdout, '')
    assert.equal(exitCode, 1)
  })

  it('when the secret is wrong, then it fails with the reason, and does not show the secret', async () => {
    const wrong = { ...env, LAYER1_CLIENT_SECRET: 'never-to-be-shown-either' }
    const { exitCode, stdout, stderr } = await runDemo(['--environment', 'sandbox'], { env: wrong })
    assert.match(stderr, /^The demo failed: Layer1 refused the credentials/)
    assert.doesNotMatch(`${stdout}${stderr}`, /never-to-be-shown/)
    assert.equal(exitCode, 1)
  })
})
