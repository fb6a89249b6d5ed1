'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const http = require('node:http')
const { describe, it } = require('node:test')
const { makeClient, sendJson, startPeer } = require('./support/peer.js')

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('layer1').Layer1Options} Options */
/** @typedef {import('layer1').CallOptions} CallOptions */
/** @typedef {{ headers: http.IncomingHttpHeaders, rawHeaders: string[], bytes: Buffer }} Sent */

const methods = /** @type {const} */ (['post', 'put', 'patch'])

/**
 * Starts an API that keeps what it is sent, byte for byte, and a client of it. The first so many requests get a 401.
 *
 * @param {TestContext} t
 * @param {Options} [options]
 * @param {number} [refusals]
 */
async function startKeeper(t, options = {}, refusals = 0) {
  /** @type {Sent[]} */
  const sent = []
  const server = http.createServer(async (request, response) => {
    const { headers, rawHeaders } = request
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const count = sent.push({ headers, rawHeaders, bytes: Buffer.concat(chunks) })
    sendJson(response, count <= refusals ? 401 : 200, null)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const { options: realm } = await startPeer(t)
  return { sent, client: makeClient(t, { ...realm, baseUrl: `http://127.0.0.1:${port}`, ...options }) }
}

/**
 * Posts a body and gives what came of it.
 *
 * @param {TestContext} t
 * @param {any} body
 * @param {CallOptions} [call]
 * @param {Options} [options]
 * @returns {Promise<Sent>}
 */
async function posted(t, body, call, options) {
  const { client, sent } = await startKeeper(t, options)
  await client.post('/a', body, call)
  assert.equal(sent.length, 1)
  return /** @type {Sent} */ (sent[0])
}

/** @param {Sent} sent */
function contentTypes({ rawHeaders }) {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'content-type')
}

class Money {
  #secret = 1
  /** @param {string} amount */
  constructor(amount) {
    this.amount = amount
  }
  get inherited() {
    return this.#secret
  }
}

const moment = new Date(0)

describe('a value that is sent as JSON', { timeout: 60_000 }, () => {
  for (const [name, value, text] of /** @type {[string, unknown, string][]} */ ([
    ['an object', { a: 1, b: [true, null, 'x'] }, '{"a":1,"b":[true,null,"x"]}'],
    ['an empty object', {}, '{}'],
    ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ['an array', [1, [2], {}], '[1,[2],{}]'],
    ['an empty array', [], '[]'],
    ['a number', 1.5, '1.5'],
    ['0', 0, '0'],
    ['a number in exponents', 1e21, '1e+21'],
    ['true', true, 'true'],
    ['false', false, 'false'],
    ['null', null, 'null'],
    ['members that are undefined', { a: undefined, b: 1 }, '{"b":1}'],
    ['null in an array', [null], '[null]'],
    ['a Date', moment, '"1970-01-01T00:00:00.000Z"'],
    ['a Date in it', { at: moment }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ['an instance of a class', new Money('0.1'), '{"amount":"0.1"}'],
    ['a toJSON that gives an object', { toJSON: () => ({ a: 1 }) }, '{"a":1}'],
    ['a toJSON that gives a string', { toJSON: () => 'x' }, '"x"'],
    ['a toJSON in it', [{ toJSON: (/** @type {string} */ key) => key }], '["0"]'],
    ['a Map that has a toJSON', Object.assign(new Map(), { toJSON: () => [] }), '[]'],
    ['a URL', { url: new URL('https://a.example/b') }, '{"url":"https://a.example/b"}'],
    ['boxed primitives', [Object('a'), Object(1), Object(false)], '["a",1,false]'],
    ['an own member named __proto__', JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
    ['the same object twice', ((part) => [part, part])({ a: 1 }), '[{"a":1},{"a":1}]'],
    ['text outside ASCII', { é日: '😀\u2028' }, '{"é日":"😀\u2028"}'],
    ['controls and quotes', ['\0\n"\\'], '["\\u0000\\n\\"\\\\"]'],
    ['half of a surrogate pair in it', ['\ud800'], '["\\ud800"]'],
    [
      'digits beyond a double, as a string',
      { amount: '0.19848315335156838671875' },
      '{"amount":"0.19848315335156838671875"}',
    ],
  ])) {
    it(`given ${name}, when it is posted, then it arrives as its JSON and says so`, async (t) => {
      const sent = await posted(t, value)
      assert.equal(sent.bytes.toString(), text)
      assert.equal(sent.headers['content-length'], String(Buffer.byteLength(text)))
      assert.deepEqual(contentTypes(sent), ['application/json'])
    })
  }

  for (const method of methods) {
    it(`given an object, when it is sent by ${method}(), then it arrives as JSON`, async (t) => {
      const { client, sent } = await startKeeper(t)
      await client[method]('/a', { a: 'é' })
      assert.deepEqual([sent[0]?.bytes.toString(), sent[0]?.headers['content-type']], ['{"a":"é"}', 'application/json'])
    })
  }
})

describe('no body', { timeout: 60_000 }, () => {
  for (const method of methods) {
    for (const [name, args] of Object.entries({
      nothing: [],
      undefined: [undefined],
      'undefined and options': [undefined, {}],
      'undefined and null': [undefined, null],
    })) {
      it(`given ${name} after the path, when ${method}() is called, then no body is sent and nothing said of one`, async (t) => {
        const { client, sent } = await startKeeper(t)
        await /** @type {any} */ (client)[method]('/a', ...args)
        const { headers, bytes } = /** @type {Sent} */ (sent[0])
        assert.equal(bytes.length, 0)
        assert.deepEqual([headers['content-type'], headers['transfer-encoding']], [undefined, undefined])
        assert.ok([undefined, '0'].includes(headers['content-length']), headers['content-length'])
      })
    }
  }
})

/** A view of four of these bytes, from the third on. */
const shifted = (
  /** @type {new (buffer: ArrayBuffer, offset: number, length: number) => NodeJS.ArrayBufferView} */ View,
) => new View(Uint8Array.from([9, 9, 0, 255, 128, 10, 9, 9]).buffer, 2, 4)
const floats = Float64Array.from([0, 1.5, -2, 0])
const shared = new Uint8Array(new SharedArrayBuffer(3))
shared.set([1, 2, 3])

describe('text and bytes', { timeout: 60_000 }, () => {
  for (const [name, body, bytes] of /** @type {[string, string | NodeJS.ArrayBufferView, Buffer][]} */ ([
    ['a string', 'a=1&b=é日😀\0\r\n', Buffer.from('a=1&b=é日😀\0\r\n')],
    ['a string that looks like JSON', '{"a": 1.0}', Buffer.from('{"a": 1.0}')],
    ['an empty string', '', Buffer.alloc(0)],
    ['a string with a byte order mark', '\ufeffx', Buffer.from('\ufeffx')],
    ['a Buffer', Buffer.from([0, 255, 128, 10]), Buffer.from([0, 255, 128, 10])],
    ['a Buffer of the pool', Buffer.from('pooled'), Buffer.from('pooled')],
    ['an empty Buffer', Buffer.alloc(0), Buffer.alloc(0)],
    ['a part of a Buffer', Buffer.from('abcdef').subarray(2, 4), Buffer.from('cd')],
    ['a part of a Uint8Array', shifted(Uint8Array), Buffer.from([0, 255, 128, 10])],
    ['a part of an Int8Array', shifted(Int8Array), Buffer.from([0, 255, 128, 10])],
    ['a part of a DataView', shifted(DataView), Buffer.from([0, 255, 128, 10])],
    ['a part of a Uint8ClampedArray', shifted(Uint8ClampedArray), Buffer.from([0, 255, 128, 10])],
    ['a part of a Float64Array', floats.subarray(1, 3), Buffer.from(floats.buffer, 8, 16)],
    ['a BigInt64Array', BigInt64Array.of(-1n), Buffer.alloc(8, 255)],
    ['a view of shared memory', shared, Buffer.from([1, 2, 3])],
    ['a megabyte', Buffer.alloc(1_048_576, 'éx'), Buffer.alloc(1_048_576, 'éx')],
  ])) {
    it(`given ${name}, when it is posted, then it arrives byte for byte, with no content-type`, async (t) => {
      const sent = await posted(t, body)
      assert.deepEqual(sent.bytes, bytes)
      assert.deepEqual(contentTypes(sent), [])
    })
  }

  it('given a megabyte of JSON outside ASCII, when it is posted, then it arrives whole', async (t) => {
    const body = Array.from({ length: 20_000 }, (_, index) => `Zeile ${index} é日😀 ${'x'.repeat(30)}`)
    const { bytes } = await posted(t, body)
    assert.ok(bytes.length > 1_000_000)
    assert.deepEqual(JSON.parse(bytes.toString()), body)
  })
})

describe('the content-type', { timeout: 60_000 }, () => {
  const [type, other] = ['application/merge-patch+json', 'text/csv']
  for (const [name, body] of /** @type {[string, any][]} */ ([
    ['JSON', { a: 1 }],
    ['a string', 'a'],
    ['a Buffer', Buffer.from('a')],
    ['no body', undefined],
  ])) {
    it(`given one of the call, when it sends ${name}, then that is the one, and no other`, async (t) => {
      assert.deepEqual(contentTypes(await posted(t, body, { headers: { 'Content-Type': type } })), [type])
    })

    it(`given one in a Headers, when it sends ${name}, then that is the one, and no other`, async (t) => {
      assert.deepEqual(contentTypes(await posted(t, body, { headers: new Headers({ 'content-type': type }) })), [type])
    })

    it(`given one of the client, when a call sends ${name}, then that is the one, and no other`, async (t) => {
      assert.deepEqual(contentTypes(await posted(t, body, {}, { headers: { 'CONTENT-TYPE': type } })), [type])
    })

    it(`given one of the client and one of the call, when it sends ${name}, then that of the call is the one`, async (t) => {
      const options = { headers: { 'content-type': other } }
      assert.deepEqual(contentTypes(await posted(t, body, { headers: { 'Content-Type': type } }, options)), [type])
    })
  }
})

describe('a body that is changed after the call began', { timeout: 60_000 }, () => {
  for (const refusals of [0, 1]) {
    const when = refusals ? 'a 401 is replayed' : 'it is sent'
    it(`given a Buffer that its caller fills anew, when ${when}, then the bytes are those of the call`, async (t) => {
      const { client, sent } = await startKeeper(t, {}, refusals)
      const bytes = Buffer.alloc(100_000, 'pay 100')
      const call = client.post('/a', bytes)
      bytes.fill('pay 999')
      await call
      assert.equal(sent.length, 1 + refusals)
      for (const { bytes: arrived } of sent) assert.ok(arrived.equals(Buffer.alloc(100_000, 'pay 100')))
    })

    it(`given an object that its caller changes, when ${when}, then the JSON is that of the call`, async (t) => {
      const { client, sent } = await startKeeper(t, {}, refusals)
      const body = { amount: '100', to: ['a'] }
      const call = client.post('/a', body)
      body.amount = '999'
      body.to.push('b')
      await call
      assert.deepEqual(
        sent.map(({ bytes }) => bytes.toString()),
        Array.from({ length: 1 + refusals }, () => '{"amount":"100","to":["a"]}'),
      )
    })
  }

  it('given a 401, when the call is replayed, then content-type and length come again with the bytes', async (t) => {
    const { client, sent } = await startKeeper(t, {}, 1)
    await client.patch('/a', new DataView(Uint8Array.of(0, 255, 7).buffer, 1), { headers: { 'content-type': 'x/y' } })
    assert.deepEqual(
      sent.map(({ bytes, headers }) => [bytes, headers['content-type'], headers['content-length']]),
      [1, 2].map(() => [Buffer.from([255, 7]), 'x/y', '2']),
    )
  })
})
