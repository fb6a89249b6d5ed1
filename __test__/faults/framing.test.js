'use strict'
// Answers whose frame is broken, or made to deceive: no caller sees the bytes of another.

require('../support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { Layer1 } = require('layer1')
const { assertBrokenEnd, getOwn, prepare, schemes, startRealm } = require('../support/faults/ground.js')
const { Ledger } = require('../support/faults/ledger.js')
const { OK, POISON, chunked, send, sendAndEnd, withBody } = require('../support/faults/scripts.js')
const { OTHERS, tryEveryWay } = require('../support/faults/ways.js')

/** @typedef {import('../support/faults/ways.js').Variant} Variant */
/** @typedef {import('../support/faults/outcome.js').Outcome} Outcome */

/** @type {Outcome} */
const lost = { code: 'ERR_LAYER1_CONNECTION_LOST', retryable: true }
const timeout = 500

/**
 * @param {Record<string, string | Buffer>} answers
 * @param {Outcome} outcome
 * @param {(bytes: string | Buffer) => import('../support/faults/server.js').Script} [how]
 * @returns {Variant[]}
 */
function each(answers, outcome, how = send) {
  return Object.entries(answers).map(([name, bytes]) => ({ name, script: how(bytes), outcome, call: { timeout } }))
}

describe('a frame that is broken or deceives', { timeout: 120_000 }, () => {
  it('given a body that is shorter than its length, or chunks without their end, when the connection ends, then it was lost', async (t) => {
    await tryEveryWay(t, [
      ...each(
        {
          'no byte of the body': `${OK}content-length: 2\r\n\r\n`,
          'half of the body': `${OK}content-length: 100\r\n\r\n{"a":1}`,
          'all but one byte': withBody('{"a":1}').subarray(0, -1),
          'no last chunk': chunked(['{"a":1}'], ''),
          'half of a chunk': `${OK}transfer-encoding: chunked\r\n\r\n20\r\n{"a":1}`,
          'no line end after the last chunk': chunked(['{"a":1}'], '0\r\n'),
          'half of the trailers': chunked(['{"a":1}'], '0\r\nx-trailer: 1'),
        },
        lost,
        sendAndEnd,
      ),
    ])
  })

  it('given a body longer than declared, two lengths, a length with chunks or a length of garbage, when it comes, then it is an error or the declared bytes, and the connection is dropped', async (t) => {
    await tryEveryWay(t, [
      ...each(
        {
          'a longer body': `${OK}content-length: 2\r\n\r\n[]garbage`,
          'an answer nobody asked for, at once': withBody('[]') + POISON,
          'an unasked answer after chunks': chunked(['[]']) + POISON,
          'a line end too many': `${OK}content-length: 2\r\n\r\n[]\r\n`,
          'one byte too many': `${OK}content-length: 2\r\n\r\n[]0`,
        },
        { value: [] },
      ),
      {
        name: 'one length, twice',
        script: send(`${OK}content-length: 2\r\ncontent-length: 2\r\n\r\n[]`),
        outcome: { value: [] },
        isKept: true,
      },
      ...each(
        {
          'two lengths that differ': `${OK}content-length: 2\r\ncontent-length: 4\r\n\r\n[]  ${POISON}`,
          'two lengths in one line': `${OK}content-length: 2, 4\r\n\r\n[]  ${POISON}`,
          'a length of letters': `${OK}content-length: many\r\n\r\n[]${POISON}`,
          'a negative length': `${OK}content-length: -2\r\n\r\n[]${POISON}`,
          'a length with a sign': `${OK}content-length: +2\r\n\r\n[]${POISON}`,
          'a length in hex': `${OK}content-length: 0x2\r\n\r\n[]${POISON}`,
          'a length beyond 64 bits': `${OK}content-length: 99999999999999999999\r\n\r\n[]${POISON}`,
          'a fraction as length': `${OK}content-length: 2.0\r\n\r\n[]${POISON}`,
          'an empty length': `${OK}content-length: \r\n\r\n[]${POISON}`,
          'a coding nobody knows': `${OK}transfer-encoding: cow\r\n\r\n[]${POISON}`,
          'a chunk size of letters': `${OK}transfer-encoding: chunked\r\n\r\nxy\r\n[]\r\n0\r\n\r\n${POISON}`,
          'a negative chunk size': `${OK}transfer-encoding: chunked\r\n\r\n-2\r\n[]\r\n0\r\n\r\n${POISON}`,
          'a chunk size beyond 64 bits': `${OK}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n[]\r\n0\r\n\r\n`,
          'a length and chunks': `${OK}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n${POISON}`,
          'chunks and a length': `${OK}transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n2\r\n[]\r\n0\r\n\r\n`,
          'chunks and a length that is 0': `${OK}transfer-encoding: chunked\r\ncontent-length: 0\r\n\r\n2\r\n[]\r\n0\r\n\r\n`,
          'chunks, twice': `${OK}transfer-encoding: chunked, chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n`,
          'chunks of another coding': `${OK}transfer-encoding: gzip, chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n`,
          'chunks below another coding': `${OK}transfer-encoding: chunked, identity\r\n\r\n[]`,
          'chunks that are nearly said': `${OK}transfer-encoding: xchunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n`,
          'a space before the colon': `${OK}content-length : 2\r\n\r\n[]${POISON}`,
          'a chunk longer than its size': `${OK}transfer-encoding: chunked\r\n\r\n1\r\n[]\r\n0\r\n\r\n${POISON}`,
        },
        lost,
      ),
    ])
  })

  it('given 204 or 304 with bytes of a body, when they come, then there is no body, and the connection is dropped', async (t) => {
    const bytes = withBody('[1]').toString('latin1')
    /** @param {string} status */
    const answers = (status) => ({
      [`${status} with a length and a body`]: bytes.replace('200 OK', status),
      [`${status} with chunks`]: chunked(['[1]']).replace('200 OK', status),
      [`${status} with an answer behind it`]: `HTTP/1.1 ${status}\r\n\r\n${POISON}`,
    })
    await tryEveryWay(t, [
      ...each(answers('204 No Content'), { value: null }),
      ...each(answers('304 Not Modified'), { code: 'ERR_LAYER1_REDIRECT', status: 304 }),
    ])
  })

  it('given a status line of garbage, HTTP/0.9 or another protocol, when it comes, then the connection was lost', async (t) => {
    await tryEveryWay(
      t,
      each(
        {
          garbage: Buffer.from([0, 255, 1, 254, 13, 10, 13, 10]),
          'HTTP/0.9': '<html>hello</html>\r\n\r\n',
          'HTTP/9.9': 'HTTP/9.9 200 OK\r\n\r\n[]',
          'HTTP/2 on the wire': Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
          'a status of letters': 'HTTP/1.1 abc OK\r\ncontent-length: 2\r\n\r\n[]',
          'a status of two digits': 'HTTP/1.1 20 OK\r\ncontent-length: 2\r\n\r\n[]',
          'a status of four digits': 'HTTP/1.1 2000 OK\r\ncontent-length: 2\r\n\r\n[]',
          'a status below 100': 'HTTP/1.1 099 OK\r\ncontent-length: 2\r\n\r\n[]',
          SSH: 'SSH-2.0-OpenSSH_9.6\r\n\r\n',
          SMTP: '220 mail.example ESMTP\r\n\r\n',
          FTP: '220 (vsFTPd 3.0.5)\r\n\r\n',
          'a TLS alert': Buffer.from([21, 3, 3, 0, 2, 2, 40]),
          'a blank before it': ` ${withBody('[]')}`,
        },
        lost,
      ),
    )
  })

  it('given 100, 102 or 103 before the answer, when they come, then the answer counts; endless ones meet the deadline', async (t) => {
    const interim = (/** @type {string} */ status) => `HTTP/1.1 ${status}\r\nlink: </a>\r\n\r\n`
    const well = withBody('[]')
    await tryEveryWay(t, [
      ...['100 Continue', '102 Processing', '103 Early Hints'].map((status) => ({
        name: status,
        script: send(interim(status) + well),
        outcome: { value: [] },
        isKept: true,
      })),
      {
        name: 'all of them, many times, in pieces',
        script: async (wire) => {
          for (let index = 0; index < 50; index++) await wire.dribble(interim('103 Early Hints'), 20)
          await wire.write(well)
        },
        outcome: { value: [] },
        isKept: true,
      },
      {
        name: 'endless 103',
        script: (wire) => wire.forever(interim('103 Early Hints'), 5),
        outcome: { code: 'ERR_LAYER1_TIMEOUT', phase: 'headers' },
        call: { timeout },
      },
      {
        name: 'endless 100 without a pause',
        script: (wire) => wire.forever('HTTP/1.1 100 Continue\r\n\r\n'.repeat(100), 1),
        outcome: { code: 'ERR_LAYER1_TIMEOUT', phase: 'headers' },
        call: { timeout },
      },
    ])
  })

  it('given 10 MB of headers, hundreds of headers or illegal bytes in them, when they come, then the connection was lost', async (t) => {
    const line = `x-${'y'.repeat(98)}: ${'z'.repeat(898)}\r\n`
    await tryEveryWay(t, [
      ...each(
        {
          'hundreds of headers': `${OK}${'x-a: b\r\n'.repeat(500)}content-length: 2\r\n\r\n[]`,
          '10 MB of headers': `${OK}${line.repeat(10_000)}content-length: 2\r\n\r\n[]`,
          'one header of 10 MB': `${OK}x-a: ${'b'.repeat(10_000_000)}\r\ncontent-length: 2\r\n\r\n[]`,
          'a status line of 10 MB': `HTTP/1.1 200 ${'b'.repeat(10_000_000)}\r\ncontent-length: 2\r\n\r\n[]`,
          'a NUL in a value': `${OK}x-a: b\0c\r\ncontent-length: 2\r\n\r\n[]`,
          'a control byte in a value': `${OK}x-a: b\x01c\r\ncontent-length: 2\r\n\r\n[]`,
          'a bare CR in a value': `${OK}x-a: b\rc\r\ncontent-length: 2\r\n\r\n[]`,
          'a blank in a name': `${OK}x a: b\r\ncontent-length: 2\r\n\r\n[]`,
          'a byte beyond ASCII in a name': `${OK}x-\xe9: b\r\ncontent-length: 2\r\n\r\n[]`,
          'an empty name': `${OK}: b\r\ncontent-length: 2\r\n\r\n[]`,
          'no colon': `${OK}nonsense\r\ncontent-length: 2\r\n\r\n[]`,
          'a folded line': `${OK}x-a: b\r\n c\r\ncontent-length: 2\r\n\r\n[]`,
        },
        lost,
      ),
    ])
  })

  it('given an answer nobody asked for on an idle connection, when the next call is made, then it has its own answer', async (t) => {
    const ledger = new Ledger(t)
    const realm = await startRealm(t)
    /** @type {Record<string, string>} */
    const unasked = {
      'a whole answer': POISON,
      'an answer of a time-out': 'HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
      'two answers': POISON + POISON,
      'half an answer': POISON.slice(0, 30),
      'a line end': '\r\n',
      garbage: '\0\xff',
    }
    for (const scheme of schemes) {
      for (const [name, bytes] of Object.entries(unasked)) {
        for (const at of ['at once', 'a turn later', 'when the next call begins']) {
          await ledger.enter(`${name}, ${at} (${scheme})`, () => interject(t, realm, scheme, bytes, at))
        }
      }
    }
    ledger.close()
  })
})

/**
 * Makes calls, each after bytes that nobody asked for came on the connection of the call before.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('layer1').Layer1Options} realm
 * @param {'http' | 'https'} scheme
 * @param {string} bytes
 * @param {string} at when the call is made: once the bytes are on their way, or before
 */
async function interject(t, realm, scheme, bytes, at) {
  const { server, options } = await prepare(t, [], scheme, realm)
  const client = new Layer1(options)
  try {
    for (let index = 0; index < 10; index++) {
      await getOwn(client, `/${index}`)
      const wire = server.wires.findLast((each) => !each.isClosed)
      assert.ok(wire)
      wire.isBroken = true
      const written = wire.write(bytes)
      if (at !== 'when the next call begins') await written
      if (at === 'a turn later') await new Promise(setImmediate)
    }
    await Promise.all(Array.from({ length: OTHERS }, (_, number) => getOwn(client, `/good/${number}`)))
    await assertBrokenEnd(server)
  } finally {
    client.close()
  }
  await server.until(() => server.open === 0, 'no connection is open')
}
