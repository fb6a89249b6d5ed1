'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { createHash } = require('node:crypto')
const { describe, it } = require('node:test')
const fc = require('fast-check')
const { path } = require('layer1')
const { PRIVATE_KEY, PUBLIC_KEY } = require('./support/keys.js')
const { makeClient, startPeer } = require('./support/peer.js')
const { isSigned, signatureOf } = require('./support/signatures.js')

/** @typedef {import('./support/peer.js').Seen} Seen */

const segment = fc
  .string({
    unit: fc.oneof(fc.constantFrom(...' %/?#&=+"<>\'`|^{}~é日😀'), fc.string({ unit: 'grapheme', maxLength: 1 })),
  })
  // What no path can hold, in no encoding.
  .filter((text) => !/^\.{0,2}$|[\\\p{Cc}]|(^|\/)\.{1,2}(\/|$)|^\//u.test(text))
const value = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom('a b', 'é', '%20', '&='),
)
const query = fc.dictionary(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.oneof(value, fc.array(value, { maxLength: 3 })),
)
const body = fc.oneof(
  fc.constant(undefined),
  fc.string({ unit: 'grapheme' }),
  fc.json(),
  fc.uint8Array({ maxLength: 64 }),
  fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })),
)
const call = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
  segments: fc.array(segment, { minLength: 1, maxLength: 4 }),
  query,
  body,
})

/**
 * Changes one byte of a message, each in its turn: of its target, its method, its body, and of the signature itself.
 *
 * @param {Seen} seen
 * @returns {Generator<Pick<Seen, 'method' | 'url' | 'headers' | 'bytes'>>}
 */
function* changes(seen) {
  for (const name of /** @type {const} */ (['method', 'url'])) {
    for (let index = 0; index < seen[name].length; index++) {
      const bytes = Buffer.from(seen[name], 'latin1')
      bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index)
      yield { ...seen, [name]: bytes.toString('latin1') }
    }
  }
  for (let index = 0; index < seen.bytes.length; index++) {
    const bytes = Buffer.from(seen.bytes)
    bytes.writeUInt8(bytes.readUInt8(index) ^ (1 << (index % 8)), index)
    // Whoever changes the body changes its digest too.
    yield { ...seen, bytes, headers: { ...seen.headers, 'content-digest': digestOf(bytes) } }
    yield { ...seen, bytes }
  }
}

/** @param {Uint8Array} bytes */
function digestOf(bytes) {
  return `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`
}

/**
 * Changes one byte of the signature, each in its turn.
 *
 * @param {Seen} seen
 */
function* changedSignatures(seen) {
  const { bytes } = signatureOf(seen)
  for (let index = 0; index < bytes.length; index++) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(index) ^ (1 << (index % 8)), index)
    yield { ...seen, headers: { ...seen.headers, signature: `sig=:${changed.toString('base64')}:` } }
  }
}

describe('signatures of random calls', { timeout: 120_000 }, () => {
  it('given random paths, queries and bodies, when they are signed, then all verify, and with any one byte changed none does', async (t) => {
    const peer = await startPeer(t)
    const { clientSecret: _, ...options } = peer.options
    const client = makeClient(t, { ...options, auth: 'signature', privateKey: PRIVATE_KEY })
    let changed = 0
    const property = fc.asyncProperty(call, async ({ method, segments, query, body }) => {
      const place = segments.map((one) => path`/${one}`).join('')
      await client.request(method, place, { query, ...(method !== 'GET' && { body }) })
      const seen = /** @type {Seen} */ (peer.calls.at(-1))
      assert.ok(isSigned(seen, peer.origin, PUBLIC_KEY), `${seen.method} ${seen.url}`)
      for (const message of changes(seen)) {
        changed += 1
        assert.ok(!isSigned(message, peer.origin, PUBLIC_KEY), `${message.method} ${message.url} ${message.bytes}`)
      }
    })
    await fc.assert(property, { numRuns: 100 })
    assert.ok(changed > 1_000)
    t.diagnostic(`${peer.calls.length} calls verified, ${changed} changes of one byte refused`)
  })

  it('given a signature, when any one byte of it is changed, then it does not verify', async (t) => {
    const peer = await startPeer(t)
    const { clientSecret: _, ...options } = peer.options
    const client = makeClient(t, { ...options, auth: 'signature', privateKey: PRIVATE_KEY })
    await client.post('/a?b=c', { d: 1 })
    const seen = /** @type {Seen} */ (peer.calls[0])
    const all = [...changedSignatures(seen)]
    assert.equal(all.length, 256)
    for (const message of all) assert.ok(!isSigned(message, peer.origin, PUBLIC_KEY))
  })
})
