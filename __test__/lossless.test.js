'use strict'
// numbers: 'lossless': no amount is ever changed. What is expected here is made by arithmetic on digits, not by Number.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { inspect } = require('node:util')
const { describe, it } = require('node:test')
const { gzipSync } = require('node:zlib')
const { makeClient, startPeer } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */

const AMOUNT = '1.386770212175842462'

/**
 * Gets, without loss, what a server answers.
 *
 * @param {TestContext} t
 * @param {string | Buffer} answer
 * @param {{ status?: number, headers?: Record<string, string> }} [how]
 * @returns {Promise<any>}
 */
async function got(t, answer, { status = 200, headers = {} } = {}) {
  const peer = await startPeer(t, { api: (_request, response) => void response.writeHead(status, headers).end(answer) })
  return await makeClient(t, peer.options).get('/a', { numbers: 'lossless' })
}

/**
 * Brings a decimal numeral to digits without zeros at either end, and the power of ten of the last.
 *
 * @param {string} numeral
 */
function decimal(numeral) {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(numeral) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`
}

/** @param {string} literal */
function expected(literal) {
  const double = Number(literal)
  return Number.isFinite(double) && decimal(String(double)) === decimal(literal) ? double : literal
}

describe('a number that a double would change', { timeout: 60_000 }, () => {
  for (const literal of [
    AMOUNT,
    `-${AMOUNT}`,
    '0.19848315335156838671875',
    '0.10000000000000000555',
    '1.0000000000000000000000001',
    '9007199254740993',
    '-9007199254740993',
    '123456789012345678901234567890',
    '1e400',
    '-1E+400',
    '1e-400',
    '4.9e-324',
    '1.7976931348623159e308',
    '0.30000000000000000000000000000000000004e0',
    `1.${'3'.repeat(1000)}`,
    `${'9'.repeat(400)}`,
  ]) {
    const shown = literal.length > 50 ? `a number of ${literal.length} digits` : literal
    it(`given ${shown}, when it comes, then it is the string of its own digits, wherever it stands`, async (t) => {
      const body = await got(t, `{"a":${literal},"b":[${literal}, {"c" : ${literal} }]}`)
      assert.deepEqual(body, { a: literal, b: [literal, { c: literal }] })
      assert.equal(await got(t, literal), literal)
      assert.equal(await got(t, ` \n${literal}\t`), literal)
    })
  }
})

describe('a number that a double keeps', { timeout: 60_000 }, () => {
  for (const [literal, value] of /** @type {[string, number][]} */ ([
    ['0', 0],
    ['-0', -0],
    ['0.0', 0],
    ['0e400', 0],
    ['7', 7],
    ['-1.5', -1.5],
    ['0.1', 0.1],
    ['1.10', 1.1],
    ['100', 100],
    ['1e2', 100],
    ['1E+2', 100],
    ['25e-1', 2.5],
    ['1.5e300', 1.5e300],
    ['1e23', 1e23],
    ['5e-324', 5e-324],
    ['1.7976931348623157e308', Number.MAX_VALUE],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740992', 9007199254740992],
    ['123456789012345680000', 123456789012345680000],
    ['1.3867702121758425', 1.3867702121758425],
    [`0.${'0'.repeat(50)}1`, 1e-51],
    [`1.5${'0'.repeat(500)}`, 1.5],
  ])) {
    const shown = literal.length > 50 ? `${literal.slice(0, 5)}… of ${literal.length} characters` : literal
    it(`given ${shown}, when it comes, then it is a number`, async (t) => {
      const body = await got(t, `{"a":${literal},"b":[${literal}]}`)
      assert.ok(Object.is(body.a, value), `${typeof body.a} ${inspect(body.a)}`)
      assert.ok(Object.is(body.b[0], value))
    })
  }

  it('given 3,000 numbers of every length and size, when they come, then each is what arithmetic on its digits says', async (t) => {
    let seed = 42
    const random = (/** @type {number} */ below) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      return seed % below
    }
    const digits = (/** @type {number} */ count) => Array.from({ length: count }, () => random(97) % 10).join('')
    const literals = Array.from({ length: 3000 }, () => {
      const whole = random(3) === 0 ? '0' : `${1 + (random(89) % 9)}${digits(random(22))}`
      const fraction = random(2) === 0 ? `.${digits(1 + random(24))}` : ''
      const exponent = random(4) === 0 ? `${'eE'[random(2)]}${['', '+', '-'][random(3)]}${random(330)}` : ''
      return `${random(2) === 0 ? '-' : ''}${whole}${fraction}${exponent}`
    })
    const want = literals.map(expected)
    assert.deepEqual(await got(t, `[${literals.join(',')}]`), want)
    const kept = want.filter((value) => typeof value === 'number').length
    t.diagnostic(`${kept} of 3,000 are kept as numbers`)
    assert.ok(kept > 300 && kept < 2700)
  })
})

describe('what is no number', { timeout: 60_000 }, () => {
  for (const value of [
    AMOUNT,
    `say "${AMOUNT}"`,
    `\\${AMOUNT}`,
    `\\"${AMOUNT}\\`,
    `:${AMOUNT},[1e400]`,
    `\u2028é😀\0${AMOUNT}`,
    { [AMOUNT]: 1, '1e400': null, '"': 2, 'a\\': 3 },
    [null, true, false, '', {}, []],
    { a: [{ b: AMOUNT }] },
    'null',
  ]) {
    const text = JSON.stringify(value)
    it(`given ${text}, when it comes, then nothing in it is touched`, async (t) => {
      assert.deepEqual(await got(t, text), value)
    })
  }

  it('given escapes before an amount, when they come, then the string ends where it ends', async (t) => {
    const text = `{"a\\\\":${AMOUNT},"\\"b":${AMOUNT},"c\\u0022":${AMOUNT},"d":"\\\\","e":${AMOUNT}}`
    const want = { 'a\\': AMOUNT, '"b': AMOUNT, 'c"': AMOUNT, d: '\\', e: AMOUNT }
    assert.deepEqual(await got(t, text), want)
  })

  it('given a member named __proto__, when its value would be changed, then it is a member and no prototype', async (t) => {
    const body = await got(t, `{"__proto__":${AMOUNT}}`)
    assert.deepEqual([Object.getPrototypeOf(body), Object.keys(body)], [Object.prototype, ['__proto__']])
    assert.equal(Object.getOwnPropertyDescriptor(body, '__proto__')?.value, AMOUNT)
  })

  it('given a nesting of a thousand, when an amount is in its midst, then it comes as a string', async (t) => {
    let inner = await got(t, `${'['.repeat(1000)}${AMOUNT}${']'.repeat(1000)}`)
    while (Array.isArray(inner)) inner = inner[0]
    assert.equal(inner, AMOUNT)
  })

  for (const [name, answer, how] of /** @type {[string, string | Buffer, Parameters<typeof got>[2]][]} */ ([
    ['a byte order mark', `\ufeff[${AMOUNT}]`, {}],
    ['gzip', gzipSync(`[${AMOUNT}]`), { headers: { 'content-encoding': 'gzip' } }],
    ['another content-type', `[${AMOUNT}]`, { headers: { 'content-type': 'text/plain' } }],
  ])) {
    it(`given ${name}, when an amount comes, then every digit of it does`, async (t) => {
      assert.deepEqual(await got(t, answer, how), [AMOUNT])
    })
  }

  it('given no body, when it comes, then it is null', async (t) => {
    assert.equal(await got(t, '', { status: 204 }), null)
  })
})
