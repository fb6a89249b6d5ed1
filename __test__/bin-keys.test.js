'use strict'
// The command line with keys in place of secrets: what it calls with, and what its sandbox demands.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { generateKeyPairSync } = require('node:crypto')
const { once } = require('node:events')
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const http = require('node:http')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { text } = require('node:stream/consumers')
const { after, before, describe, it } = require('node:test')
const { verifyWebhook } = require('layer1')
const { startSandbox } = require('layer1/sandbox')
const { runBin, runSandbox } = require('./support/bin.js')
const { Authority, skip: noOpenssl } = require('./support/certificates.js')
const { PRIVATE_KEY, PUBLIC_KEY, newKey } = require('./support/keys.js')
const { startPeer } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */

const suite = { timeout: 120_000 }

/** @type {string} */
let directory
/** The names of files. @type {Record<'key' | 'other' | 'public' | 'ec' | 'secret' | 'empty', string>} */
let files

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'layer1-bin-keys-'))
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' })
  files = {
    key: write('key.pem', PRIVATE_KEY),
    other: write('other.pem', newKey()),
    public: write('public.pem', PUBLIC_KEY.export({ type: 'spki', format: 'pem' })),
    ec: write('ec.pem', ec),
    secret: write('secret', 'hunter2'),
    empty: write('empty', ''),
  }
})
after(() => rmSync(directory, { recursive: true, force: true }))
after(() => Authority.remove())

/** @param {string} name @param {string | Buffer} content */
function write(name, content) {
  const file = join(directory, name)
  writeFileSync(file, content)
  return file
}

/**
 * Starts a sandbox that knows the key, and names it in variables: no secret is among them.
 *
 * @param {TestContext} t
 * @param {import('layer1/sandbox').SandboxOptions} options
 */
async function keyed(t, options) {
  const sandbox = await startSandbox({ clients: [{ clientId: 'keyed', publicKey: PUBLIC_KEY }], ...options })
  t.after(() => sandbox.close())
  const { baseUrl, tokenUrl } = sandbox
  return { sandbox, env: { LAYER1_CLIENT_ID: 'keyed', LAYER1_BASE_URL: baseUrl, LAYER1_TOKEN_URL: tokenUrl } }
}

/** @param {Awaited<ReturnType<typeof runBin>>} ended @param {RegExp} sentence @param {number} [exitCode] */
function assertFailed({ stdout, stderr, exitCode: code }, sentence, exitCode = 1) {
  assert.match(stderr, sentence)
  assert.doesNotMatch(stderr, /hunter2|MII/)
  assert.deepEqual([stdout, code], ['', exitCode])
}

