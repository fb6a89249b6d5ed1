'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { Layer1RequestError, path } = require('layer1')
const { failure, thrown } = require('./support/failures.js')
const { makeClient, startPeer } = require('./support/peer.js')

/**
 * Gives the error with which the tag refuses what it is called with.
 *
 * @param {() => unknown} run
 * @returns {Layer1RequestError}
 */
function refusal(run) {
  const error = thrown(run)
  assert.ok(error instanceof Layer1RequestError, String(error?.stack))
  assert.deepEqual([error.code, error.attempts, error.retryable], ['ERR_LAYER1_REQUEST', 0, false])
  return error
}

/** Calls the tag with whatever a caller without types may write. @type {any} */
const untyped = path

describe('a path made of a template', () => {
  for (const { name, value, segment } of [
    { name: 'a UUID', value: '0b6f0a52-6d3c-4f0e-9a55-7f1f1f1f1f1f', segment: '0b6f0a52-6d3c-4f0e-9a55-7f1f1f1f1f1f' },
    { name: 'a slash', value: 'a/b', segment: 'a%2Fb' },
    { name: 'a question mark and a hash', value: 'a?b=c#d', segment: 'a%3Fb%3Dc%23d' },
    { name: 'a percent sign', value: '100%', segment: '100%25' },
    { name: 'an escape', value: '%2e%2e', segment: '%252e%252e' },
    { name: 'a blank and a plus sign', value: 'a b+c', segment: 'a%20b%2Bc' },
    { name: 'what leads upwards in the middle', value: '../x', segment: '..%2Fx' },
    { name: 'three dots', value: '...', segment: '...' },
    { name: 'text outside ASCII', value: 'é日😀', segment: '%C3%A9%E6%97%A5%F0%9F%98%80' },
    { name: 'the name __proto__', value: '__proto__', segment: '__proto__' },
    { name: 'an integer', value: 42, segment: '42' },
    { name: 'zero', value: 0, segment: '0' },
    { name: 'a fraction below zero', value: -1.5, segment: '-1.5' },
    { name: 'a bigint', value: 12345678901234567890n, segment: '12345678901234567890' },
    { name: 'true', value: true, segment: 'true' },
    { name: 'false', value: false, segment: 'false' },
  ]) {
    it(`given ${name}, when it is put in, then it is the one segment ${segment}`, () => {
      assert.equal(path`/digital/v1/addresses/${value}/tags`, `/digital/v1/addresses/${segment}/tags`)
    })
  }

  it('given several values, when they are put in, then each stands in its place', () => {
    assert.equal(path`/${'a/b'}/x/${2}${'c d'}`, '/a%2Fb/x/2c%20d')
  })

  it('given no value, when it is made, then the text stays as it is', () => {
    assert.equal(path`/digital/v1/a%20b?q=x&y=é`, '/digital/v1/a%20b?q=x&y=é')
  })

  it('given an escape of JavaScript in the text, when it is made, then it is what JavaScript reads', () => {
    assert.equal(path`/\u0061/${'b'}`, '/a/b')
  })

  it('given the same template with other values, when it is made again, then they do not mix', () => {
    const of = (/** @type {string} */ id) => path`/addresses/${id}`
    assert.deepEqual([of('a'), of('b'), of('a')], ['/addresses/a', '/addresses/b', '/addresses/a'])
  })

  it('given every printable ASCII character but the backslash, when it is sent, then the server decodes the very same', async (t) => {
    const text = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => index + 32)).replace('\\', '')
    const peer = await startPeer(t)
    await makeClient(t, peer.options).get(path`/addresses/${text}/tags`)
    const segments = String(peer.calls[0]?.url).split('/')
    assert.deepEqual(segments.map(decodeURIComponent), ['', 'addresses', text, 'tags'])
  })
})

describe('a value that makes no segment', () => {
  for (const { name, value, says } of [
    { name: 'an empty string', value: '', says: /empty/ },
    { name: 'a dot', value: '.', says: /dot segment/ },
    { name: 'two dots', value: '..', says: /dot segment/ },
    { name: 'a lone surrogate', value: 'secret\ud800', says: /lone surrogate/ },
    { name: 'NaN', value: Number.NaN, says: /not finite/ },
    { name: 'Infinity', value: Number.POSITIVE_INFINITY, says: /not finite/ },
    { name: '-Infinity', value: Number.NEGATIVE_INFINITY, says: /not finite/ },
    { name: 'undefined', value: undefined, says: /of type undefined/ },
    { name: 'null', value: null, says: /of type null/ },
    { name: 'a symbol', value: Symbol('secret'), says: /of type symbol/ },
    { name: 'a function', value: () => 'secret', says: /of type function/ },
    { name: 'an object', value: { toString: () => 'secret' }, says: /of type object/ },
    { name: 'an array', value: ['secret'], says: /of type object/ },
    { name: 'a String object', value: new String('secret'), says: /of type object/ },
    { name: 'a Date', value: new Date(0), says: /of type object/ },
  ]) {
    it(`given ${name}, when it is put in, then it is refused by its position and not quoted`, () => {
      const { message } = refusal(() => untyped`/a/${'other-id'}/${/** @type {any} */ (value)}`)
      assert.match(message, says)
      assert.match(message, /^value 2 of the path /)
      assert.doesNotMatch(message, /secret|other-id|NaN|Infinity|1970|\[object/)
      assert.match(message, /[^.]\.$/)
    })
  }

  it('given two of them, when they are put in, then the first is named', () => {
    assert.match(refusal(() => untyped`/${''}/${null}`).message, /^value 1 /)
  })
})

describe('a tag that tags no template', () => {
  for (const { name, args } of [
    { name: 'a string', args: ['/a'] },
    { name: 'nothing', args: [] },
    { name: 'null', args: [null] },
    { name: 'an array of strings', args: [['/a/', ''], 'b'] },
    { name: 'an object', args: [{ raw: ['/a'] }] },
    { name: 'a template and too few values', args: [Object.assign(['/a/', ''], { raw: ['/a/', ''] })] },
    { name: 'a template and too many values', args: [Object.assign(['/a'], { raw: ['/a'] }), 'b'] },
  ]) {
    it(`given ${name}, when it is called as a function, then it is refused`, () => {
      assert.match(refusal(() => untyped(...args)).message, /template tag.*without parentheses/)
    })
  }

  it('given a template whose text has a broken escape, when it is made, then it is refused', () => {
    assert.match(refusal(() => path`/a\u/${'b'}`).message, /broken escape/)
  })
})

describe('a path that is wrong all the same', () => {
  for (const { name, made } of [
    { name: 'two dots of literal text', made: path`/a/../${'b'}` },
    { name: 'dots that meet across a joint', made: path`/a/.${'./b'}` },
    { name: 'a value that leads upwards', made: path`/a/${'../b'}` },
    { name: 'a backslash', made: path`/a/${'b\\c'}` },
    { name: 'a line feed', made: path`/a/${'b\nc'}` },
  ]) {
    it(`given ${name}, when it is sent, then the client refuses it and nothing is sent`, async (t) => {
      const peer = await startPeer(t)
      await failure(makeClient(t, peer.options).get(made), 'ERR_LAYER1_REQUEST')
      assert.equal(peer.connections(), 0)
    })
  }
})
