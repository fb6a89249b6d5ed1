'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { gzipSync } = require('node:zlib')
const { failure } = require('./support/failures.js')
const { makeClient, startPeer } = require('./support/peer.js')

/** @typedef {import('layer1').CallOptions} CallOptions */

/**
 * Gets a resource whose answer is these bytes.
 *
 * @param {import('node:test').TestContext} t
 * @param {string | Buffer | undefined} body
 * @param {{ status?: number, headers?: Record<string, string>, call?: CallOptions, client?: import('layer1').Layer1Options }} [how]
 * @returns {Promise<any>}
 */
async function got(t, body, { status = 200, headers = {}, call = {}, client = {} } = {}) {
  const peer = await startPeer(t, { api: (_request, response) => void response.writeHead(status, headers).end(body) })
  return await makeClient(t, { ...peer.options, ...client }).get('/a', call)
}

/** @param {string | Buffer} body */
const gzipped = (body) => ({ body: gzipSync(body), headers: { 'content-encoding': 'gzip' } })

describe('an empty body', { timeout: 60_000 }, () => {
  for (const status of [200, 201, 202, 204, 205]) {
    it(`given ${status}, when JSON is asked for, then it is null`, async (t) => {
      assert.equal(await got(t, undefined, { status }), null)
    })
  }

  it('given no body, when text is asked for, then it is the empty string', async (t) => {
    assert.equal(await got(t, undefined, { call: { responseType: 'text' } }), '')
  })

  it('given no body, when a buffer is asked for, then it is an empty Buffer', async (t) => {
    const body = await got(t, undefined, { status: 204, call: { responseType: 'buffer' } })
    assert.ok(Buffer.isBuffer(body) && body.length === 0)
  })

  it('given only a byte order mark, when JSON is asked for, then it is null', async (t) => {
    assert.equal(await got(t, '\ufeff'), null)
  })

  it('given gzip of nothing, when JSON is asked for, then it is null', async (t) => {
    const { body, headers } = gzipped('')
    assert.equal(await got(t, body, { headers }), null)
  })

  it('given no bytes that claim to be gzip, when JSON is asked for, then it is null', async (t) => {
    assert.equal(await got(t, undefined, { headers: { 'content-encoding': 'gzip' } }), null)
  })
})

describe('a JSON body', { timeout: 60_000 }, () => {
  for (const value of [null, true, false, 0, -1.5, '', 'é😀\u2028', [], {}, { a: [1, { b: null }] }]) {
    const text = JSON.stringify(value)
    it(`given ${text}, when it is got, then it is parsed`, async (t) => {
      assert.deepEqual(await got(t, text), value)
    })
  }

  for (const contentType of ['text/html', 'application/octet-stream', 'text/plain; charset=iso-8859-1', '']) {
    it(`given the content-type "${contentType}", when JSON comes, then it is parsed all the same`, async (t) => {
      assert.deepEqual(await got(t, '{"a":"é"}', { headers: { 'content-type': contentType } }), { a: 'é' })
    })
  }

  it('given blanks around it, when it is got, then it is parsed', async (t) => {
    assert.deepEqual(await got(t, ' \r\n[1]\n'), [1])
  })

  it('given a byte order mark, when it is got, then it is skipped', async (t) => {
    assert.deepEqual(await got(t, '\ufeff[1]'), [1])
  })

  it('given a member named __proto__, when it is parsed, then it is a member and no prototype', async (t) => {
    const body = await got(t, '{"__proto__":{"polluted":true}}')
    assert.equal(body.polluted, undefined)
    assert.ok(Object.hasOwn(body, '__proto__'))
  })

  it('given several megabytes with text outside ASCII, when they are got, then they arrive whole', async (t) => {
    const value = Array.from({ length: 50_000 }, (_, index) => `zeile ${index} é日😀`)
    assert.deepEqual(await got(t, JSON.stringify(value)), value)
  })

  it('given chunks that split a character, when they are joined, then it is whole', async (t) => {
    const bytes = Buffer.from('"日"')
    const peer = await startPeer(t, {
      api: (_request, response) => {
        response.write(bytes.subarray(0, 2))
        setImmediate(() => response.end(bytes.subarray(2)))
      },
    })
    assert.equal(await makeClient(t, peer.options).get('/a'), '日')
  })
})