describe('given layer1 token and get, and a key', suite, () => {
  const get = ['get', '/digital/v1/networks?a=b%20c', '--query', 'type=a', '--query', 'type=ä']

  it('when --auth is "signature", then calls are signed with the key of --private-key, and no token is asked for', async (t) => {
    const { sandbox, env } = await keyed(t, { auth: 'signature' })
    const ended = await runBin([...get, '--auth', 'signature', '--private-key', files.key], env)
    assert.deepEqual([ended.exitCode, ended.stderr], [0, ''])
    assert.deepEqual(
      sandbox.requests.map(({ endpoint, status }) => [endpoint, status]),
      [['api', 200]],
    )
  })

  it('when --auth is "both", then the key does for token and signature', async (t) => {
    const { env } = await keyed(t, { auth: 'both' })
    const how = ['--auth=both', '--client-auth=private_key_jwt', `--private-key=${files.key}`]
    assert.equal((await runBin([...get, ...how], env)).exitCode, 0)
    const { exitCode, stdout } = await runBin(['token', ...how], env)
    assert.deepEqual([exitCode, JSON.parse(stdout).tokenType], [0, 'Bearer'])
  })

  it('when variables say it all, then no option is needed', async (t) => {
    const { env } = await keyed(t, { auth: 'signature' })
    const given = { ...env, LAYER1_AUTH: 'signature', LAYER1_PRIVATE_KEY_FILE: files.key }
    assert.equal((await runBin(get, given)).exitCode, 0)
  })

  it('when the key has a name of its own, then --key-id names it', async (t) => {
    const clients = [{ clientId: 'keyed', publicKey: PUBLIC_KEY, keyId: 'second' }]
    const { env } = await keyed(t, { auth: 'signature', clients })
    const how = ['--auth', 'signature', '--private-key', files.key]
    assert.equal((await runBin([...get, ...how, '--key-id', 'second'], env)).exitCode, 0)
    assertFailed(await runBin([...get, ...how], env), /401 UNAUTHORIZED.*names no key/)
  })

  it('when --client-auth is "client_secret_basic", then the secret goes in the header', async (t) => {
    const sandbox = await startSandbox()
    t.after(() => sandbox.close())
    const { clientId, clientSecret, tokenUrl } = sandbox.options
    const env = { LAYER1_CLIENT_ID: clientId, LAYER1_CLIENT_SECRET: clientSecret, LAYER1_TOKEN_URL: tokenUrl }
    assert.equal((await runBin(['token', '--client-auth', 'client_secret_basic'], env)).exitCode, 0)
    assert.match(String(sandbox.requests[0]?.headers.authorization), /^Basic /)
  })

  it('when it has a certificate, then it shows that', { skip: noOpenssl }, async (t) => {
    const authority = new Authority('layer1 bin test')
    const pair = authority.sign(['DNS:client.example'], { isForClient: true })
    const server = authority.sign(['IP:127.0.0.1'])
    const tls = { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: true }
    const { options, calls } = await startPeer(t, { tls })
    const env = {
      LAYER1_CLIENT_ID: options.clientId,
      LAYER1_BASE_URL: options.baseUrl,
      LAYER1_TOKEN_URL: options.tokenUrl,
      NODE_EXTRA_CA_CERTS: write('ca.pem', authority.cert),
    }
    const shown = ['--cert', write('cert.pem', pair.cert), '--key', write('cert-key.pem', pair.key)]
    const ended = await runBin(['get', '/a', ...shown], env)
    assert.deepEqual([ended.exitCode, calls.length], [0, 1], ended.stderr)
    assertFailed(await runBin(['get', '/a', ...shown.slice(0, 2)], env), /key is missing/)
  })

  it('when the key is another, then it fails, and says to look at it', async (t) => {
    const { env } = await keyed(t, {})
    const how = ['--client-auth', 'private_key_jwt', '--private-key', files.other]
    assertFailed(await runBin(['token', ...how], env), /Signature on JWT.*privateKey/)
  })

  it('when nothing can be signed with the file, then it says what it is, and how a right one is made', async () => {
    const env = { LAYER1_CLIENT_ID: 'a' }
    const how = ['token', '--auth', 'signature', '--private-key']
    assertFailed(await runBin([...how, files.ec], env), /is an EC key.*`openssl genpkey /)
    assertFailed(await runBin([...how, files.public], env), /is a public key.*`openssl genpkey /)
    assertFailed(await runBin([...how, files.secret], env), /is no private key.*`openssl genpkey /)
    assertFailed(await runBin([...how, files.empty], env), /is no private key.*`openssl genpkey /)
    assertFailed(await runBin([...how, directory], env), /--private-key, .*: it is a directory/)
    assertFailed(await runBin([...how, join(directory, 'none')], env), /--private-key, .*: there is no such file/)
  })

  it('when there is no key, then it names the variables', async () => {
    const ended = await runBin(['get', '/a', '--auth', 'signature'], { LAYER1_CLIENT_ID: 'a' })
    assertFailed(ended, /privateKey is missing.*LAYER1_PRIVATE_KEY_FILE/)
  })

  /** @type {[line: string, sentence: RegExp][]} */
  const mistakes = [
    ['token --auth either', /--auth has to be "oauth2", "signature" or "both"/],
    [
      'get /a --client-auth none',
      /--client-auth has to be "client_secret_post", "client_secret_basic" or "private_key_jwt"/,
    ],
    ['token --private-key', /--private-key needs a value: --private-key=FILE/],
    ['sandbox --private-key x', /no option "--private-key"/],
    ['sandbox --auth signature', /--auth signature needs a key to verify with: --public-key=FILE/],
    ['sandbox --token-lifetime 0', /--token-lifetime has to be a number of seconds above 0/],
    ['sandbox --webhook ftp://a', /--webhook has to be a URL of http or https/],
  ]
  for (const [line, sentence] of mistakes) {
    it(`when it is "layer1 ${line}", then it says what is wrong, and ends with 2`, async () => {
      assertFailed(await runBin(line.split(' ')), sentence, 2)
    })
  }

  it('when help is asked for, then it has the options of authentication, for commands that call', async () => {
    assert.match((await runBin(['help', 'token'])).stdout, /^Authentication:\n {2}--auth HOW /m)
    assert.doesNotMatch((await runBin(['help', 'sandbox'])).stdout, /^Authentication:/m)
  })
})

