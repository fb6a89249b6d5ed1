'use strict'
// The examples of fleets at their work: with a real Redis, and with a store of DynamoDB's shape.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const path = require('node:path')
const { describe, it } = require('node:test')
const { promisify } = require('node:util')
const { Redis } = require('ioredis')
const { Layer1 } = require('layer1')
const { startSandbox } = require('layer1/sandbox')
const { dynamoTokenStore } = require('../examples/fleet/dynamodb-token-store.js')
const lib = require('./support/dynamodb.js')
const { startRedis, withoutRedis } = require('./support/redis.js')

const run = promisify(execFile)
const example = path.join(__dirname, '..', 'examples', 'fleet', 'redis.js')

/** @param {import('layer1/sandbox').Sandbox} sandbox */
function grants({ requests }) {
  return requests.filter(({ endpoint, status }) => endpoint === 'token' && status === 200).length
}

describe('given examples/fleet/redis.js', { timeout: 60_000 }, () => {
  it('when several are started at once, then one asks for a token, and all have made their call', {
    skip: withoutRedis,
  }, async (t) => {
    const [sandbox, server] = await Promise.all([startSandbox(), startRedis()])
    t.after(() => Promise.all([sandbox.close(), server.close()]))
    const members = await Promise.all(Array.from({ length: 4 }, () => runExample(sandbox, server.url)))
    assert.deepEqual(
      members.map(({ stdout, stderr }) => [stdout.replace(/\d(?=\.\n)/, 'N'), stderr]),
      Array(4).fill(['23 asset pools. Token requests of this process: N.\n', '']),
    )
    assert.equal(grants(sandbox), 1)

    // One that comes later has the token too, and it lies under the prefix, with an end.
    const late = await runExample(sandbox, server.url)
    assert.equal(late.stdout, '23 asset pools. Token requests of this process: 0.\n')
    assert.equal(grants(sandbox), 1)
    const look = new Redis(server.url)
    t.after(() => look.disconnect())
    const keys = await look.keys('*')
    assert.ok(keys.length > 0 && keys.every((key) => key.startsWith('shop:layer1:')))
    for (const key of keys) assert.ok((await look.pttl(key)) > 0)
  })

  it('when there is no Redis, then it makes its call all the same', { skip: withoutRedis }, async (t) => {
    const [sandbox, server] = await Promise.all([startSandbox(), startRedis()])
    t.after(() => sandbox.close())
    await server.close()
    const { stdout } = await runExample(sandbox, server.url)
    assert.equal(stdout, '23 asset pools. Token requests of this process: 1.\n')
  })
})

describe('given the example of a store in DynamoDB, and clients', { timeout: 60_000 }, () => {
  it('when clients that share nothing else use it at once, then one of them asks for a token', async (t) => {
    const sandbox = await startSandbox()
    t.after(() => sandbox.close())
    const client = lib.makeDocumentClient('layer1-tokens')
    const members = Array.from({ length: 5 }, () => {
      const tokenStore = dynamoTokenStore(client, lib, 'layer1-tokens')
      return new Layer1({ ...sandbox.options, shareToken: false, tokenStore })
    })
    t.after(() => Promise.all(members.map((member) => member.close())))
    const tokens = await Promise.all(members.map((member) => member.getToken()))
    assert.equal(new Set(tokens).size, 1)
    assert.equal(grants(sandbox), 1)
    assert.doesNotMatch(JSON.stringify([...client.items]), new RegExp(`${tokens[0]}|${sandbox.options.clientId}`))
  })
})

/**
 * @param {import('layer1/sandbox').Sandbox} sandbox
 * @param {string} redisUrl
 */
function runExample(sandbox, redisUrl) {
  const env = {
    ...process.env,
    REDIS_URL: redisUrl,
    LAYER1_CLIENT_ID: sandbox.options.clientId,
    LAYER1_CLIENT_SECRET: sandbox.options.clientSecret,
    LAYER1_BASE_URL: sandbox.baseUrl,
    LAYER1_TOKEN_URL: sandbox.tokenUrl,
  }
  return run(process.execPath, [example], { env, timeout: 30_000 })
}
