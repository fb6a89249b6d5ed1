'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { failure } = require('./support/failures.js')
const { makeClient, startPeer } = require('./support/peer.js')

/** @param {unknown} value */
const show = (value) => (typeof value === 'string' ? JSON.stringify(value) : `a ${typeof value} (${String(value)})`)

describe('a path that may be sent', { timeout: 60_000 }, () => {
  for (const [given, sent] of Object.entries({
    '/a/b': '/a/b',
    'a/b': '/a/b',
    '/': '/',
    '/a/': '/a/',
    '/a//b': '/a//b',
    '/a b': '/a%20b',
    '/é/日本/😀': '/%C3%A9/%E6%97%A5%E6%9C%AC/%F0%9F%98%80',
    '/%C3%A9': '/%C3%A9',
    '/%c3%a9': '/%c3%a9',
    '/%2F/%2f': '/%2F/%2f',
    '/%20é': '/%20%C3%A9',
    '/%25': '/%25',
    '/%23/%3F': '/%23/%3F',
    '/a"<>b': '/a%22%3C%3Eb',
    '/[x]': '/%5Bx%5D',
    "/-._~!$&'()*+,;=:@": "/-._~!$&'()*+,;=:@",
    '/a:b': '/a:b',
    '/@user': '/@user',
    '/a;v=1': '/a;v=1',
    '/...': '/...',
    '/a..b/.hidden': '/a..b/.hidden',
    '/https://evil.example/': '/https://evil.example/',
    '/a?b=c': '/a?b=c',
    '/a?b=é d': '/a?b=%C3%A9%20d',
    '/a?b=c+d%20e': '/a?b=c+d%20e',
    '/a?b=%zz%': '/a?b=%zz%',
    '/a?b=%0a%5c%23': '/a?b=%0a%5c%23',
    '/a?b=../..&c=//x': '/a?b=../..&c=//x',
    '/a?b=https://x.example/?y': '/a?b=https://x.example/?y',
    '/a?b="<>': '/a?b=%22%3C%3E',
  })) {
    it(`given ${show(given)}, when it is got, then ${sent} is requested`, async (t) => {
      const peer = await startPeer(t)
      await makeClient(t, peer.options).get(given)
      assert.equal(peer.calls[0]?.url, sent)
    })
  }

  for (const { prefix, path, sent } of [
    { prefix: '/v1/tenant', path: '/a', sent: '/v1/tenant/a' },
    { prefix: '/v1/tenant', path: 'a', sent: '/v1/tenant/a' },
    { prefix: '/v1/tenant/', path: '/a', sent: '/v1/tenant/a' },
    { prefix: '/v1/tenant/', path: 'a?b=c', sent: '/v1/tenant/a?b=c' },
    { prefix: '/v1/tenant', path: '/', sent: '/v1/tenant/' },
    { prefix: '/a%20b', path: '/c', sent: '/a%20b/c' },
  ]) {
    it(`given the base …${prefix}, when ${path} is got, then ${sent} is requested`, async (t) => {
      const peer = await startPeer(t, { prefix })
      await makeClient(t, peer.options).get(path)
      assert.equal(peer.calls[0]?.url, sent)
    })
  }
})

describe('a path that is refused', { timeout: 60_000 }, () => {
  const refused = {
    'an empty path': ['', '?a=b'],
    'an absolute URL': ['https://evil.example/a', 'HTTP://evil.example', 'https:/a', 'https:a', 'file:///a', 'data:,x'],
    'a protocol-relative URL': ['//evil.example/a', '///evil.example', '//'],
    'a backslash': ['\\a', '/a\\b', '\\\\evil.example', '/\\evil.example', '/a%5cb', '/a%5Cb', '/a%5c..%5cb'],
    'a control character': ['/a\nb', '/a\r\nx: y', '/a\tb', '/\0', '/a\x7f', '/a\u0085b', '\t//evil.example'],
    'an encoded control character': ['/a%0ab', '/a%0D%0Ax', '/%00', '/a%7F', '/a%1f', '/a%C2%85b'],
    'a dot segment': ['.', '..', './a', '../a', '/.', '/..', '/a/..', '/a/../b', '/a/./b', '/..?a=b', 'a/..'],
    'an encoded dot segment': ['/%2e', '/%2E%2e/a', '/.%2e/a', '/%2e./a', '/a/%2e%2E', '%2e%2e/a'],
    'a dot segment around an encoded slash': ['/a%2F..%2Fb', '/a%2f%2e%2e', '/..%2fb', '/%2F%2E%2E%2F', '/a%2F.'],
    'a broken escape': ['/%', '/a%', '/a%2', '/a%zz', '/a%2g', '/a%%20', '/a% 20'],
    'a lone surrogate': ['/\ud800', '/a\udc00b', '/a?b=\ud800'],
    'a fragment': ['#', '/a#b', '/a?b#c', '/#'],
    'a query with a raw control character': ['/a?b\tc', '/a?b\r\nc', '/a?\0', '/a?\x7f'],
    'a query with a backslash': ['/a?b\\c'],
    'no string': [undefined, null, 7, 7n, true, {}, ['/a'], Symbol('a'), () => '/a', new URL('http://127.0.0.1/a')],
    'an object that would become a string': [new String('/a'), { toString: () => '/a' }, Buffer.from('/a')],
  }
  for (const [name, paths] of Object.entries(refused)) {
    for (const path of paths) {
      it(`given ${name}, ${show(path)}, when it is got, then it is refused and nothing is sent`, async (t) => {
        const peer = await startPeer(t)
        const client = makeClient(t, peer.options)
        const error = await failure(client.get(/** @type {any} */ (path)), 'ERR_LAYER1_REQUEST')
        assert.deepEqual(
          [error.name, error.method, error.attempts, error.retryable],
          ['Layer1RequestError', 'GET', 0, false],
        )
        assert.equal(peer.connections(), 0)
      })
    }
  }

  it('given an absolute URL of the very base, when it is got, then it is refused too', async (t) => {
    const peer = await startPeer(t)
    await failure(makeClient(t, peer.options).get(`${peer.origin}/a`), 'ERR_LAYER1_REQUEST')
    assert.equal(peer.connections(), 0)
  })

  it('given a base with a prefix, when a path would leave the prefix, then it is refused', async (t) => {
    const peer = await startPeer(t, { prefix: '/v1/tenant' })
    await failure(makeClient(t, peer.options).get('/../other'), 'ERR_LAYER1_REQUEST')
    assert.equal(peer.connections(), 0)
  })

  it('given a query that holds something private, when the path is refused, then the error does not show it', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    const error = await failure(client.get('/a/../b?pin=1234'), 'ERR_LAYER1_REQUEST')
    assert.equal(error.path, '/a/../b')
    assert.ok(!error.message.includes('1234'), error.message)
  })

  it('given no arguments at all, when get() is called, then it is refused', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    await failure(/** @type {any} */ (client).get(), 'ERR_LAYER1_REQUEST')
  })
})
