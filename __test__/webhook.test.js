'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const crypto = require('node:crypto')
const fs = require('node:fs')
const { describe, it } = require('node:test')
const { verifyWebhook } = require('layer1')
const { signWithOpenssl, withoutOpenssl } = require('./support/openssl.js')
const { makeWebhookKey, refusal, signWebhook } = require('./support/webhooks.js')

const envelope = {
  event: 'layer1:digital:deposit:status-change',
  timestamp: '2026-04-30T15:57:30.399031710Z',
  data: { id: '0x1f', amount: '0.19848315335156838671875' },
}
const body = JSON.stringify(envelope)

const one = makeWebhookKey()
const other = makeWebhookKey()

/** @param {Partial<import('layer1').WebhookDelivery>} [change] */
function delivery(change) {
  return { body, signature: signWebhook(one, body), publicKey: one.publicKey, ...change }
}

describe('a webhook that is rightly signed', { timeout: 60_000 }, () => {
  it('given its raw body, header and key, when it is checked, then the event comes back', () => {
    assert.deepEqual(verifyWebhook(delivery()), envelope)
  })

  const bytes = new TextEncoder().encode(body)
  const shared = new SharedArrayBuffer(bytes.length)
  new Uint8Array(shared).set(bytes)
  const padded = Buffer.concat([Buffer.from('xx'), bytes, Buffer.from('yyy')])
  for (const [what, raw] of /** @type {[string, any][]} */ ([
    ['a Buffer', Buffer.from(bytes)],
    ['a Uint8Array', bytes],
    ['a part of a larger buffer', padded.subarray(2, 2 + bytes.length)],
    ['a DataView', new DataView(bytes.buffer, bytes.byteOffset, bytes.length)],
    ['an ArrayBuffer', bytes.slice().buffer],
    ['a SharedArrayBuffer', shared],
  ])) {
    it(`given its body as ${what}, when it is checked, then the event comes back`, () => {
      assert.deepEqual(verifyWebhook(delivery({ body: raw })), envelope)
    })
  }

  const spki = Buffer.from(one.publicKey, 'base64')
  const pem = String(one.keyObject.export({ type: 'spki', format: 'pem' }))
  const compressed = Buffer.concat([
    Buffer.from('3036301006072a8648ce3d020106052b8104000a032200', 'hex'),
    Buffer.from(String(crypto.ECDH.convertKey(spki.subarray(23), 'secp256k1', undefined, 'hex', 'compressed')), 'hex'),
  ])
  for (const [what, publicKey] of /** @type {[string, string | Buffer][]} */ ([
    ['base64 in a Buffer', Buffer.from(one.publicKey)],
    ['base64 with a line end, as files have it', `${one.publicKey}\n`],
    ['DER', spki],
    ['PEM', pem],
    ['PEM in a Buffer', Buffer.from(pem)],
    ['PEM whose line ends became \\n', pem.replaceAll('\n', '\\n')],
    ['base64 of a compressed point', compressed.toString('base64')],
  ])) {
    it(`given its key as ${what}, when it is checked, then the event comes back`, () => {
      assert.deepEqual(verifyWebhook(delivery({ publicKey })), envelope)
    })
  }

  it('given s in the lower and in the upper half of its range, when it is checked, then both are right', () => {
    const halves = new Set()
    for (let tries = 0; halves.size < 2 && tries < 200; tries += 1) {
      const signature = signWebhook(one, body)
      const der = Buffer.from(signature, 'base64')
      // s is the second INTEGER, behind the header, r, and a header of its own.
      const s = BigInt(`0x${der.subarray(6 + Number(der[3])).toString('hex')}`)
      halves.add(s > ORDER / 2n)
      assert.deepEqual(verifyWebhook(delivery({ signature })), envelope)
    }
    assert.equal(halves.size, 2)
  })

  for (const [what, raw, event] of /** @type {[string, string, any][]} */ ([
    [
      'a name that nobody knows yet',
      '{"event":"layer1:new:thing","timestamp":null,"data":[1]}',
      { event: 'layer1:new:thing', timestamp: null, data: [1] },
    ],
    ['members beyond the envelope', '{"event":"a","version":2}', { event: 'a', version: 2 }],
    ['blanks and line ends', '{\r\n  "event" : "a"\n}\n', { event: 'a' }],
    ['a byte order mark', '\uFEFF{"event":"a"}', { event: 'a' }],
    ['letters of every kind', '{"event":"\u00e4\u20ac\u{1f4b6}"}', { event: '\u00e4\u20ac\u{1f4b6}' }],
  ])) {
    it(`given ${what}, when it is checked, then the event comes back as it is`, () => {
      assert.deepEqual(verifyWebhook(delivery({ body: raw, signature: signWebhook(one, raw) })), event)
    })
  }

  it('given a member named __proto__, when it is checked, then nothing is inherited', () => {
    const raw = '{"event":"a","__proto__":{"isAdmin":true}}'
    const event = /** @type {any} */ (verifyWebhook(delivery({ body: raw, signature: signWebhook(one, raw) })))
    assert.equal(event.isAdmin, undefined)
  })

  it('given no JSON object with the name of an event, when it is checked, then it is said that it comes from Layer1', () => {
    for (const raw of ['7', 'null', '[]', '"text"', '{}', '{"event":7}', '[{"event":"a"}]']) {
      const error = refusal(delivery({ body: raw, signature: signWebhook(one, raw) }))
      assert.deepEqual([error.reason, /comes from Layer1/.test(error.message)], ['event', true], raw)
    }
  })

  it('given a body that is no UTF-8, when it is checked, then it is no JSON', () => {
    const raw = Buffer.from('{"event":"\xff"}', 'latin1')
    assert.match(refusal(delivery({ body: raw, signature: signWebhook(one, raw) })).message, /body is no JSON/)
  })

  it('given a body that is empty, or nested ever so deep, when it is checked, then it is no event', () => {
    for (const raw of ['', '['.repeat(200_000), '['.repeat(200_000) + ']'.repeat(200_000)]) {
      assert.equal(refusal(delivery({ body: raw, signature: signWebhook(one, raw) })).reason, 'event')
    }
  })
})

