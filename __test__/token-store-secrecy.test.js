'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { generateKeyPairSync } = require('node:crypto')
const { mkdtempSync, readFileSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { describe, it } = require('node:test')
const { inspect } = require('node:util')
const { runChild } = require('./support/child.js')
const { makeClient, sendToken, startPeer } = require('./support/peer.js')
const { MemoryStore, makeFleet } = require('./support/stores.js')

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.store-secrecy-71b2.c2lnbmF0dXJl'
const CLIENT_ID = 'store-secrecy-client'
const CLIENT_SECRET = 'store-secrecy-secret-93ab'

/** @type {import('./support/peer.js').Answerer} */
const grantSecret = (_request, response) => sendToken(response, { access_token: TOKEN, scope: 'secrecy:view' })

/** Gives all that a store was shown, as text, and what may be encoded in it. @param {InstanceType<typeof MemoryStore>} store */
function shown(store) {
  const texts = store.seen.flatMap(({ args }) => args.map(String))
  const decoded = texts.flatMap((text) =>
    /** @type {const} */ (['base64', 'base64url', 'hex']).map((form) => Buffer.from(text, form).toString('latin1')),
  )
  return [...texts, ...decoded]
}

describe('what a store is shown', { timeout: 60_000 }, () => {
  it('given a token in the store, when all that it was asked is read, then there is nothing of token, secret or client', async (t) => {
    const { options } = await startPeer(t, { token: grantSecret })
    const store = new MemoryStore()
    const own = { ...options, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, scope: 'secrecy:view' }
    for (const member of makeFleet(t, own, store, 2)) assert.equal(await member.getToken(), TOKEN)
    assert.deepEqual([...new Set(store.names())].sort(), ['acquire', 'get', 'release', 'set'])
    const { host, pathname } = new URL(options.tokenUrl)
    for (const hidden of [TOKEN, ...TOKEN.split('.'), CLIENT_ID, CLIENT_SECRET, host, pathname, 'secrecy', 'Bearer']) {
      for (const text of shown(store)) assert.ok(!text.includes(hidden), `${hidden} in ${text}`)
    }
  })

  it('given two grants, when their values are compared, then nothing of them is the same', async (t) => {
    const { options } = await startPeer(t, { token: grantSecret })
    const store = new MemoryStore()
    const [member] = makeFleet(t, options, store, 1)
    await member?.getToken()
    await member?.getToken({ forceRefresh: true })
    const [one, other] = store.seen
      .filter(({ name }) => name === 'set')
      .map(({ args }) => Buffer.from(String(args[1]), 'base64'))
    assert.ok(one && other)
    assert.equal(one.length, other.length)
    const same = one.filter((byte, index) => byte === other[index]).length
    assert.ok(same < one.length / 8, `${same} of ${one.length} bytes are the same`)
  })

  it('given a process that calls with a token from the store, when its heap is written down, then the token is not in it', async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'layer1-store-heap-'))
    t.after(() => rmSync(directory, { recursive: true, force: true }))
    const peer = await startPeer(t, { token: grantSecret })
    const store = new MemoryStore()
    const [member] = makeFleet(t, peer.options, store, 1)
    await member?.getToken()
    const [value] = [...store.values.values()].map(({ value }) => value)
    const file = join(directory, 'one.heapsnapshot')
    const ended = await runChild(
      t,
      async ({ options, value, file }) => {
        const tokenStore = { get: async () => value, set: async () => {} }
        const client = new (require('layer1').Layer1)({ ...options, tokenStore })
        await client.get('/a')
        require('node:v8').writeHeapSnapshot(file)
        console.log(client.stats().tokenStore?.hits)
        await client.close()
      },
      { options: peer.options, value: String(value), file },
    )
    assert.deepEqual([ended.code, ended.stdout, ended.stderr], [0, '1\n', ''])
    assert.equal(peer.calls[0]?.headers.authorization, `Bearer ${TOKEN}`)
    assert.ok(!readFileSync(file, 'latin1').includes(TOKEN))
  })

  it('given a client with a store, when it is inspected, then nothing of the store is shown', async (t) => {
    const { options } = await startPeer(t)
    const store = Object.assign(new MemoryStore(), { password: 'hunter2' })
    const [member] = makeFleet(t, options, store, 1)
    assert.ok(!inspect(member, { depth: 9, showHidden: true }).includes('hunter2'))
  })
})

