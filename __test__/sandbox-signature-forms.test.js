'use strict'
// How a signature may be written, and how not (RFC 9421, RFC 9530, RFC 8941).

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const crypto = require('node:crypto')
const { describe, it } = require('node:test')
const fc = require('fast-check')
const { signWithOpenssl, withoutOpenssl } = require('./support/openssl.js')
const {
  independentCaller,
  list,
  payment,
  send,
  signatureHeaders,
  signer,
  startSigned,
  stranger,
} = require('./support/signed-calls.js')

/** @typedef {import('layer1/sandbox').Sandbox} Sandbox */
/** @typedef {import('./support/signed-calls.js').Departure} Departure */

const call = independentCaller()

describe('given a signature of RFC 9421', { timeout: 60_000 }, () => {
  const now = 1_800_000_000
  for (const [age, status] of /** @type {[number, number][]} */ ([
    [300, 200],
    [301, 401],
    [-300, 200],
    [-301, 401],
  ])) {
    it(`when it is ${age} s old, then it gets ${status}`, async (t) => {
      const sandbox = await startSigned(t, { now: () => now * 1000 })
      assert.equal((await independentCaller({ created: now - age })(sandbox.baseUrl, signer, list)).status, status)
    })
  }

  it('when signatureMaxAge says less, then that counts', async (t) => {
    const sandbox = await startSigned(t, { now: () => now * 1000, signatureMaxAge: 5 })
    assert.equal((await independentCaller({ created: now - 5 })(sandbox.baseUrl, signer, list)).status, 200)
    assert.equal((await independentCaller({ created: now - 6 })(sandbox.baseUrl, signer, list)).status, 401)
  })

  for (const [what, departure, status] of /** @type {[string, Departure, number][]} */ ([
    ['another label', { label: 'sig1' }, 200],
    ['its components in another order', { components: ['@target-uri', '@method'] }, 200],
    [
      'a nonce and a tag',
      { params: `;nonce="a\\"b";created=${now};tag="x";keyid="layer1-sandbox";alg="rsa-v1_5-sha256"` },
      200,
    ],
    [
      'an end in the future',
      { params: `;created=${now};expires=${now + 1};keyid="layer1-sandbox";alg="rsa-v1_5-sha256"` },
      200,
    ],
    [
      'an end that has passed',
      { params: `;created=${now};expires=${now};keyid="layer1-sandbox";alg="rsa-v1_5-sha256"` },
      401,
    ],
    ['another alg', { alg: 'rsa-pss-sha512' }, 401],
    ['no alg', { params: `;created=${now};keyid="layer1-sandbox"` }, 401],
    ['no keyid', { params: `;created=${now};alg="rsa-v1_5-sha256"` }, 401],
    ['no time', { params: ';keyid="layer1-sandbox";alg="rsa-v1_5-sha256"' }, 401],
    ['a time that is text', { params: `;created="${now}";keyid="layer1-sandbox";alg="rsa-v1_5-sha256"` }, 401],
    ['the method alone', { components: ['@method'] }, 401],
    ['a component twice', { components: ['@method', '@target-uri', '@method'] }, 401],
    ['a component that is not documented', { components: ['@method', '@target-uri', '@authority'] }, 401],
    ['a digest of no body', { digest: 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:' }, 401],
    [
      'PSS in place of PKCS#1',
      {
        sign: (base) =>
          crypto.sign('sha256', Buffer.from(base), {
            key: signer.privateKey,
            padding: crypto.constants.RSA_PKCS1_PSS_PADDING,
          }),
      },
      401,
    ],
    [
      'SHA-512 in place of SHA-256',
      { sign: (base) => crypto.sign('sha512', Buffer.from(base), signer.privateKey) },
      401,
    ],
    [
      'line ends of Windows in its base',
      { sign: (base) => crypto.sign('sha256', Buffer.from(base.replaceAll('\n', '\r\n')), signer.privateKey) },
      401,
    ],
    [
      'a line end after its base',
      { sign: (base) => crypto.sign('sha256', Buffer.from(`${base}\n`), signer.privateKey) },
      401,
    ],
    [
      'a query left out of its base',
      { sign: (base) => crypto.sign('sha256', Buffer.from(base.replace(/\?.*/, '')), signer.privateKey) },
      401,
    ],
  ])) {
    it(`when it has ${what}, then it gets ${status}`, async (t) => {
      const sandbox = await startSigned(t, { now: () => now * 1000 })
      const answer = await independentCaller({ created: now, ...departure })(sandbox.baseUrl, signer, list)
      assert.equal(answer.status, status, JSON.stringify(answer.json))
    })
  }

  for (const [what, digest] of /** @type {[string, string][]} */ ([
    ['of another body', `sha-256=:${crypto.createHash('sha256').update('{}').digest('base64')}:`],
    ['of another kind', `sha-512=:${crypto.createHash('sha512').update(payment.body).digest('base64')}:`],
    ['without its colons', `sha-256=${crypto.createHash('sha256').update(payment.body).digest('hex')}`],
    ['in hexadecimal digits', `sha-256=:${crypto.createHash('sha256').update(payment.body).digest('hex')}:`],
    ['that cannot be read', 'sha-256'],
  ])) {
    it(`when the digest is one ${what}, then it gets 401`, async (t) => {
      const sandbox = await startSigned(t)
      const { status, json } = await independentCaller({ digest })(sandbox.baseUrl, signer, payment)
      assert.deepEqual([status, /content-digest|sha-256/.test(json.message)], [401, true], json.message)
    })
  }

  for (const [what, headers] of /** @type {[string, Record<string, string>][]} */ ([
    ['nothing', {}],
    ['empty headers', { signature: '', 'signature-input': '' }],
    ['an input alone', { 'signature-input': 'sig=();created=1' }],
    ['no dictionaries', { signature: '"', 'signature-input': '((((' }],
    ['two labels', { signature: 'a=:AA==:', 'signature-input': 'b=("@method")' }],
    ['two signatures', { signature: 'a=:AA==:, b=:AA==:', 'signature-input': 'a=("@method"), b=("@method")' }],
    ['an input that is no list', { signature: 'sig=:AA==:', 'signature-input': 'sig=1' }],
    ['a signature that is no bytes', { signature: 'sig="AA=="', 'signature-input': 'sig=("@method")' }],
    ['a signature of the draft', { signature: 'keyId="a",algorithm="rsa-sha256",signature="AA=="' }],
  ])) {
    it(`when a request has ${what}, then it gets 401 and Layer1's error shape`, async (t) => {
      const sandbox = await startSigned(t)
      const options = { port: sandbox.port, hostname: '127.0.0.1', path: '/digital/v1/networks', headers }
      const { status, json, headers: answered } = await send(options, Buffer.alloc(0))
      assert.deepEqual(
        [status, json.status, answered['www-authenticate']],
        [401, 'UNAUTHORIZED', 'Signature realm="bvnk"'],
      )
    })
  }

  it('when it does not fit, then the answer shows the base that the sandbox expected', async (t) => {
    const sandbox = await startSigned(t)
    const { json } = await call(sandbox.baseUrl, { ...signer, privateKey: stranger.privateKey }, list)
    assert.deepEqual(json.details.errors.signatureBase.slice(0, 2), [
      '"@method": GET',
      `"@target-uri": ${sandbox.baseUrl}${list.path}`,
    ])
  })

  it('when openssl has signed, then it is let in', { skip: withoutOpenssl }, async (t) => {
    const sandbox = await startSigned(t)
    const sign = (/** @type {string} */ base) => signWithOpenssl(t, signer.privateKey, base)
    assert.equal((await independentCaller({ sign })(sandbox.baseUrl, signer, payment)).status, 405)
  })

  it('when headers are random, then each gets 401, and the sandbox does not fail', async (t) => {
    const sandbox = await startSigned(t)
    const piece = fc.constantFrom(
      'sig',
      '=',
      '(',
      ')',
      '"@method"',
      '"@target-uri"',
      ';created',
      '=1',
      ':AA==:',
      ' ',
      ',',
      '"',
      '\\',
      '?1',
      '*',
      '-9',
      '.5',
    )
    const value = fc.oneof(
      fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
      fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
    )
    const property = fc.asyncProperty(value, value, value, async (input, signature, digest) => {
      const headers = { 'signature-input': input, signature, 'content-digest': digest }
      const options = {
        hostname: '127.0.0.1',
        port: sandbox.port,
        method: 'POST',
        path: '/digital/v1/networks',
        headers,
      }
      assert.equal((await send(options, Buffer.from('{}'))).status, 401)
    })
    await fc.assert(property, { numRuns: 300 })
  })

  it('when requests are random, then each is let in as it was signed, and with one byte changed it is not', async (t) => {
    const sandbox = await startSigned(t)
    const character = fc.constantFrom(..."abcXYZ0189-._~!$&'()*+,;=:@", '%20', '%2F', '%C3%A4', '%e2%82%ac')
    const text = fc.array(character, { maxLength: 12 }).map((parts) => parts.join(''))
    const request = fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
      path: fc
        .tuple(text, fc.option(text))
        .map(([segment, query]) => `/digital/v1/${segment}${query === null ? '' : `?${query}`}`),
      body: fc.uint8Array({ maxLength: 64 }),
    })
    const property = fc.asyncProperty(
      request,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (given, place, change) => {
        assert.notEqual((await call(sandbox.baseUrl, signer, given)).status, 401)
        const altered = await sendAltered(sandbox, given, place, change)
        assert.equal(altered.status, 401, altered.what)
      },
    )
    await fc.assert(property, { numRuns: 100 })
  })
})

