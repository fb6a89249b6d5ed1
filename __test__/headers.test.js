'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { Layer1 } = require('layer1')
const { version } = require('layer1/package.json')
const { failure, thrown } = require('./support/failures.js')
const { makeClient, startPeer } = require('./support/peer.js')

/** @typedef {import('layer1').Layer1Options} Options */

const reserved = [
  'authorization',
  'proxy-authorization',
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'accept-encoding',
]

/**
 * Gives the headers that a call comes with.
 *
 * @param {import('node:test').TestContext} t
 * @param {any} headers
 * @param {Options} [options]
 */
async function sentHeaders(t, headers, options = {}) {
  const peer = await startPeer(t)
  await makeClient(t, { ...peer.options, ...options }).get('/a', { headers })
  const [call] = peer.calls
  assert.ok(call)
  return call.headers
}

describe('headers that may be sent', { timeout: 60_000 }, () => {
  it('given none, when a call is made, then it asks for JSON and for gzip', async (t) => {
    const { accept, 'accept-encoding': coding } = await sentHeaders(t, undefined)
    assert.deepEqual([accept, coding], ['application/json', 'gzip'])
  })

  it('given a plain object, when a call is made, then it carries them', async (t) => {
    const { 'x-trace': trace, 'x-empty': empty } = await sentHeaders(t, { 'X-Trace': 'a b\tc~', 'x-empty': '' })
    assert.deepEqual([trace, empty], ['a b\tc~', ''])
  })

  it('given a Headers, when a call is made, then it carries them', async (t) => {
    const headers = new Headers({ 'x-trace': 'a' })
    headers.append('x-trace', 'b')
    assert.equal((await sentHeaders(t, headers))['x-trace'], 'a, b')
  })

  it('given a member that is undefined, when a call is made, then it is left out', async (t) => {
    assert.ok(!('x-trace' in (await sentHeaders(t, { 'x-trace': undefined }))))
  })

  it('given headers of the client, when a call is made, then it carries them', async (t) => {
    assert.equal((await sentHeaders(t, undefined, { headers: { 'x-tenant': 'a' } }))['x-tenant'], 'a')
  })

  it('given a header of the client, when a call has its own in another case, then the call wins', async (t) => {
    assert.equal((await sentHeaders(t, { 'X-TENANT': 'b' }, { headers: { 'x-tenant': 'a' } }))['x-tenant'], 'b')
  })

  it('given an Accept of the caller, when a call is made, then it takes the place of ours', async (t) => {
    assert.equal((await sentHeaders(t, { accept: 'text/csv' })).accept, 'text/csv')
  })

  it('given no userAgent, when a call is made, then it is layer1 and its version', async (t) => {
    assert.equal((await sentHeaders(t, undefined))['user-agent'], `layer1/${version}`)
  })

  it('given a userAgent, when a call is made, then it comes before ours', async (t) => {
    const headers = await sentHeaders(t, undefined, { userAgent: 'treasury/2.1 (eu)' })
    assert.equal(headers['user-agent'], `treasury/2.1 (eu) layer1/${version}`)
  })

  it('given headers of the client, when their object is changed later, then the client does not notice', async (t) => {
    const peer = await startPeer(t)
    /** @type {Record<string, string>} */
    const headers = { 'x-tenant': 'a' }
    const client = makeClient(t, { ...peer.options, headers })
    headers['x-tenant'] = 'b'
    await client.get('/a')
    assert.equal(peer.calls[0]?.headers['x-tenant'], 'a')
  })

  it('given frozen options, when a call is made, then nothing tries to change them', async (t) => {
    const headers = Object.freeze({ 'x-trace': 'a' })
    assert.equal((await sentHeaders(t, headers))['x-trace'], 'a')
  })
})

describe('headers that are refused', { timeout: 60_000 }, () => {
  for (const name of [...reserved, 'Authorization', 'HOST']) {
    it(`given ${name} in a call, when it is made, then it is refused by name and nothing is sent`, async (t) => {
      const peer = await startPeer(t)
      const client = makeClient(t, peer.options)
      const error = await failure(client.get('/a', { headers: { [name]: 'of-the-caller' } }), 'ERR_LAYER1_REQUEST')
      assert.ok(error.message.toLowerCase().includes(name.toLowerCase()), error.message)
      assert.ok(!error.message.includes('of-the-caller'), error.message)
      assert.equal(peer.connections(), 0)
    })

    it(`given ${name} in the options, when a client is made, then it is refused by name`, async (t) => {
      const { options } = await startPeer(t)
      const error = thrown(() => new Layer1({ ...options, headers: { [name]: 'of-the-caller' } }))
      assert.equal(error.code, 'ERR_LAYER1_CONFIG')
      assert.match(error.message, /headers/)
      assert.ok(error.message.toLowerCase().includes(name.toLowerCase()), error.message)
    })
  }

  it('given authorization in a Headers, when a call is made, then it is refused', async (t) => {
    const client = makeClient(t, (await startPeer(t)).options)
    await failure(client.get('/a', { headers: new Headers({ authorization: 'x' }) }), 'ERR_LAYER1_REQUEST')
  })

  it('given a reserved header that is undefined, when a call is made, then it is left out like any other', async (t) => {
    assert.equal((await sentHeaders(t, { authorization: undefined })).authorization, 'Bearer token-1')
  })

  for (const { name, headers } of [
    { name: 'a name with a blank', headers: { 'x trace': 'private' } },
    { name: 'an empty name', headers: { '': 'private' } },
    { name: 'a name with a line break', headers: { 'x\r\ny': 'private' } },
    { name: 'a name outside ASCII', headers: { 'x-é': 'private' } },
    { name: 'a value with a line break', headers: { 'x-trace': 'private\r\nx-injected: 1' } },
    { name: 'a value with a NUL', headers: { 'x-trace': 'private\0' } },
    { name: 'a value outside ASCII', headers: { 'x-trace': 'privaté' } },
    { name: 'a value with a lone surrogate', headers: { 'x-trace': 'private\ud800' } },
    { name: 'a number', headers: { 'x-trace': 7 } },
    { name: 'null', headers: { 'x-trace': null } },
    { name: 'an array', headers: { 'x-trace': ['private'] } },
    { name: 'an object', headers: { 'x-trace': {} } },
    { name: 'a symbol', headers: { 'x-trace': Symbol('private') } },
    { name: 'a list of pairs', headers: [['x-trace', 'private']] },
    { name: 'a Map', headers: new Map([['x-trace', 'private']]) },
    { name: 'a string', headers: 'x-trace: private' },
    { name: 'a number for all', headers: 7 },
  ]) {
    it(`given ${name}, when a call is made, then it is refused, without the value, and nothing is sent`, async (t) => {
      const peer = await startPeer(t)
      const client = makeClient(t, peer.options)
      const error = await failure(client.get('/a', { headers: /** @type {any} */ (headers) }), 'ERR_LAYER1_REQUEST')
      assert.ok(!/priva|\[object/.test(error.message), error.message)
      assert.equal(peer.connections(), 0)
    })

    it(`given ${name}, when a client is made with it, then it is refused, without the value`, async (t) => {
      const { options } = await startPeer(t)
      const error = thrown(() => new Layer1({ ...options, headers: /** @type {any} */ (headers) }))
      assert.equal(error.code, 'ERR_LAYER1_CONFIG')
      assert.ok(!/priva|\[object/.test(error.message), error.message)
    })
  }
})
