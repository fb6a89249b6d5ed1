'use strict'
// Connections that are refused, that end too soon, or on which nothing comes.

require('../support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { Layer1 } = require('layer1')
const { schemes, security, startRealm } = require('../support/faults/ground.js')
const { Ledger } = require('../support/faults/ledger.js')
const { assertError } = require('../support/faults/outcome.js')
const { OK, once, send, sendAndEnd, sendAndReset, withBody } = require('../support/faults/scripts.js')
const { OTHERS, tryEveryWay } = require('../support/faults/ways.js')
const { rejection } = require('../support/failures.js')
const { deadEnd } = require('../support/peer.js')

/** @typedef {import('../support/faults/ways.js').Variant} Variant */
/** @typedef {import('../support/faults/outcome.js').Outcome} Outcome */
/** @typedef {import('../support/faults/server.js').Script} Script */

/** @type {Outcome} */
const lost = { code: 'ERR_LAYER1_CONNECTION_LOST', retryable: true }
/** @param {'headers' | 'body'} phase @returns {Outcome} */
const late = (phase) => ({ code: 'ERR_LAYER1_TIMEOUT', phase })
const well = withBody('[]')
const begun = `${OK}content-length: 100\r\n\r\n{"a":`
const timeout = 500

/**
 * Makes a variant of a script whose every attempt fails, and one in which the next attempt succeeds.
 *
 * @param {Record<string, Script>} scripts
 * @returns {Variant[]}
 */
function forGoodAndOnce(scripts) {
  return Object.entries(scripts).flatMap(([name, script]) => [
    { name, script, outcome: lost },
    { name: `${name}, once`, script: once(script, []), outcome: { value: [] }, call: { maxRetries: 1 } },
    { name: `${name}, for a POST`, script, outcome: lost, method: 'POST', call: { maxRetries: 2, body: { a: 1 } } },
  ])
}

describe('a connection that comes to nothing', { timeout: 120_000 }, () => {
  it('given a port that is closed, when calls are made, then there was no connection, and they are tried again', async (t) => {
    const ledger = new Ledger(t)
    const realm = await startRealm(t)
    for (const scheme of schemes) {
      for (const method of /** @type {const} */ (['GET', 'POST'])) {
        for (const count of [1, OTHERS]) {
          await ledger.enter(`${scheme}, ${method}, ${count} at once`, async () => {
            const { host, port } = await deadEnd(t)
            const { trust } = security(scheme)
            const baseUrl = `${scheme}://${host}:${port}`
            const client = new Layer1({ ...realm, ...trust, baseUrl, timeout: 20_000, maxRetries: 1 })
            const calls = Array.from({ length: count }, () => rejection(client.request(method, '/a')))
            for (const error of await Promise.all(calls)) {
              assertError(error, { code: 'ERR_LAYER1_CONNECT', retryable: true })
              assert.deepEqual([error.host, error.port], [host, port])
              if (count === 1) assert.equal(error.attempts, 2)
            }
            assert.equal(client.stats().inFlight, 0)
            client.close()
          })
        }
      }
    }
    ledger.close()
  })

  it('given a connection that is accepted, when nothing is said, then the deadline passes in the phase headers', async (t) => {
    await tryEveryWay(t, [
      { name: 'silence', script: () => {}, outcome: late('headers'), call: { timeout } },
      { name: 'silence, with retries', script: () => {}, outcome: late('headers'), call: { timeout, maxRetries: 2 } },
      { name: 'silence for a POST', script: () => {}, outcome: late('headers'), method: 'POST', call: { timeout } },
    ])
  })

  it('given a connection that is accepted, when it is closed at once, then it was lost, and a safe call is tried again', async (t) => {
    await tryEveryWay(t, forGoodAndOnce({ closed: sendAndEnd(''), destroyed: (wire) => wire.destroy() }))
  })

  it('given Connection: close, when the answer has come, then the connection is not kept, whoever ends it', async (t) => {
    const closing = withBody('[]', ['connection: close'])
    await tryEveryWay(t, [
      { name: 'the server ends it', script: sendAndEnd(closing), outcome: { value: [] } },
      { name: 'the server leaves that to the client', script: send(closing), outcome: { value: [] } },
      { name: 'in another case', script: send(withBody('[]', ['Connection: Close'])), outcome: { value: [] } },
      { name: 'among others', script: send(withBody('[]', ['connection: x-a, close'])), outcome: { value: [] } },
      { name: 'HTTP/1.0', script: send(String(well).replace('1.1', '1.0')), outcome: { value: [] } },
      { name: 'no length, to the end', script: sendAndEnd(`${OK}connection: close\r\n\r\n[]`), outcome: { value: [] } },
      { name: 'no length nor word of it, to the end', script: sendAndEnd(`${OK}\r\n[]`), outcome: { value: [] } },
    ])
  })

  it('given an RST in headers or body, when it comes, then the connection was lost, and no part is taken for a success', async (t) => {
    await tryEveryWay(
      t,
      forGoodAndOnce({
        'an RST at once': sendAndReset(''),
        'an RST in the status line': sendAndReset('HTTP/1.1 2'),
        'an RST in the headers': sendAndReset(`${OK}content-type: appl`),
        'an RST before the body': sendAndReset(`${OK}content-length: 2\r\n\r\n`),
        'an RST in the body': sendAndReset(begun),
        'an RST in what would be JSON already': sendAndReset(`${OK}content-length: 3\r\n\r\n[]`),
        'an RST between chunks': sendAndReset(`${OK}transfer-encoding: chunked\r\n\r\n2\r\n[]\r\n`),
        'an RST of a body without length': sendAndReset(`${OK}\r\n[]`),
      }),
    )
  })

  it('given headers or a body that dribble for ever, when the deadline passes, then it wins, in the phase headers or body', async (t) => {
    /** @type {(begin: string, piece: string) => Script} */
    const dribbling = (begin, piece) => async (wire) => {
      await wire.write(begin)
      await wire.forever(piece, 5)
    }
    const call = { timeout }
    await tryEveryWay(t, [
      { name: 'header lines', script: dribbling(OK, 'x-a: b\r\n'), outcome: late('headers'), call },
      { name: 'bytes of a header', script: dribbling(`${OK}x-a: `, 'b'), outcome: late('headers'), call },
      { name: 'a status line', script: dribbling('HTTP/1.1 200 ', 'O'), outcome: late('headers'), call },
      { name: 'a body', script: dribbling(`${OK}content-length: 1000000\r\n\r\n`, ' '), outcome: late('body'), call },
      { name: 'a body without length', script: dribbling(`${OK}\r\n`, ' '), outcome: late('body'), call },
      {
        name: 'chunks',
        script: dribbling(`${OK}transfer-encoding: chunked\r\n\r\n`, '1\r\n \r\n'),
        outcome: late('body'),
        call,
      },
      {
        name: 'one chunk',
        script: dribbling(`${OK}transfer-encoding: chunked\r\n\r\nfffff\r\n`, ' '),
        outcome: late('body'),
        call,
      },
      { name: 'half a body, and then nothing', script: send(begun), outcome: late('body'), call },
      {
        name: 'the body of an error',
        script: dribbling('HTTP/1.1 500 No\r\ncontent-length: 1000\r\n\r\n', ' '),
        outcome: late('body'),
        call,
      },
    ])
  })

  it('given one byte at a time, with UTF-8 split anywhere, when all have come, then the result is the same', async (t) => {
    const value = { name: 'Zoë €uro 😀 ж', list: [1, 2.5, '\u2028'] }
    const text = JSON.stringify(value)
    const bytes = Buffer.from(text)
    const chunks = Array.from(bytes, (byte) =>
      Buffer.concat([Buffer.from('1\r\n'), Buffer.of(byte), Buffer.from('\r\n')]),
    )
    const answers = {
      'with a length': withBody(text),
      'in chunks of one byte': Buffer.concat([
        Buffer.from(`${OK}transfer-encoding: chunked\r\n\r\n`),
        ...chunks,
        Buffer.from('0\r\nx-trailer: 1\r\n\r\n'),
      ]),
      'with chunk extensions': Buffer.concat([
        Buffer.from(`${OK}transfer-encoding: chunked\r\n\r\n${bytes.length.toString(16)};a=b\r\n`),
        bytes,
        Buffer.from('\r\n000\r\n\r\n'),
      ]),
    }
    await tryEveryWay(
      t,
      Object.entries(answers).flatMap(([name, answer]) =>
        [1, 2, 3, 7].map((size) => ({
          name: `${name}, ${size} at a time`,
          script: (/** @type {InstanceType<typeof import('../support/faults/server.js').Wire>} */ wire) =>
            wire.dribble(answer, size),
          outcome: { value },
          isKept: true,
        })),
      ),
    )
  })
})
