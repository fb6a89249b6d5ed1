'use strict'
// The example that Layer1 publishes (https://docs.layer1.com/docs/webhooks), and all that is nearly the same.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const crypto = require('node:crypto')
const { describe, it } = require('node:test')
const { refusal } = require('./support/webhooks.js')

const published = {
  body: 'hello world',
  publicKey:
    'MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAExn8LhKa3YnVvGHeyT+siyu9+B5knDRtigP4R08nw7Fp0lbXtwoiAO1N0LOj7k39JY5iM385BJrRV2u5Y4N0Qxg==',
  signature: 'MEYCIQCtvKgMTivqsT3S2G3qD46lK0+FD7ECW4dK2MtaivfWvwIhALJly6ZqemabK+gYGNWpZACzj1ApJ6immVuIQ0MxONXV',
}

describe('the published example of a webhook', { timeout: 60_000 }, () => {
  it('given its message, key and signature, when it is checked, then it is accepted, and only its message is no JSON', () => {
    const error = refusal(published)
    assert.equal(error.reason, 'event')
    assert.match(error.message, /comes from Layer1, but its body is no JSON/)
    assert.doesNotMatch(error.message, /signature/)
    assert.ok(error.cause instanceof SyntaxError)
  })

  it('given another bit in any byte of its message, when it is checked, then the signature is wrong', () => {
    const message = Buffer.from(published.body)
    for (const altered of everyOtherBit(message)) {
      assert.equal(refusal({ ...published, body: altered }).reason, 'signature')
    }
  })

  it('given a byte more or less at either end of its message, when it is checked, then the signature is wrong', () => {
    for (const altered of ['hello world\n', ' hello world', '\uFEFFhello world', 'hello worl', 'ello world', '']) {
      assert.equal(refusal({ ...published, body: altered }).reason, 'signature')
    }
  })

  for (const name of /** @type {const} */ (['publicKey', 'signature'])) {
    it(`given another bit in any byte of its ${name}, when it is checked, then it is refused`, () => {
      const bytes = Buffer.from(published[name], 'base64')
      for (const altered of everyOtherBit(bytes)) {
        const { reason } = refusal({ ...published, [name]: altered.toString('base64') })
        assert.ok(reason === 'signature' || reason === 'publicKey', reason)
      }
    })

    it(`given another character anywhere in the text of its ${name}, when it is checked, then it is refused`, () => {
      const text = published[name]
      let tried = 0
      for (let at = 0; at < text.length; at += 1) {
        for (const character of charactersBeside(text, at)) {
          const altered = text.slice(0, at) + character + text.slice(at + 1)
          assert.notEqual(refusal({ ...published, [name]: altered }).reason, 'event', `${at}: ${character}`)
          tried += 1
        }
      }
      assert.ok(tried > 1000, `only ${tried}`)
    })
  }

  it('given its key in the hybrid spelling of OpenSSL, when it is checked, then it is refused', () => {
    const spki = Buffer.from(published.publicKey, 'base64')
    spki[23] = 6 + (Number(spki.at(-1)) % 2)
    assert.ok(crypto.createPublicKey({ key: spki, format: 'der', type: 'spki' }), 'OpenSSL takes it')
    const error = refusal({ ...published, publicKey: spki.toString('base64') })
    assert.deepEqual([error.reason, /unusual way/.test(error.message)], ['publicKey', true])
  })
})

/** @param {Buffer} bytes */
function* everyOtherBit(bytes) {
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const altered = Buffer.from(bytes)
    altered[bit >> 3] = Number(altered[bit >> 3]) ^ (1 << (bit & 7))
    yield altered
  }
}

/**
 * Gives other characters for a place in a text: the neighbours of its own, and what base64 does not have.
 *
 * @param {string} text
 * @param {number} at
 */
function charactersBeside(text, at) {
  const code = text.charCodeAt(at)
  const beside = [1, 2, 4, 8, 16, 32, 64, 128].map((bit) => String.fromCharCode(code ^ bit))
  return [...beside, 'A', '/', '+', '=', '-', '_', ' ', '\n', '\0'].filter((character) => character !== text[at])
}
