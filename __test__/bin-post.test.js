'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, afterEach, before, describe, it } = require('node:test')
const { startSandbox } = require('layer1/sandbox')
const { layer1, variables } = require('./support/command-line.js')

const SECRET = 'never-to-be-shown'
const PLACE = '/digital/v1/asset-pools'
/** More digits than a double has, a key that JavaScript would move, and blanks of its own. */
const BODY = '{ "b": 1.386770212175842462, "1": 1e400, "a": [0.10, "é"] }'

/** @type {import('layer1/sandbox').Sandbox} */
let sandbox
/** @type {string} */
let folder

before(async () => {
  sandbox = await startSandbox({ clientSecret: SECRET })
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'layer1-post-'))
})
afterEach(() => {
  sandbox.clearRequests()
  sandbox.clearFailures()
})
after(async () => {
  await sandbox.close()
  fs.rmSync(folder, { recursive: true })
})

/** @param {string[]} args @param {{ input?: string | Buffer, env?: NodeJS.ProcessEnv }} [more] */
function post(args, { input = '', env = {} } = {}) {
  return layer1(['post', ...args], { input, env: { ...variables(sandbox.options), ...env }, secrets: [SECRET] })
}

/** @param {string} name @param {string | Buffer} content */
function file(name, content) {
  const place = path.join(folder, name)
  fs.writeFileSync(place, content)
  return place
}

/** What the API got, besides requests for tokens. */
function calls() {
  return sandbox.requests.filter(({ endpoint }) => endpoint === 'api')
}

describe('given layer1 post', () => {
  it('when the API takes it, then body and answer keep every digit, and the body says that it is JSON', async () => {
    const answer = '{"amount":0.19848315335156838671875,"id":"x"}'
    sandbox.fail({ method: 'POST', status: 201, body: answer })
    const ended = await post([PLACE, '--data', BODY, '--query', 'type=a', '--query=type=b'])
    assert.deepEqual(ended, { exitCode: 0, stdout: `${answer}\n`, stderr: '' })
    const [call, another] = calls()
    assert.equal(call?.body, BODY)
    assert.equal(call?.headers['content-type'], 'application/json')
    assert.deepEqual(call?.query, { type: ['a', 'b'] })
    assert.equal(another, undefined)
  })

  for (const [form, given, input] of /** @type {[string, () => string, string][]} */ ([
    ['a file', () => `@${file('body.json', `${BODY}\n`)}`, ''],
    ['stdin', () => '-', `${BODY}\n`],
    ['stdin, as curl has it', () => '@-', `${BODY}\n`],
    ['a file with a byte order mark', () => `@${file('marked.json', `\ufeff${BODY}\n`)}`, ''],
  ])) {
    it(`when the body is ${form}, then it is sent as it is there`, async () => {
      sandbox.fail({ method: 'POST', status: 200, body: '{}' })
      const ended = await post([PLACE, '--data', given()], { input })
      assert.deepEqual(ended, { exitCode: 0, stdout: '{}\n', stderr: '' })
      assert.equal(calls()[0]?.body, `${BODY}\n`)
    })
  }

  it('when there is no --data, then no body is sent, and stdin is not read', async () => {
    sandbox.fail({ method: 'POST', status: 202, body: '' })
    const ended = await post([PLACE], { input: BODY })
    assert.deepEqual(ended, { exitCode: 0, stdout: 'null\n', stderr: '' })
    assert.equal(calls()[0]?.body, undefined)
    assert.equal(calls()[0]?.headers['content-type'], undefined)
  })

  for (const [what, given, input, sentence] of /** @type {[string, () => string, string | Buffer, RegExp][]} */ ([
    ['broken JSON', () => '{"a":}', '', /--data has to be JSON: .*Nothing was sent/],
    ['a file of broken JSON', () => `@${file('broken.json', '[1,')}`, '', /broken\.json, has to be JSON: /],
    ['an empty file', () => `@${file('empty.json', ' \n')}`, '', /has to be JSON: it is empty/],
    ['stdin that is empty', () => '-', '', /stdin for --data has to be JSON: it is empty/],
    ['bytes that are no UTF-8', () => '-', Buffer.from([0x22, 0xff, 0x22]), /has to be JSON: it is no UTF-8/],
  ])) {
    it(`when the body is ${what}, then it is refused with 2 before anything is sent`, async () => {
      const { exitCode, stdout, stderr } = await post([PLACE, '--data', given()], { input })
      assert.match(stderr, sentence)
      assert.match(stderr, /^Usage: layer1 post PATH /m)
      assert.deepEqual([exitCode, stdout, sandbox.requests.length], [2, '', 0])
    })
  }

  it('when the file is not there, then it fails, names it, and sends nothing', async () => {
    const { exitCode, stderr } = await post([PLACE, '--data', `@${path.join(folder, 'none.json')}`])
    assert.match(stderr, /the file of --data, .*none\.json, cannot be read: there is no such file/)
    assert.deepEqual([exitCode, sandbox.requests.length], [1, 0])
  })

  it('when the API refuses, then it fails with the reason, field by field', async () => {
    const details = { errors: { name: ['must not be blank'] } }
    const body = { code: 'layer1:digital-asset:4000', status: 'BAD_REQUEST', message: 'Invalid input', details }
    sandbox.fail({ method: 'POST', status: 400, body })
    const { exitCode, stdout, stderr } = await post([`${PLACE}?key=value`, '--data', '{}'])
    assert.match(
      stderr,
      /^layer1: POST \/digital\/v1\/asset-pools: .*400 BAD_REQUEST.*Invalid input.*name: must not be b/,
    )
    assert.deepEqual([exitCode, stdout], [1, ''])
  })

  for (const [name, plan] of /** @type {[string, import('layer1/sandbox').FailurePlan][]} */ ([
    ['the connection is lost', { disconnect: true }],
    ['the API is in trouble', { status: 503 }],
  ])) {
    it(`when ${name}, then it fails, and the payment was sent once`, async () => {
      sandbox.fail({ method: 'POST', times: Infinity, ...plan })
      const { exitCode, stdout } = await post([PLACE, '--data', BODY])
      assert.deepEqual([exitCode, stdout, calls().length], [1, '', 1])
    })
  }

  it('when the answer is no JSON, then it fails and shows how it begins', async () => {
    sandbox.fail({ method: 'POST', status: 200, body: '<html>' })
    const { exitCode, stdout, stderr } = await post([PLACE, '--data', '{}'])
    assert.match(stderr, /POST \/digital\/v1\/asset-pools: the answer is no JSON\. It begins: "<html>"/)
    assert.deepEqual([exitCode, stdout], [1, ''])
  })

  it('when its credentials are wrong, then it fails with what to check', async () => {
    const { exitCode, stderr } = await post([PLACE, '--data', '{}'], { env: { LAYER1_CLIENT_SECRET: 'another' } })
    assert.match(stderr, /refused the credentials.*Check LAYER1_CLIENT_ID/)
    assert.deepEqual([exitCode, calls().length], [1, 0])
  })

  for (const [line, sentence] of /** @type {[string[], RegExp][]} */ ([
    [[], /PATH is missing/],
    [['/a', '--data'], /--data needs a value: --data=JSON\|@FILE\|-\./],
    [['/a', '--data', '--timeout'], /--data needs a value/],
    [['/a', '--idempotent'], /no option "--idempotent"/],
  ])) {
    it(`when it is "layer1 post ${line.join(' ')}", then it says what is wrong and ends with 2`, async () => {
      const { exitCode, stderr } = await post(line)
      assert.match(stderr, sentence)
      assert.equal(exitCode, 2)
    })
  }
})
