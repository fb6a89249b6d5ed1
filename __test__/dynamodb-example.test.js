'use strict'
// examples/fleet/dynamodb-token-store.js, against the shape of the client that it is written for.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { dynamoTokenStore } = require('../examples/fleet/dynamodb-token-store.js')
const lib = require('./support/dynamodb.js')

/** Long enough that nothing ends while a test runs, in ms. */
const LONG = 300_000

describe('given the example of a token store in DynamoDB', () => {
  /** @param {import('node:test').TestContext} t */
  function setUp(t) {
    t.mock.timers.enable({ apis: ['Date'], now: 1_800_000_000_000 })
    const client = lib.makeDocumentClient('layer1-tokens')
    return { client, pass: t.mock.timers, newStore: () => dynamoTokenStore(client, lib, 'layer1-tokens') }
  }

  it('when a value is set, then every store has it until its end, though the table has it longer', async (t) => {
    const { client, pass, newStore } = setUp(t)
    assert.equal(await newStore().get('key'), null)
    await newStore().set('key', 'sealed', 1_500)
    assert.equal(await newStore().get('key'), 'sealed')
    pass.setTime(1_800_000_001_499)
    assert.equal(await newStore().get('key'), 'sealed')
    pass.setTime(1_800_000_001_500)
    assert.equal(await newStore().get('key'), null)
    assert.deepEqual(
      [...client.items.values()].map(({ expires }) => expires),
      [1_800_000_002],
    )
  })

  it('when a value is deleted, then it is no more', async (t) => {
    const { client, newStore } = setUp(t)
    await newStore().set('key', 'sealed', LONG)
    await newStore().delete('key')
    assert.equal(await newStore().get('key'), null)
    assert.equal(client.items.size, 0)
  })

  it('when many acquire a lock, then one has it, until it is released or ends', async (t) => {
    const { pass, newStore } = setUp(t)
    const stores = Array.from({ length: 5 }, newStore)
    const got = await Promise.all(stores.map((store) => store.acquire('key', 2_000)))
    assert.deepEqual(got, [true, false, false, false, false])
    await stores[1]?.release('key')
    assert.equal(await stores[1]?.acquire('key', 2_000), false)
    await stores[0]?.release('key')
    assert.equal(await stores[1]?.acquire('key', 2_000), true)
    pass.setTime(1_800_000_002_001)
    assert.equal(await stores[2]?.acquire('key', 2_000), true)
    await stores[1]?.release('key')
    assert.equal(await stores[3]?.acquire('key', 2_000), false)
  })

  it('when a value and a lock have the same key, then they do not meet', async (t) => {
    const { newStore } = setUp(t)
    const store = newStore()
    await store.set('key', 'sealed', LONG)
    assert.equal(await store.acquire('key', LONG), true)
    assert.equal(await store.get('key'), 'sealed')
  })

  it('when the table is not there, then every promise rejects', async () => {
    const store = dynamoTokenStore(lib.makeDocumentClient('another'), lib, 'layer1-tokens')
    for (const asked of [store.get('a'), store.set('a', 'b', 1), store.delete('a'), store.acquire('a', 1)]) {
      await assert.rejects(Promise.resolve(asked), { name: 'ResourceNotFoundException' })
    }
  })
})