/**
 * Signs a request, changes one byte of its method, target, body or signature, and sends that.
 *
 * @param {Sandbox} sandbox
 * @param {{ method: string, path: string, body: Uint8Array }} given
 * @param {number} place
 * @param {number} change
 */
async function sendAltered(sandbox, { method, path: target, body }, place, change) {
  const headers = signatureHeaders(signer, { method, target: sandbox.baseUrl + target, body: Buffer.from(body) })
  const altered = { method, path: target, body: Buffer.from(body), headers }
  const what = ['method', 'path', 'body', 'signature'][place % 4]
  if (what === 'method') altered.method = method === 'GET' ? 'DELETE' : 'GET'
  if (what === 'path') altered.path = changeCharacter(target, place)
  if (what === 'body') altered.body = changeByte(altered.body, place, change)
  if (what === 'signature') {
    const bytes = Buffer.from(String(headers.signature).slice(5, -1), 'base64')
    altered.headers = { ...headers, signature: `sig=:${changeByte(bytes, place, change).toString('base64')}:` }
  }
  const { hostname, port } = new URL(sandbox.baseUrl)
  const options = { hostname, port, method: altered.method, path: altered.path, headers: altered.headers }
  const { status } = await send(options, altered.body)
  return { status, what: `${what}: ${altered.method} ${altered.path}` }
}

/**
 * Changes a character behind the first slash to another that a URL may have.
 *
 * @param {string} text
 * @param {number} place
 */
function changeCharacter(text, place) {
  const at = 1 + (place % (text.length - 1))
  return text.slice(0, at) + (text[at] === 'x' ? 'y' : 'x') + text.slice(at + 1)
}

/**
 * @param {Buffer} bytes
 * @param {number} place
 * @param {number} change
 */
function changeByte(bytes, place, change) {
  if (bytes.length === 0) return Buffer.from([change])
  const altered = Buffer.from(bytes)
  const at = place % bytes.length
  altered[at] = Number(altered[at]) ^ change
  return altered
}
