'use strict'
// Signed requests that reach the sandbox as they were sent, and others. Callers share no code with what checks them.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const crypto = require('node:crypto')
const { describe, it } = require('node:test')
const fc = require('fast-check')
const { path } = require('layer1')
const { makeClient } = require('./support/peer.js')
const { layer1Caller } = require('./support/layer1-caller.js')
const {
  independentCaller,
  list,
  payment,
  signer,
  startMiddleman,
  startSigned,
  stranger,
} = require('./support/signed-calls.js')

/** @typedef {import('layer1').Layer1} Layer1 */
/** @typedef {import('./support/signed-calls.js').Call} Call */
/** @typedef {import('./support/signed-calls.js').Caller} Caller */
/** @typedef {import('./support/signed-calls.js').Message} Message */

/** Whoever signs has to pass the same tests. @type {[name: string, call: Caller, auth: 'signature' | 'both'][]} */
const callers = [
  ['an independent signer', independentCaller(), 'signature'],
  ["a client with auth: 'signature'", layer1Caller('signature'), 'signature'],
  ["a client with auth: 'both'", layer1Caller('both'), 'both'],
]

for (const [name, caller, auth] of callers) {
  describe(`given ${name} and a sandbox that demands that`, { timeout: 60_000 }, () => {
    for (const [what, request, status] of /** @type {[string, Call, number][]} */ ([
      ['a GET', { method: 'GET', path: '/digital/v1/networks' }, 200],
      ['a GET with a query that repeats a key', list, 200],
      [
        'a query with escapes and blanks',
        { method: 'GET', path: '/digital/v1/networks?q=a%20b%2Fc&x=%C3%A4&x=%c3%a4' },
        200,
      ],
      ['a POST with a body', payment, 405],
      [
        'a PUT with a body of every byte',
        { method: 'PUT', path: '/digital/v1/networks', body: Buffer.from([...Array(256).keys()]) },
        405,
      ],
      [
        'a PATCH with JSON beyond ASCII',
        { method: 'PATCH', path: '/digital/v1/networks', body: '{"name":"é€😀"}' },
        405,
      ],
      ['a POST without a body', { method: 'POST', path: '/digital/v1/networks' }, 405],
      ['a DELETE', { method: 'DELETE', path: '/digital/v1/addresses/x' }, 405],
    ])) {
      it(`when ${what} is signed, then it is let in`, async (t) => {
        const sandbox = await startSigned(t, { auth })
        const answer = await caller(sandbox.baseUrl, signer, request)
        assert.equal(answer.status, status, JSON.stringify(answer.json))
      })
    }

    for (const [what, request, alter, said] of /** @type {[string, Call, (message: Message) => any, RegExp][]} */ ([
      ['the method', list, () => ({ method: 'DELETE' }), /does not fit/],
      ['the path', list, ({ url }) => ({ url: url.replace('addresses', 'networks') }), /does not fit/],
      ['a value in the query', list, ({ url }) => ({ url: url.replace('=2', '=3') }), /does not fit/],
      [
        'the order of the query',
        list,
        ({ url }) => ({ url: url.replace('type=a&type=b', 'type=b&type=a') }),
        /does not fit/,
      ],
      ['the query to none', list, ({ url }) => ({ url: url.split('?')[0] }), /does not fit/],
      ['an escape in the path', list, ({ url }) => ({ url: url.replace('addresses', '%61ddresses') }), /does not fit/],
      ['the host', list, ({ headers }) => ({ headers: { ...headers, host: 'api.layer1.com' } }), /does not fit/],
      [
        'the body',
        payment,
        ({ body }) => ({ body: Buffer.from(String(body).replace('1.10', '9.10')) }),
        /not that of the body/,
      ],
      ['the body to none', payment, () => ({ body: Buffer.alloc(0) }), /without a body has to be signed/],
      [
        'a request without a body to one with',
        list,
        () => ({ body: Buffer.from('{}') }),
        /with a body has to be signed/,
      ],
      ['body and digest', payment, ({ headers }) => withBody(headers, '{"amount":"9.10"}'), /does not fit/],
      [
        'the time',
        list,
        ({ headers }) => inInput(headers, /created=\d+/, `created=${Math.floor(Date.now() / 1000) - 7}`),
        /does not fit/,
      ],
      ['the keyid', list, ({ headers }) => inInput(headers, /keyid="[^"]+"/, 'keyid="admin"'), /names no key/],
      [
        'what is signed',
        list,
        ({ headers }) => inInput(headers, ' "@target-uri"', ''),
        /has to be signed: \("@method" "@target-uri"\)/,
      ],
      [
        'a bit of the signature',
        list,
        ({ headers }) => ({ headers: { ...headers, signature: flipBit(headers.signature) } }),
        /does not fit/,
      ],
      [
        'the signature to none',
        list,
        ({ headers: { signature: _, ...headers } }) => ({ headers }),
        /no header signature/,
      ],
    ])) {
      it(`when someone alters ${what} on the way, then it is refused with 401, and the answer says why`, async (t) => {
        const sandbox = await startSigned(t, { auth })
        const { status, json } = await caller(await startMiddleman(t, sandbox, alter), signer, request)
        assert.deepEqual([status, json.status], [401, 'UNAUTHORIZED'])
        assert.match(json.message, said)
      })
    }

    it('when nothing is altered on the way, then the one who could have is not noticed', async (t) => {
      const sandbox = await startSigned(t, { auth })
      const middleman = await startMiddleman(t, sandbox, () => ({}))
      assert.equal((await caller(middleman, signer, list)).status, 200)
      assert.equal((await caller(middleman, signer, payment)).status, 405)
    })

    it('when the clocks are too far apart, then it is refused, and the answer has the time of the sandbox', async (t) => {
      for (const [apart, said] of /** @type {[number, RegExp][]} */ ([
        [400_000, /was created 40\d s ago, and may be 300 s old/],
        [-400_000, /was created (39\d|400) s in the future/],
      ])) {
        const sandbox = await startSigned(t, { auth, now: () => Date.now() + apart })
        const { status, json, headers } = await caller(sandbox.baseUrl, signer, list)
        assert.deepEqual([status, said.test(json.message)], [401, true], json.message)
        assert.ok(Math.abs(Date.parse(String(headers.date)) - Date.now() - apart) < 60_000)
      }
    })

    it('when it signs with a key that is not registered, or names an unknown one, then it is refused', async (t) => {
      const sandbox = await startSigned(t, { auth })
      const foreign = await caller(sandbox.baseUrl, { ...signer, privateKey: stranger.privateKey }, list)
      assert.deepEqual([foreign.status, /does not fit/.test(foreign.json.message)], [401, true])
      const unknown = await caller(sandbox.baseUrl, { ...signer, keyId: 'nobody' }, list)
      assert.deepEqual([unknown.status, /names no key/.test(unknown.json.message)], [401, true])
    })

    it('when the key has a name of its own, then signatures name it so', async (t) => {
      const sandbox = await startSigned(t, { auth, keyId: "key 2 'new'" })
      assert.equal((await caller(sandbox.baseUrl, { ...signer, keyId: "key 2 'new'" }, list)).status, 200)
      assert.equal((await caller(sandbox.baseUrl, signer, list)).status, 401)
    })
  })
}

describe('given a client and a sandbox that demands signatures', { timeout: 60_000 }, () => {
  /** @type {[what: string, call: (client: Layer1) => Promise<unknown>, query: Record<string, string | string[]>][]} */
  const calls = [
    [
      'a query with repeated and encoded keys, blanks and letters beyond ASCII',
      (client) => client.get('/digital/v1/networks', { query: { type: ['a', 'b'], 'k&=': 'c d/e', ü: '€😀' } }),
      { type: ['a', 'b'], 'k&=': 'c d/e', ü: '€😀' },
    ],
    [
      'a query in the path, and more',
      (client) => client.get('/digital/v1/networks?x=%c3%a4 &x=%C3%A4', { query: { y: 1 } }),
      { x: ['ä ', 'ä'], y: '1' },
    ],
  ]
  for (const [what, call, sent] of calls) {
    it(`when ${what} is sent, then it is let in as it was signed`, async (t) => {
      const { sandbox, client } = await signingClient(t)
      await call(client)
      assert.deepEqual(
        sandbox.requests.map(({ status, query }) => [status, query]),
        [[200, sent]],
      )
    })
  }

  it('when paths, queries and bodies are random, then each is let in', async (t) => {
    const { sandbox, client } = await signingClient(t)
    const text = fc.string({ unit: 'grapheme', maxLength: 12 })
    const request = fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
      id: text.filter((id) => !/^\.{0,2}$|[\\\p{Cc}]|(^|\/)\.{1,2}(\/|$)|^\//u.test(id)),
      query: fc.dictionary(text, fc.oneof(text, fc.array(text, { maxLength: 3 }))),
      body: fc.oneof(text, fc.uint8Array({ maxLength: 64 }), fc.dictionary(text, text)),
    })
    const property = fc.asyncProperty(request, async ({ method, id, query, body }) => {
      const call = client.request(method, path`/digital/v1/networks/${id}`, {
        query,
        ...(method !== 'GET' && { body }),
      })
      await call.catch(() => {})
      const { status = 0, path: came } = sandbox.requests.at(-1) ?? {}
      assert.ok(status >= 200 && status !== 401, `${method} ${came}: ${status}`)
    })
    await fc.assert(property, { numRuns: 100 })
  })
})

/** @param {import('node:test').TestContext} t */
async function signingClient(t) {
  const sandbox = await startSigned(t)
  const privateKey = signer.privateKey.export({ type: 'pkcs8', format: 'pem' })
  const { clientId, baseUrl } = sandbox.options
  const client = makeClient(t, { clientId, baseUrl, auth: 'signature', privateKey, maxRetries: 0 })
  return { sandbox, client }
}

/**
 * @param {Record<string, any>} headers
 * @param {string} text
 */
function withBody(headers, text) {
  const digest = `sha-256=:${crypto.createHash('sha256').update(text).digest('base64')}:`
  return { headers: { ...headers, 'content-digest': digest }, body: Buffer.from(text) }
}

/**
 * @param {Record<string, any>} headers
 * @param {string | RegExp} from
 * @param {string} to
 */
function inInput(headers, from, to) {
  return { headers: { ...headers, 'signature-input': String(headers['signature-input']).replace(from, to) } }
}

/** @param {string} signature */
function flipBit(signature) {
  return signature.replace(/:(.)/, (_, first) => `:${first === 'A' ? 'B' : 'A'}`)
}