describe('text and bytes', { timeout: 60_000 }, () => {
  it('given amounts beyond a double, when text is asked for, then every digit arrives', async (t) => {
    const text = '{"balance":1.386770212175842462}'
    assert.equal(await got(t, text, { call: { responseType: 'text' } }), text)
  })

  it('given HTML, when text is asked for, then it arrives', async (t) => {
    assert.equal(await got(t, '<p>é</p>', { call: { responseType: 'text' } }), '<p>é</p>')
  })

  it('given all bytes there are, when a buffer is asked for, then they arrive unchanged', async (t) => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
    const body = await got(t, bytes, { call: { responseType: 'buffer' } })
    assert.ok(Buffer.isBuffer(body))
    assert.deepEqual(body, bytes)
  })

  it('given a byte order mark, when a buffer is asked for, then it is part of the bytes', async (t) => {
    const body = await got(t, '\ufeffx', { call: { responseType: 'buffer' } })
    assert.deepEqual(body, Buffer.from('\ufeffx'))
  })

  it('given null as responseType, when a call is made, then it is JSON', async (t) => {
    assert.deepEqual(await got(t, '[1]', { call: { responseType: null } }), [1])
  })
})

describe('a body that is not what was asked for', { timeout: 60_000 }, () => {
  for (const [name, body] of Object.entries({
    HTML: '<html>login</html>',
    'half of an object': '{"a":1',
    'two values': '{}{}',
    'single quotes': "{'a':1}",
    NaN: 'NaN',
    blanks: '  ',
  })) {
    it(`given ${name}, when JSON is asked for, then it is malformed, with a snippet`, async (t) => {
      const error = await got(t, body).catch((reason) => reason)
      assert.deepEqual([error.name, error.code], ['Layer1ResponseError', 'ERR_LAYER1_RESPONSE_MALFORMED'])
      assert.deepEqual([error.status, error.endpoint, error.method, error.path], [200, 'api', 'GET', '/a'])
      assert.ok(error.message.includes(JSON.stringify(body).slice(1, -1)), error.message)
    })
  }

  it('given HTML, when JSON is asked for, then the error says that it was the first attempt', async (t) => {
    const { attempts } = await failure(got(t, '<html>'), 'ERR_LAYER1_RESPONSE_MALFORMED')
    assert.equal(attempts, 1)
  })

  it('given an endless page, when JSON is asked for, then the snippet has 256 characters', async (t) => {
    const error = await failure(got(t, `<${'x'.repeat(10_000)}`), 'ERR_LAYER1_RESPONSE_MALFORMED')
    assert.equal(error.message.match(/<x+/)[0].length, 256)
    assert.ok(String(error.stack).length < 5000)
  })

  it('given control characters, when they are shown, then they are escaped', async (t) => {
    const error = await failure(got(t, 'a\u001b[31m\r\nb'), 'ERR_LAYER1_RESPONSE_MALFORMED')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.ok(!/[\u0000-\u001f]/.test(error.message), JSON.stringify(error.message))
  })

  for (const responseType of /** @type {const} */ (['json', 'text'])) {
    it(`given invalid UTF-8, when ${responseType} is asked for, then it is malformed`, async (t) => {
      const body = Buffer.from([0x22, 0xc3, 0x28, 0x22])
      await failure(got(t, body, { call: { responseType } }), 'ERR_LAYER1_RESPONSE_MALFORMED')
    })
  }

  it('given a lone surrogate in UTF-8, when JSON is asked for, then it is malformed', async (t) => {
    await failure(got(t, Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])), 'ERR_LAYER1_RESPONSE_MALFORMED')
  })
})