const noSignals = process.platform === 'win32' && 'Windows has no signals to catch'

describe('given layer1 sandbox', { ...suite, skip: noSignals }, () => {
  it('when it has a public key and demands both, then the variables it tells and the key are enough', async (t) => {
    const options = ['--public-key', files.public, '--key-id', 'k1', '--auth', 'both', '--token-lifetime', '7']
    const sandbox = await runSandbox(t, options)
    await sandbox.heard(/^export LAYER1_AUTH=/)
    const exported = sandbox.said.flatMap((line) => line.match(/^export (\w+=\S+)$/)?.slice(1) ?? [])
    const env = Object.fromEntries(exported.map((pair) => pair.split(/=(.*)/s)))
    assert.equal(env.LAYER1_AUTH, 'both')
    const how = ['--private-key', files.key, '--key-id', 'k1']
    assert.equal((await runBin(['get', '/digital/v1/networks', ...how], env)).exitCode, 0)
    const { stdout } = await runBin(['token', ...how], env)
    assert.ok(JSON.parse(stdout).expiresInSeconds <= 7)
    assertFailed(await runBin(['get', '/digital/v1/networks', '--private-key', files.key], env), /names no key/)
    assert.equal(await sandbox.end(), 0)
  })

  it('when signatures may not be old, then one of another time is refused', async (t) => {
    const sandbox = await runSandbox(t, ['--public-key', files.public, '--signature-max-age', '0.000001'])
    const { clientId, baseUrl } = sandbox.told
    const env = { LAYER1_CLIENT_ID: clientId, LAYER1_BASE_URL: baseUrl, LAYER1_AUTH: 'signature' }
    assertFailed(await runBin(['get', '/a', '--private-key', files.key], env), /may be 0.000001 s (old|ahead)/)
  })

  it('when it has the URL of a server, then it sends a webhook, and each line of its input as another', async (t) => {
    /** @type {{ body: string, signature: any }[]} */
    const taken = []
    const server = http.createServer(async (request, response) => {
      taken.push({ body: await text(request), signature: request.headers['x-signature'] })
      // The first is to come again.
      response.writeHead(taken.length === 1 ? 503 : 200).end(() => server.emit('taken'))
    })
    t.after(() => server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
    const sandbox = await runSandbox(t, ['--webhook', `http://127.0.0.1:${port}/hooks`])
    while (taken.length < 2) await once(server, 'taken')
    sandbox.type('{"event":"own","data":{"n":1}}\n\n')
    while (taken.length < 4) await once(server, 'taken')
    const publicKey = sandbox.told.webhookPublicKey
    const events = taken.map((one) => verifyWebhook({ ...one, publicKey }).event)
    const sample = 'layer1:digital:deposit:status-change'
    assert.deepEqual(events.toSorted(), [sample, sample, sample, 'own'].toSorted())
    await sandbox.heard(/^# Webhook to .*: delivered, deliveries: 2\.$/)
    assert.equal(await sandbox.end(), 0)
  })

  it('when the file has no public key, then it says how one is made of the private key', async () => {
    for (const file of [files.key, files.secret, files.empty]) {
      const ended = await runBin(['sandbox', '--public-key', file])
      assertFailed(ended, /holds no RSA public key.*`openssl pkey -in layer1-key\.pem -pubout -out /)
    }
  })
})
