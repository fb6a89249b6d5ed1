'use strict'
// Whatever a webhook is made of: it is verified, or a Layer1WebhookError says why not.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const fc = require('fast-check')
const { Layer1WebhookError, verifyWebhook } = require('layer1')
const { makeWebhookKey, refusal, signWebhook } = require('./support/webhooks.js')

const key = makeWebhookKey()
const good = { body: '{"event":"a"}', signature: signWebhook(key, '{"event":"a"}'), publicKey: key.publicKey }
const members = /** @type {const} */ (['body', 'signature', 'publicKey'])

/** Throws whatever it is asked. */
const hostile = new Proxy(
  {},
  {
    get() {
      throw hostile
    },
    has() {
      throw hostile
    },
    getPrototypeOf() {
      throw hostile
    },
    ownKeys() {
      throw hostile
    },
  },
)
const revoked = Proxy.revocable({}, {})
revoked.revoke()
const detached = new Uint8Array(8)
structuredClone(detached.buffer, { transfer: [detached.buffer] })

/** @type {[what: string, value: unknown][]} */
const oddities = [
  ['a proxy that throws', hostile],
  ['a revoked proxy', revoked.proxy],
  ['a proxy of a Buffer', new Proxy(Buffer.from(good.body), {})],
  ['bytes that were given away', detached],
  ['a buffer that was given away', detached.buffer],
  ['what only inherits from Buffer', Object.create(Buffer.prototype)],
  ['a Buffer that lies about itself', Object.defineProperty(Buffer.alloc(4), 'byteLength', { value: 2 ** 40 })],
  ['an object whose toString throws', { toString: () => assert.fail('called') }],
  ['a String object', new String(good.signature)],
  ['a lone surrogate', '\ud800'],
  ['a symbol', Symbol('x')],
  ['a bigint', 1n],
  ['a function', () => good],
  ['a promise', Promise.resolve(good.body)],
  ['a long text of nothing', 'A'.repeat(3_000_000)],
]

describe('junk where a webhook belongs', { timeout: 60_000 }, () => {
  for (const [what, value] of oddities) {
    it(`given ${what} as the webhook, when it is checked, then it is refused`, () => {
      assert.equal(refusal(value).reason, 'input')
    })

    for (const member of members) {
      it(`given ${what} as the ${member}, when it is checked, then it is refused`, () => {
        refusal({ ...good, [member]: value })
      })
    }
  }

  for (const member of members) {
    for (const [what, reason] of /** @type {[string, unknown][]} */ ([
      ['an error', new Error('no')],
      ['undefined', undefined],
      ['a proxy that throws', hostile],
    ])) {
      it(`given a ${member} whose getter throws ${what}, when it is checked, then it is refused, with that as the cause`, () => {
        const webhook = Object.defineProperty({ ...good }, member, {
          get() {
            throw reason
          },
        })
        const error = refusal(webhook)
        assert.equal(error.reason, 'input')
        assert.ok(error.cause === reason)
      })
    }
  }

  it('given nothing at all, when it is checked, then it is refused', () => {
    const check = /** @type {any} */ (verifyWebhook)
    assert.throws(() => check(), Layer1WebhookError)
  })

  it('given members that differ each time they are read, when it is checked, then each is read once', () => {
    const read = /** @type {string[]} */ ([])
    const webhook = new Proxy(good, {
      get(target, name) {
        read.push(String(name))
        return Reflect.get(target, name)
      },
    })
    verifyWebhook(webhook)
    assert.deepEqual(read.sort(), [...members].sort())
  })
})

describe('random webhooks', { timeout: 120_000 }, () => {
  const anything = fc.anything({ withBigInt: true, withDate: true, withTypedArray: true, withNullPrototype: true })
  const bytes = fc.uint8Array({ maxLength: 200 })
  const base64 = bytes.map((value) => Buffer.from(value).toString('base64'))

  it('given anything anywhere, when it is checked, then nothing but Layer1WebhookError is thrown', () => {
    const member = fc.oneof(anything, fc.string({ unit: 'binary' }), bytes, base64)
    const webhook = fc.oneof(
      anything,
      fc.record({ body: member, signature: member, publicKey: member }, { requiredKeys: [] }),
      ...members.map((name) => member.map((value) => ({ ...good, [name]: value }))),
    )
    fc.assert(
      fc.property(webhook, (value) => void refusal(value)),
      { numRuns: 1500 },
    )
  })

  it('given DER that is nearly right, when it is checked, then nothing but Layer1WebhookError is thrown', () => {
    for (const name of /** @type {const} */ (['signature', 'publicKey'])) {
      const right = Buffer.from(good[name], 'base64')
      const edit = fc.tuple(
        fc.nat(right.length - 1),
        fc.nat(4),
        bytes.map((value) => value.subarray(0, 6)),
      )
      fc.assert(
        fc.property(edit, ([at, removed, inserted]) => {
          const altered = Buffer.concat([right.subarray(0, at), inserted, right.subarray(at + removed)])
          if (!altered.equals(right)) refusal({ ...good, [name]: altered.toString('base64') })
        }),
        { numRuns: 500 },
      )
    }
  })

  it('given any event, when it is signed, then it comes back as JSON.parse gives it, and with one byte changed it is refused', () => {
    const event = fc.record({
      event: fc.string({ unit: 'binary' }),
      timestamp: fc.constantFrom(null, '2024-06-05T20:40:16.941138099Z'),
      data: fc.jsonValue(),
    })
    fc.assert(
      fc.property(event, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, place, change) => {
        const body = Buffer.from(JSON.stringify(value))
        const delivery = { body, signature: signWebhook(key, body), publicKey: key.publicKey }
        assert.deepEqual(verifyWebhook(delivery), JSON.parse(body.toString()))
        const altered = Buffer.from(body)
        const at = place % body.length
        altered[at] = Number(altered[at]) ^ change
        assert.equal(refusal({ ...delivery, body: altered }).reason, 'signature')
      }),
      { numRuns: 200 },
    )
  })
})