describe('a webhook that is not to be trusted', { timeout: 60_000 }, () => {
  it('given a body that was parsed and written anew, when it is checked, then the signature is wrong, and the message says how to keep the raw one', () => {
    const raw = JSON.stringify(envelope, null, 2)
    const signature = signWebhook(one, raw)
    assert.deepEqual(verifyWebhook(delivery({ body: raw, signature })), envelope)
    const error = refusal(delivery({ body: JSON.stringify(JSON.parse(raw)), signature }))
    assert.equal(error.reason, 'signature')
    assert.match(error.message, /express\.raw\(\)/)
  })

  it('given a signature over another body, or with another key, when it is checked, then the signature is wrong', () => {
    assert.equal(refusal(delivery({ signature: signWebhook(one, `${body} `) })).reason, 'signature')
    assert.equal(refusal(delivery({ signature: signWebhook(other, body) })).reason, 'signature')
    assert.equal(refusal(delivery({ publicKey: other.publicKey })).reason, 'signature')
  })

  const right = Buffer.from(signWebhook(one, body), 'base64')
  for (const [what, signature, said] of /** @type {[string, any, RegExp][]} */ ([
    ['no signature', undefined, /has no signature/],
    ['null, as Headers.get gives it', null, /has no signature/],
    ['an empty signature', '', /is empty/],
    ['a blank signature', ' ', /is empty/],
    ['two signatures', [right.toString('base64'), right.toString('base64')], /has to be one string/],
    ['a Buffer', right, /has to be one string/],
    ['a number', 7, /has to be one string/],
    ['two signatures in one header', `${right.toString('base64')}, ${right.toString('base64')}`, /is no base64/],
    ['hexadecimal digits', right.toString('hex').slice(0, 142), /is no base64|is wrong/],
    ['the alphabet of URLs', Buffer.alloc(72, 0xfb).toString('base64url'), /is no base64/],
    ['a blank before it', ` ${right.toString('base64')}`, /is no base64/],
    [
      'no DER, but r and s',
      crypto.sign('sha256', Buffer.from(body), { key: one.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64'),
      /is wrong/,
    ],
    ['a byte more', Buffer.concat([right, Buffer.from([0])]).toString('base64'), /is wrong/],
    ['r and s of zero', Buffer.from('3006020100020100', 'hex').toString('base64'), /is wrong/],
    [
      'a HMAC, as other products send it',
      crypto.createHmac('sha256', 'secret').update(body).digest('base64'),
      /is wrong/,
    ],
    ['a megabyte', Buffer.alloc(1_000_002, 48).toString('base64'), /is wrong/],
  ])) {
    it(`given ${what}, when it is checked, then it is refused, and the message says what is wrong`, () => {
      const error = refusal(delivery({ signature }))
      assert.equal(error.reason, 'signature')
      assert.match(error.message, said)
    })
  }

  const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
  const nist = crypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const edwards = crypto.generateKeyPairSync('ed25519')
  /** @param {crypto.KeyObject} key */
  const spkiOf = (key) => key.export({ type: 'spki', format: 'der' }).toString('base64')
  for (const [what, publicKey, said] of /** @type {[string, any, RegExp][]} */ ([
    ['none', undefined, /there is none/],
    ['null', null, /there is none/],
    ['an empty one', '', /there is none/],
    ['no text', 7, /there is none/],
    ['no base64', 'my secret', /is no base64/],
    ['base64 of something else', 'aGVsbG8=', /it is none/],
    ['half a key', one.publicKey.slice(0, 60), /it is none/],
    ['a point that is not on the curve', `${one.publicKey.slice(0, 40)}${'A'.repeat(80)}`, /it is none/],
    ['one of another curve', spkiOf(nist.publicKey), /on the curve prime256v1/],
    ['an RSA key', spkiOf(rsa.publicKey), /of the type rsa/],
    ['an Ed25519 key', spkiOf(edwards.publicKey), /of the type ed25519/],
    ['the private key', one.privateKey.export({ type: 'pkcs8', format: 'pem' }), /is a private key/],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', /is a certificate/],
    ['PEM without its end', '-----BEGIN PUBLIC KEY-----\nAAAA', /is no base64/],
  ])) {
    it(`given a key that is ${what}, when it is checked, then the key is refused, and not shown`, () => {
      const error = refusal(delivery({ publicKey }))
      assert.equal(error.reason, 'publicKey')
      assert.match(error.message, said)
      assert.match(error.message, /on the curve secp256k1/)
      if (typeof publicKey === 'string' && publicKey !== '') assert.ok(!error.message.includes(publicKey))
    })
  }

  for (const [what, raw] of /** @type {[string, any][]} */ ([
    ['an object that a parser made', envelope],
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['a stream', fs.createReadStream(__filename).destroy()],
  ])) {
    it(`given ${what} as its body, when it is checked, then the message says that the raw one is needed`, () => {
      const error = refusal(delivery({ body: raw }))
      assert.deepEqual([error.reason, /before any parser/.test(error.message)], ['input', true])
    })
  }
})

describe('openssl and a webhook', { timeout: 60_000 }, () => {
  it('given one that openssl signed, when it is checked, then the event comes back', { skip: withoutOpenssl }, (t) => {
    const signature = signWithOpenssl(t, one.privateKey, body).toString('base64')
    assert.deepEqual(verifyWebhook(delivery({ signature })), envelope)
  })
})

/** Of the group that secp256k1 makes (SEC 2, §2.4.1). */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
