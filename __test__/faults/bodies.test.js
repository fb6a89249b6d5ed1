'use strict'
// Bodies that are not what was asked for, in a frame that is right.

require('../support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { gzipSync } = require('node:zlib')
const { OK, chunked, send, withBody } = require('../support/faults/scripts.js')
const { tryEveryWay } = require('../support/faults/ways.js')

/** @typedef {import('../support/faults/ways.js').Variant} Variant */
/** @typedef {import('../support/faults/outcome.js').Outcome} Outcome */

const MEGABYTE = 1 << 20

/** @param {number} [status] @returns {Outcome} */
const malformed = (status = 200) => ({ code: 'ERR_LAYER1_RESPONSE_MALFORMED', status })
/** @type {Outcome} */
const tooLarge = { code: 'ERR_LAYER1_RESPONSE_TOO_LARGE', status: 200 }

/**
 * @param {Record<string, string | Buffer>} answers
 * @param {Outcome} outcome
 * @param {Partial<Variant>} [rest]
 * @returns {Variant[]}
 */
function each(answers, outcome, rest = { isKept: true }) {
  return Object.entries(answers).map(([name, bytes]) => ({ name, script: send(bytes), outcome, ...rest }))
}

/** @param {Buffer} bytes @param {string} [coding] */
const coded = (bytes, coding = 'gzip') => withBody(bytes, [`content-encoding: ${coding}`])

describe('a body that is not what was asked for', { timeout: 120_000 }, () => {
  it('given empty, truncated or malformed JSON, or HTML, when JSON is due, then it is malformed, with its status; no body at all is null', async (t) => {
    await tryEveryWay(t, [
      ...each(
        {
          'half of an object': withBody('{"a":1'),
          'a comma too many': withBody('[1,]'),
          'single quotes': withBody("{'a':1}"),
          'two values': withBody('{} {}'),
          NaN: withBody('NaN'),
          'nothing but blanks': withBody('  \n'),
          'a bare word': withBody('hello'),
          HTML: withBody('<!doctype html><p>maintenance</p>', ['content-type: text/html']),
          'HTML that says it is JSON': withBody('<p>', ['content-type: application/json']),
          'a control character in a string': withBody('"a\u0001b"'),
        },
        malformed(),
      ),
      ...each({ 'half of an object, 201': withBody('{"a":1', [], '201 Created') }, malformed(201)),
      ...each(
        {
          'an empty body': withBody(''),
          'empty chunks': chunked([]),
          '204 without a body': 'HTTP/1.1 204 No Content\r\n\r\n',
          '205 without a body': 'HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n',
        },
        { value: null },
      ),
    ])
  })

  it('given a BOM, when JSON follows, then it is skipped; UTF-16, Latin-1 and broken UTF-8 are malformed', async (t) => {
    await tryEveryWay(t, [
      ...each({ 'a BOM': withBody('\ufeff{"a":"é"}') }, { value: { a: 'é' } }),
      ...each(
        {
          'two BOMs': withBody('\ufeff\ufeff{}'),
          'UTF-16, little end first': withBody(Buffer.from('\ufeff{"a":1}', 'utf16le')),
          'UTF-16, big end first': withBody(Buffer.from('\ufeff{"a":1}', 'utf16le').swap16()),
          'UTF-16 without a BOM': withBody(Buffer.from('{"a":1}', 'utf16le')),
          'Latin-1': withBody(Buffer.from('{"a":"é"}', 'latin1'), [
            'content-type: application/json; charset=iso-8859-1',
          ]),
          'a lone continuation byte': withBody(Buffer.from([0x22, 0x80, 0x22])),
          'a character that breaks off': withBody(Buffer.from([0x22, 0xe2, 0x82])),
          'an overlong slash': withBody(Buffer.from([0x22, 0xc0, 0xaf, 0x22])),
          'a surrogate in UTF-8': withBody(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])),
          'a byte that never is': withBody(Buffer.from([0x22, 0xff, 0x22])),
        },
        malformed(),
      ),
    ])
  })

  it('given deep nesting, __proto__ as a key or duplicate keys, when they are read, then it is as JSON.parse does', async (t) => {
    const deep = (/** @type {number} */ depth) => '['.repeat(depth) + ']'.repeat(depth)
    const proto = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'
    const like = (/** @type {string} */ text, /** @type {'number' | 'lossless'} */ numbers) => ({
      script: send(withBody(text)),
      outcome: { value: JSON.parse(text) },
      isKept: true,
      call: { numbers },
    })
    /** @type {Variant[]} */
    const variants = []
    for (const numbers of /** @type {const} */ (['number', 'lossless'])) {
      variants.push(
        { name: `5,000 deep, ${numbers}`, ...like(deep(5000), numbers), outcome: { isDeep: 5000 } },
        { name: `__proto__, ${numbers}`, ...like(proto, numbers) },
        { name: `duplicate keys, ${numbers}`, ...like('{"a":1,"a":2,"":3}', numbers) },
      )
      variants.push({
        name: `500,000 deep without an end, ${numbers}`,
        script: send(withBody('['.repeat(500_000))),
        outcome: malformed(),
        isKept: true,
        call: { numbers },
      })
      variants.push({
        name: `500,000 deep, ${numbers}`,
        script: send(withBody(deep(500_000))),
        // V8 reads such without the stack, and later versions may not: a value or an error, and never a crash.
        outcome: { isDeep: 500_000, orCode: 'ERR_LAYER1_RESPONSE_MALFORMED' },
        isKept: true,
        call: { numbers },
      })
    }
    await tryEveryWay(t, variants)
    assert.equal(/** @type {any} */ ({}).polluted, undefined)
  })

  it('given a declared 2 GB, an endless body or a gzip bomb, when the limit is reached, then it is too large, and no more is read', async (t) => {
    const zeros = gzipSync(Buffer.alloc(64 * MEGABYTE))
    const bomb = gzipSync(gzipSync(Buffer.alloc(64 * MEGABYTE)))
    const spaces = ' '.repeat(64 * 1024)
    const chunk = `10000\r\n${spaces}\r\n`
    /** @type {(begin: string, piece: string | Buffer) => import('../support/faults/server.js').Script} */
    const endless = (begin, piece) => async (wire) => {
      await wire.write(begin)
      await wire.forever(piece)
    }
    await tryEveryWay(
      t,
      [
        { name: 'a declared 2 GB', script: send(`${OK}content-length: 2147483648\r\n\r\n[]`), outcome: tooLarge },
        {
          name: 'a declared 2 GB that comes',
          script: endless(`${OK}content-length: 2147483648\r\n\r\n`, spaces),
          outcome: tooLarge,
        },
        {
          name: 'a declared 2^63',
          script: send(`${OK}content-length: 9223372036854775808\r\n\r\n`),
          outcome: tooLarge,
        },
        { name: 'a body without end', script: endless(`${OK}\r\n`, spaces), outcome: tooLarge },
        {
          name: 'chunks without end',
          script: endless(`${OK}transfer-encoding: chunked\r\n\r\n`, chunk),
          outcome: tooLarge,
        },
        { name: 'a gzip bomb', script: send(coded(zeros)), outcome: tooLarge },
        { name: 'a bomb of many parts', script: send(coded(Buffer.concat(Array(40).fill(zeros)))), outcome: tooLarge },
        { name: 'one byte beyond the limit', script: send(withBody(' '.repeat(MEGABYTE + 1))), outcome: tooLarge },
        {
          name: 'exactly the limit',
          script: send(withBody(`[${' '.repeat(MEGABYTE - 2)}]`)),
          outcome: { value: [] },
          isKept: true,
        },
        {
          name: 'a bomb in a bomb, of which one is opened',
          script: send(coded(bomb)),
          outcome: malformed(),
          isKept: true,
        },
      ],
      { maxResponseBytes: MEGABYTE },
    )
  })

  it('given gzip that is corrupt or truncated, or a coding unknown or repeated, when it comes, then it is malformed, and never garbage', async (t) => {
    const good = gzipSync('{"a":1}')
    const flipped = Buffer.from(good)
    flipped[12] = Number(flipped[12]) ^ 0xff
    const wrongSum = Buffer.from(good)
    wrongSum[wrongSum.length - 6] = Number(wrongSum[wrongSum.length - 6]) ^ 0xff
    const wrongs = {
      'gzip that is truncated': coded(good.subarray(0, -3)),
      'gzip of its head only': coded(good.subarray(0, 10)),
      'gzip with a flipped bit': coded(flipped),
      'gzip with a wrong sum': coded(wrongSum),
      'gzip with junk behind it': coded(Buffer.concat([good, Buffer.from('junk')])),
      'what is no gzip': coded(Buffer.from('{"a":1}')),
      'gzip that is not declared': withBody(good),
      br: coded(good, 'br'),
      deflate: coded(good, 'deflate'),
      zstd: coded(good, 'zstd'),
      'gzip, twice in one line': coded(gzipSync(good), 'gzip, gzip'),
      'a coding of nonsense': coded(good, 'x-nonsense'),
      'two lines of coding': withBody(gzipSync(good), ['content-encoding: gzip', 'content-encoding: gzip']),
    }
    await tryEveryWay(t, [
      ...each(wrongs, malformed(), { isKept: true }),
      ...each(wrongs, malformed(), { isKept: true, call: { responseType: 'text' } }).filter(
        ({ name }) => name !== 'gzip that is not declared',
      ),
      ...each(
        {
          gzip: coded(good),
          'x-gzip': coded(good, 'X-GZip'),
          identity: withBody('{"a":1}', ['content-encoding: identity']),
        },
        { value: { a: 1 } },
      ),
    ])
  })
})