describe('gzip', { timeout: 60_000 }, () => {
  it('given a compressed body, when it is got, then it is decoded', async (t) => {
    const { body, headers } = gzipped('{"a":"é"}')
    assert.deepEqual(await got(t, body, { headers }), { a: 'é' })
  })

  for (const coding of ['GZIP', 'x-gzip']) {
    it(`given a body compressed as ${coding}, when it is got, then it is decoded`, async (t) => {
      assert.deepEqual(await got(t, gzipSync('[1]'), { headers: { 'content-encoding': coding } }), [1])
    })
  }

  it('given gzip of several members, when it is got, then all are decoded', async (t) => {
    const body = Buffer.concat([gzipSync('[1,'), gzipSync('2]')])
    assert.deepEqual(await got(t, body, { headers: { 'content-encoding': 'gzip' } }), [1, 2])
  })

  it('given the coding identity, when a body is got, then it is taken as it is', async (t) => {
    assert.deepEqual(await got(t, '[1]', { headers: { 'content-encoding': 'identity' } }), [1])
  })

  it('given bytes that are no gzip, when they claim to be, then the answer is malformed', async (t) => {
    const headers = { 'content-encoding': 'gzip' }
    await failure(got(t, '{"a":1}', { headers }), 'ERR_LAYER1_RESPONSE_MALFORMED')
  })

  for (const [name, spoil] of /** @type {[string, (bytes: Buffer) => Buffer][]} */ ([
    ['cut off', (bytes) => bytes.subarray(0, bytes.length - 12)],
    ['with a wrong checksum', (bytes) => Buffer.concat([bytes.subarray(0, -8), Buffer.alloc(8, 0xaa)])],
    ['with a wrong middle', (bytes) => Buffer.from(bytes.map((byte, index) => (index > 30 ? byte ^ 0xff : byte)))],
  ])) {
    it(`given gzip ${name}, when it is got, then the answer is malformed`, async (t) => {
      const { body, headers } = gzipped(JSON.stringify('abc'.repeat(1000)))
      await failure(got(t, spoil(body), { headers }), 'ERR_LAYER1_RESPONSE_MALFORMED')
    })
  }

  it('given a coding that was not asked for, when a body is got, then the answer is malformed', async (t) => {
    await failure(got(t, '[1]', { headers: { 'content-encoding': 'br' } }), 'ERR_LAYER1_RESPONSE_MALFORMED')
  })
})

describe('maxResponseBytes', { timeout: 60_000 }, () => {
  const client = { maxResponseBytes: 1000 }

  it('given a body of just the limit, when it is got, then it arrives', async (t) => {
    const body = await got(t, 'x'.repeat(1000), { client, call: { responseType: 'text' } })
    assert.equal(body.length, 1000)
  })

  it('given one byte more, when it is got, then it is too large', async (t) => {
    const error = await failure(got(t, 'x'.repeat(1001), { client }), 'ERR_LAYER1_RESPONSE_TOO_LARGE')
    assert.deepEqual([error.name, error.status, error.endpoint], ['Layer1ResponseError', 200, 'api'])
    assert.match(error.message, /1000/)
  })

  it('given one byte more in chunks, when it is got, then it is too large', async (t) => {
    const peer = await startPeer(t, {
      api: (_request, response) => {
        response.write('x'.repeat(600))
        setImmediate(() => response.end('x'.repeat(401)))
      },
    })
    await failure(makeClient(t, { ...peer.options, ...client }).get('/a'), 'ERR_LAYER1_RESPONSE_TOO_LARGE')
  })

  it('given a small gzip of a large body, when it is decoded, then it is too large', async (t) => {
    const { body, headers } = gzipped(Buffer.alloc(50_000_000, 0x20))
    assert.ok(body.length < 100_000)
    await failure(got(t, body, { headers, client: { maxResponseBytes: 1_000_000 } }), 'ERR_LAYER1_RESPONSE_TOO_LARGE')
  })

  it('given no option, when a gzip is over 16 MiB decoded, then it is too large', async (t) => {
    const { body, headers } = gzipped(Buffer.alloc(16 * 1024 * 1024 + 1, 0x20))
    await failure(got(t, body, { headers }), 'ERR_LAYER1_RESPONSE_TOO_LARGE')
  })

  it('given an answer without end, when it is over the limit, then it is not read on, and its slot is free', async (t) => {
    const peer = await startPeer(t, {
      api: (_request, response, count) => {
        if (count > 1) return void response.end('[1]')
        const more = () => {
          if (!response.destroyed) response.write('x'.repeat(4096), () => setImmediate(more))
        }
        more()
      },
    })
    const endless = makeClient(t, { ...peer.options, ...client, maxConnections: 1 })
    await failure(endless.get('/a'), 'ERR_LAYER1_RESPONSE_TOO_LARGE')
    assert.deepEqual(await endless.get('/b'), [1])
  })
})