describe('what a store gives', { timeout: 60_000 }, () => {
  it('given a value of which one bit is flipped, when it is read, then it is ignored and overwritten', async (t) => {
    const { options, tokenRequests } = await startPeer(t)
    const store = new MemoryStore()
    const [first] = makeFleet(t, options, store, 1)
    await first?.getToken()
    const [kept] = store.values.values()
    const whole = Buffer.from(String(kept?.value), 'base64')
    let grants = 1
    for (const byte of [0, 11, 12, 40, whole.length - 17, whole.length - 1]) {
      const flipped = Buffer.from(whole)
      flipped.writeUInt8(flipped.readUInt8(byte) ^ 1, byte)
      store.replace(() => flipped.toString('base64'))
      const [member] = makeFleet(t, options, store, 1)
      grants += 1
      assert.equal(await member?.getToken(), `token-${grants}`)
    }
    assert.equal(tokenRequests.length, grants)
  })

  const identities = {
    'another secret': { clientSecret: 'another-secret' },
    'another client': { clientId: 'another-client' },
    'another scope': { scope: 'another:scope' },
    'another way to prove it': { clientAuth: /** @type {const} */ ('client_secret_basic') },
  }
  for (const [name, other] of Object.entries(identities)) {
    it(`given the value of ${name}, when it is put in the place of one's own, then it is ignored and overwritten`, async (t) => {
      const { options } = await startPeer(t)
      const [ours, theirs] = [new MemoryStore(), new MemoryStore()]
      await makeFleet(t, options, ours, 1)[0]?.getToken()
      await makeFleet(t, { ...options, ...other }, theirs, 1)[0]?.getToken()
      const [[ourKey, { value: ourValue }], [theirKey, { value: theirValue }]] = /** @type {any} */ ([
        ...ours.values,
        ...theirs.values,
      ])
      assert.notEqual(ourKey, theirKey)
      ours.replace(() => theirValue)
      theirs.replace(() => ourValue)
      assert.equal(await makeFleet(t, options, ours, 1)[0]?.getToken(), 'token-3')
      assert.equal(await makeFleet(t, { ...options, ...other }, theirs, 1)[0]?.getToken(), 'token-4')
    })
  }

  it('given an old value that is put back, when its token has ended, then it is ignored and overwritten', async (t) => {
    const { options } = await startPeer(t, {
      token: (_request, response, count) =>
        sendToken(response, { access_token: `token-${count}`, expires_in: count === 1 ? 1 : 300 }),
    })
    const store = new MemoryStore()
    await makeFleet(t, options, store, 1)[0]?.getToken()
    const [kept] = store.values.values()
    assert.ok(kept)
    kept.ends += 3_600_000
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    const [member] = makeFleet(t, options, store, 1)
    assert.equal(await member?.getToken(), 'token-2')
    assert.equal(member?.stats().tokenStore?.ignored, 2)
  })

  it('given members whose key proves who they are, when they have the same key, then they share, and with another not', async (t) => {
    const { options, tokenRequests } = await startPeer(t)
    const store = new MemoryStore()
    const pem = () =>
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const [one, other] = [pem(), pem()]
    const { clientSecret: _, ...rest } = options
    const withKey = (/** @type {string} */ privateKey) =>
      makeClient(t, { ...rest, clientAuth: 'private_key_jwt', privateKey, shareToken: false, tokenStore: store })
    assert.equal(await withKey(one).getToken(), 'token-1')
    assert.equal(await withKey(one).getToken(), 'token-1')
    assert.equal(await withKey(other).getToken(), 'token-2')
    assert.equal(tokenRequests.length, 2)
  })
})
