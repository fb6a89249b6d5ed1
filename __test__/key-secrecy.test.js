'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { createPrivateKey } = require('node:crypto')
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { describe, it } = require('node:test')
const { inspect } = require('node:util')
const { runChild } = require('./support/child.js')
const { rejection, thrown } = require('./support/failures.js')
const { PRIVATE_KEY, secretNumbers } = require('./support/keys.js')
const { makeClient, sendJson, startPeer } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {'file' | 'variable' | 'Buffer' | 'setCredentials' | 'string that is kept'} Source */

const PLACES = 10

/** Pieces of the key from ten places of it, in every form in which text could hold it. */
const pieces = [
  ...sample(PRIVATE_KEY.split('\n').slice(1, -2), PLACES).map((line) => line.slice(16, 48)),
  ...secretNumbers(PRIVATE_KEY).flatMap((number) =>
    sample(windows(number, 16), PLACES).flatMap((window) => [
      window.toString('hex'),
      window.toString('latin1'),
      [...window].join(','),
      [...window].join(', '),
      BigInt(`0x${window.toString('hex')}`).toString(),
    ]),
  ),
]

/**
 * Takes so many of a list, evenly.
 *
 * @template T
 * @param {T[]} list
 * @param {number} count
 */
function sample(list, count) {
  return Array.from({ length: count }, (_, index) => /** @type {T} */ (list[Math.floor((index * list.length) / count)]))
}

/** @param {Buffer} bytes @param {number} size */
function windows(bytes, size) {
  return Array.from({ length: bytes.length - size + 1 }, (_, index) => bytes.subarray(index, index + size))
}

/** @param {string} text */
function found(text) {
  return pieces.filter((piece) => text.includes(piece))
}

/**
 * Lets a process sign calls and ask for a token with the key, and gives a snapshot of its heap.
 *
 * @param {TestContext} t
 * @param {Source} source
 */
async function snapshotAfter(t, source) {
  const directory = mkdtempSync(join(tmpdir(), 'layer1-key-heap-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const [keyFile, file] = [join(directory, 'key.pem'), join(directory, 'one.heapsnapshot')]
  writeFileSync(keyFile, PRIVATE_KEY)
  const peer = await startPeer(t)
  const { clientSecret, ...own } = peer.options
  const variables = {
    file: { LAYER1_PRIVATE_KEY_FILE: keyFile },
    variable: { LAYER1_PRIVATE_KEY: PRIVATE_KEY },
  }
  const ended = await runChild(
    t,
    async ({ options, source, keyFile, file }) => {
      const { readFileSync } = require('node:fs')
      // Strings whole, and not only their first thousand characters.
      require('node:v8').setFlagsFromString('--heap-snapshot-string-limit=1000000')
      /** @type {any} */
      const given = { ...options, auth: 'both', clientAuth: 'private_key_jwt' }
      if (source === 'Buffer' || source === 'setCredentials') given.privateKey = readFileSync(keyFile)
      if (source === 'string that is kept') given.privateKey = readFileSync(keyFile, 'utf8')
      const client = new (require('layer1').Layer1)(given)
      if (source === 'setCredentials') client.setCredentials({ privateKey: readFileSync(keyFile) })
      if (source !== 'string that is kept') delete given.privateKey
      for (let index = 0; index < 20; index++) await client.post('/a', { index })
      require('node:v8').writeHeapSnapshot(file)
      // Kept to the end, so that it is in the snapshot.
      process.exitCode = given.auth === 'both' ? 0 : 1
      await client.close()
    },
    { options: own, source, keyFile, file },
    variables[/** @type {keyof typeof variables} */ (source)],
  )
  assert.deepEqual([ended.code, ended.signal, ended.stderr], [0, null, ''])
  assert.deepEqual([peer.calls.length, peer.tokenRequests.length], [20, 1])
  assert.ok(peer.calls.every(({ headers }) => headers.signature))
  return readFileSync(file, 'latin1')
}

describe('the heap of a process that signs', { timeout: 120_000 }, () => {
  for (const source of /** @type {const} */ (['file', 'variable', 'Buffer', 'setCredentials'])) {
    it(`given a key by ${source}, when the heap is written down, then no piece of it is there`, async (t) => {
      assert.deepEqual(found(await snapshotAfter(t, source)), [])
    })
  }

  it('given a key that the program itself keeps as a string, when the heap is written down, then all ten lines are found: the search works', async (t) => {
    assert.equal(found(await snapshotAfter(t, 'string that is kept')).length, PLACES)
  })
})

describe('a client that signs', { timeout: 60_000 }, () => {
  it('given a client and its errors, when they are looked at, then they show no piece of the key', async (t) => {
    const peer = await startPeer(t, {
      api: (request, response) => sendJson(response, request.url === '/fails' ? 401 : 200, {}),
    })
    const client = makeClient(t, { ...peer.options, auth: 'both', privateKey: PRIVATE_KEY })
    await client.get('/a')
    const changed = PRIVATE_KEY.replace(/(?<=\n)[A-Z]/, '!')
    const values = [
      client,
      client.stats(),
      await rejection(client.get('/fails')),
      await rejection(client.get('/a', { headers: { signature: 'x' } })),
      thrown(() => client.setCredentials({ privateKey: changed })),
      thrown(() => client.setCredentials({ privateKey: PRIVATE_KEY.slice(0, 800) })),
      thrown(() => client.setCredentials(/** @type {any} */ ({ privateKey: PRIVATE_KEY, keyID: 'x' }))),
      thrown(() => makeClient(t, { ...peer.options, auth: 'both', privateKey: PRIVATE_KEY, keyId: 'é' })),
      thrown(() => makeClient(t, { ...peer.options, cert: PRIVATE_KEY, key: PRIVATE_KEY })),
    ]
    for (const value of values) {
      const text = inspect(value, { depth: 9, showHidden: true, getters: true }) + JSON.stringify(value) + String(value)
      assert.deepEqual(found(text), [])
    }
  })

  it('given the pieces that are looked for, when they are looked for in the key itself, then they are there', () => {
    const key = createPrivateKey(PRIVATE_KEY)
    const der = key.export({ type: 'pkcs1', format: 'der' })
    assert.equal(found(PRIVATE_KEY).length, PLACES)
    for (const form of [der.toString('hex'), der.toString('latin1'), [...der].join(',')]) {
      assert.ok(found(form).length >= 3 * PLACES)
    }
  })
})
