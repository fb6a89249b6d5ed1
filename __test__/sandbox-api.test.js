'use strict'

const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { gunzipSync } = require('node:zlib')
const http = require('node:http')
const { startSandbox } = require('../lib/sandbox')

/** @typedef {import('../lib/sandbox').Sandbox} Sandbox */

/**
 * @param {import('node:test').TestContext} t
 * @param {import('../lib/sandbox').SandboxOptions} [options]
 */
async function start(t, options) {
  const sandbox = await startSandbox(options)
  t.after(() => sandbox.close())
  return sandbox
}

/**
 * @param {Sandbox} sandbox
 * @param {{ clientId: string, clientSecret: string }} [client]
 * @returns {Promise<string>}
 */
async function grant(sandbox, { clientId, clientSecret } = sandbox.options) {
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
  const response = await fetch(sandbox.tokenUrl, { method: 'POST', body: new URLSearchParams(form) })
  const { access_token: token } = /** @type {any} */ (await response.json())
  return token
}

/**
 * @param {Sandbox} sandbox
 * @param {string} path
 * @param {string} [token]
 * @param {RequestInit} [init]
 */
async function call(sandbox, path, token, init) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(sandbox.baseUrl + path, { headers, ...init })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: text === '' ? undefined : JSON.parse(text) }
}

describe('given a request without a good token', () => {
  /** @type {[given: string, authorization: string | undefined][]} */
  const bad = [
    ['no Authorization header', undefined],
    ['another scheme', 'Basic YTpi'],
    ['a malformed token', 'Bearer abc'],
    ['a token from elsewhere', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln'],
  ]
  for (const [given, authorization] of bad) {
    it(`when it has ${given}, then it gets 401, a challenge and Layer1's error shape`, async (t) => {
      const sandbox = await start(t)
      const headers = authorization === undefined ? {} : { authorization }
      const { status, json, headers: answered } = await call(sandbox, '/api/v1/asset-pools', undefined, { headers })
      assert.equal(status, 401)
      assert.deepEqual(Object.keys(json), ['code', 'status', 'message', 'details'])
      assert.equal(json.status, 'UNAUTHORIZED')
      const challenge = answered.get('www-authenticate') ?? ''
      assert.match(challenge, /^Bearer realm="bvnk"/)
      assert.equal(challenge.includes('error="invalid_token"'), authorization?.startsWith('Bearer') ?? false)
    })
  }

  it('when the token was altered, then it gets 401', async (t) => {
    const sandbox = await start(t)
    const token = await grant(sandbox)
    assert.equal((await call(sandbox, '/digital/v1/networks', `${token}x`)).status, 401)
  })

  it('when expires_in has passed since the grant, then it gets 401, and not a millisecond before', async (t) => {
    let now = Date.UTC(2026, 0, 1)
    const sandbox = await start(t, { tokenLifetime: 60, now: () => now })
    const token = await grant(sandbox)
    now += 59_999
    assert.equal((await call(sandbox, '/digital/v1/networks', token)).status, 200)
    now += 1
    assert.equal((await call(sandbox, '/digital/v1/networks', token)).status, 401)
  })

  it('when all tokens were revoked, then it gets 401, and a new token is good', async (t) => {
    const sandbox = await start(t)
    const token = await grant(sandbox)
    sandbox.revokeTokens()
    assert.equal((await call(sandbox, '/digital/v1/networks', token)).status, 401)
    assert.equal((await call(sandbox, '/digital/v1/networks', await grant(sandbox))).status, 200)
  })

  it('when another sandbox issued the token, then it gets 401', async (t) => {
    const [one, two] = [await start(t), await start(t)]
    assert.equal((await call(two, '/digital/v1/networks', await grant(one))).status, 401)
  })

  it('when the token lacks the scope, then it gets 403 insufficient_scope', async (t) => {
    const client = { clientId: 'narrow', clientSecret: 's', scopes: ['networks:view'] }
    const sandbox = await start(t, { clients: [client] })
    const token = await grant(sandbox, client)
    assert.equal((await call(sandbox, '/digital/v1/networks', token)).status, 200)
    const { status, json, headers } = await call(sandbox, '/digital/v1/addresses', token)
    assert.deepEqual([status, json.status], [403, 'FORBIDDEN'])
    assert.match(headers.get('www-authenticate') ?? '', /error="insufficient_scope", scope="addresses:view"/)
  })
})

describe('given a route', () => {
  it('when it is unknown, then it gets 404 in Layer1’s error shape', async (t) => {
    const sandbox = await start(t)
    const { status, json } = await call(sandbox, '/digital/v1/nope', await grant(sandbox))
    assert.deepEqual([status, json.status], [404, 'NOT_FOUND'])
  })

  it('when its id names nothing, then it gets 404 layer1:digital-asset:4008', async (t) => {
    const sandbox = await start(t)
    const token = await grant(sandbox)
    for (const path of [
      'asset-pools/x',
      'addresses/x',
      'key-pairs/x',
      'transactions/x',
      'exports/%zz',
      'addresses/x/tags',
    ]) {
      const { status, json } = await call(sandbox, `/digital/v1/${path}`, token)
      assert.deepEqual([status, json.code, json.status], [404, 'layer1:digital-asset:4008', 'NOT_FOUND'], path)
    }
  })

  it('when the method is not served, then it gets 405 and is told which are', async (t) => {
    const sandbox = await start(t)
    const token = await grant(sandbox)
    const init = { method: 'DELETE', headers: { authorization: `Bearer ${token}` } }
    const { status, json, headers } = await call(sandbox, '/api/v1/asset-pools', undefined, init)
    assert.deepEqual([status, json.status, headers.get('allow')], [405, 'METHOD_NOT_ALLOWED', 'GET'])
    assert.equal((await call(sandbox, '/digital/v1/staking-requests', token)).status, 405)
  })

  it('when it is asked with HEAD, then it gets the headers of GET and no body', async (t) => {
    const sandbox = await start(t)
    const headers = { authorization: `Bearer ${await grant(sandbox)}`, 'accept-encoding': 'identity' }
    const got = await call(sandbox, '/digital/v1/networks', undefined, { headers })
    const head = await call(sandbox, '/digital/v1/networks', undefined, { method: 'HEAD', headers })
    assert.equal(head.headers.get('content-length'), String(Buffer.byteLength(got.text)))
    assert.equal(head.text, '')
  })

  for (const list of ['asset-pools', 'addresses', 'key-pairs', 'transactions', 'exports']) {
    it(`when an item of ${list} is asked for by its id, then it is that item`, async (t) => {
      const sandbox = await start(t)
      const token = await grant(sandbox)
      const first = (await call(sandbox, `/digital/v1/${list}?pageSize=1`, token)).json.content[0]
      assert.deepEqual((await call(sandbox, `/digital/v1/${list}/${first.id}`, token)).json, first)
    })
  }

  it('when a transaction request is asked for by its requestId, then it is that request', async (t) => {
    const sandbox = await start(t)
    const token = await grant(sandbox)
    const first = (await call(sandbox, '/digital/v1/transaction-requests?pageSize=1', token)).json.content[0]
    const found = await call(sandbox, `/digital/v1/transaction-requests/${first.requestId}`, token)
    assert.deepEqual(found.json, first)
  })

  it('when a balance of a pool is asked for, then it is the one the pool lists, or zero', async (t) => {
    const sandbox = await start(t)
    const token = await grant(sandbox)
    const pool = (await call(sandbox, '/digital/v1/asset-pools', token)).json.content[0]
    const path = `/digital/v1/asset-pools/${pool.id}/balances`
    const { network, asset } = pool.balances[0]
    assert.deepEqual((await call(sandbox, `${path}?network=${network}&asset=${asset}`, token)).json, pool.balances[0])
    assert.equal((await call(sandbox, `${path}?network=TRON&asset=NONE`, token)).json.available, '0')
    const bare = await call(sandbox, path, token)
    assert.deepEqual([bare.status, Object.keys(bare.json.details.errors)], [400, ['network', 'asset']])
  })

  it('when networks are asked for, then they come as a plain array, as Layer1 describes them', async (t) => {
    const sandbox = await start(t)
    const { json } = await call(sandbox, '/digital/v1/networks', await grant(sandbox))
    assert.deepEqual(Object.keys(json[0]), ['network', 'nativeAsset', 'supportedAssets', 'tagSupported'])
  })
})

describe('given a list', () => {
  /** @type {[path: string, total: number, flat: boolean][]} */
  const lists = [
    ['/api/v1/asset-pools', 23, false],
    ['/digital/v1/asset-pools', 23, false],
    ['/digital/v1/addresses', 137, false],
    ['/digital/v1/key-pairs', 46, false],
    ['/digital/v1/transactions', 250, false],
    ['/digital/v1/transaction-requests', 64, false],
    ['/digital/v1/screenings', 41, false],
    ['/digital/v1/exports', 19, false],
    ['/treasury/v1/accounts', 42, true],
    ['/treasury/v1/payments', 120, true],
  ]
  for (const [path, total, flat] of lists) {
    it(`when ${path} is read page by page, then all ${total} rows come once, the last page short`, async (t) => {
      const sandbox = await start(t)
      const token = await grant(sandbox)
      const rows = []
      const pageSize = 9
      for (let pageNumber = 0; pageNumber * pageSize < total; pageNumber += 1) {
        const { json } = await call(sandbox, `${path}?pageNumber=${pageNumber}&pageSize=${pageSize}`, token)
        const { content, ...rest } = json
        const shape = flat
          ? { totalElements: total, totalPages: Math.ceil(total / pageSize), pageNumber, pageSize }
          : { totalElements: total, pageable: { pageNumber, pageSize } }
        assert.deepEqual(rest, shape)
        assert.equal(content.length, Math.min(pageSize, total - rows.length))
        rows.push(...content)
      }
      assert.equal(new Set(rows.map((row) => JSON.stringify(row))).size, total)
    })
  }

  it('when no page is asked for, then it is the first one, of 20 rows', async (t) => {
    const sandbox = await start(t)
    const { json } = await call(sandbox, '/api/v1/asset-pools', await grant(sandbox))
    assert.equal(json.content.length, 20)
    assert.deepEqual(json.pageable, { pageNumber: 0, pageSize: 20 })
  })

  it('when a page after the last is asked for, then it is empty', async (t) => {
    const sandbox = await start(t)
    const { json } = await call(sandbox, '/api/v1/asset-pools?pageNumber=2', await grant(sandbox))
    assert.deepEqual([json.content, json.totalElements], [[], 23])
  })

  /** @type {[query: string, field: string][]} */
  const wrong = [
    ['pageNumber=-1', 'pageNumber'],
    ['pageNumber=x', 'pageNumber'],
    ['pageNumber=1&pageNumber=2', 'pageNumber'],
    ['pageSize=0', 'pageSize'],
    ['pageSize=101', 'pageSize'],
    ['pageSize=', 'pageSize'],
    ['q=nonsense', 'q'],
  ]
  for (const [query, field] of wrong) {
    it(`when it is asked with ${query}, then it gets 400 with details.errors.${field}`, async (t) => {
      const sandbox = await start(t)
      const { status, json } = await call(sandbox, `/digital/v1/addresses?${query}`, await grant(sandbox))
      assert.deepEqual([status, json.status, Object.keys(json.details.errors)], [400, 'BAD_REQUEST', [field]])
    })
  }

  it('when 500 transactions are asked for at once, then that is allowed, and 501 are not', async (t) => {
    const sandbox = await start(t)
    const token = await grant(sandbox)
    assert.equal((await call(sandbox, '/digital/v1/transactions?pageSize=500', token)).json.content.length, 250)
    assert.equal((await call(sandbox, '/digital/v1/transactions?pageSize=501', token)).status, 400)
  })

  it('when it is searched by reference, then only what has it is counted and sent', async (t) => {
    const sandbox = await start(t)
    const token = await grant(sandbox)
    const row = (await call(sandbox, '/digital/v1/transactions?pageNumber=40&pageSize=1', token)).json.content[0]
    for (const q of [`reference:${row.reference}`, `reference:"${row.reference}" AND status:${row.status}`]) {
      const { json } = await call(sandbox, `/digital/v1/transactions?q=${encodeURIComponent(q)}`, token)
      assert.deepEqual(json.content, [row])
      assert.equal(json.totalElements, 1)
    }
    const all = await call(sandbox, '/digital/v1/transactions?q=reference:REF-*', token)
    assert.equal(all.json.totalElements, 250)
    const none = await call(sandbox, '/digital/v1/transactions?q=reference:REF-none', token)
    assert.deepEqual([none.json.content, none.json.totalElements], [[], 0])
  })

  it('when it is filtered by asset pool, then only that pool’s rows come', async (t) => {
    const sandbox = await start(t)
    const token = await grant(sandbox)
    const [{ id }] = (await call(sandbox, '/digital/v1/asset-pools', token)).json.content
    const { json } = await call(sandbox, `/digital/v1/addresses?assetPoolId=${id}`, token)
    assert.ok(json.content.length > 0 && json.totalElements < 137)
    assert.ok(json.content.every((/** @type {any} */ row) => row.assetPoolId === id))
  })

  it('when exports are filtered by a repeated type, then either type comes', async (t) => {
    const sandbox = await start(t)
    const token = await grant(sandbox)
    const counts = []
    for (const query of ['type=transaction', 'type=balance', 'type=transaction&type=balance']) {
      counts.push((await call(sandbox, `/digital/v1/exports?${query}`, token)).json.totalElements)
    }
    assert.equal(counts[0] + counts[1], counts[2])
    assert.ok(counts[0] > 0 && counts[1] > 0)
  })
})

describe('given the data', () => {
  it('when two sandboxes are asked the same, then they answer the same', async (t) => {
    const [one, two] = [await start(t), await start(t)]
    const path = '/digital/v1/transactions?pageSize=100'
    const [left, right] = [await call(one, path, await grant(one)), await call(two, path, await grant(two))]
    assert.equal(left.text, right.text)
  })

  it('when transactions are looked at, then ids, amounts and dates are as Layer1 writes them', async (t) => {
    const sandbox = await start(t)
    const { json } = await call(sandbox, '/digital/v1/transactions?pageSize=500', await grant(sandbox))
    for (const row of json.content) {
      assert.match(row.id, /^0x[0-9a-f]{64}$/)
      assert.match(row.address.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      assert.match(row.amount, /^(0|[1-9]\d*)\.\d{1,23}$/)
      assert.match(row.createdAt, /^2025-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}Z$/)
      assert.match(row.reference, /^REF-[0-9a-f]{8}$/)
    }
    assert.ok(json.content.some((/** @type {any} */ row) => row.updatedAt === null))
  })

  it('when the first asset pool is looked at, then its balance has 23 decimals, as a string', async (t) => {
    const sandbox = await start(t)
    const { json } = await call(sandbox, '/api/v1/asset-pools', await grant(sandbox))
    assert.equal(json.content[0].balances[0].available, '0.19848315335156838671875')
  })

  it('when treasury amounts are looked at, then they are JSON numbers of 19 digits, written out', async (t) => {
    const sandbox = await start(t)
    const { text, json } = await call(sandbox, '/treasury/v1/accounts', await grant(sandbox))
    assert.match(text, /"balance":1\.386770212175842462,/)
    assert.equal(typeof json.content[0].balance, 'number')
    assert.notEqual(String(json.content[0].balance), '1.386770212175842462')
  })
})

describe('given a body over 1 KB', () => {
  /**
   * @param {Sandbox} sandbox
   * @param {string} token
   * @param {string} path
   * @param {string} acceptEncoding
   * @returns {Promise<{ headers: http.IncomingHttpHeaders, body: Buffer }>}
   */
  function raw(sandbox, token, path, acceptEncoding) {
    const headers = { authorization: `Bearer ${token}`, 'accept-encoding': acceptEncoding }
    return new Promise((resolve, reject) => {
      const request = http.get(sandbox.baseUrl + path, { agent: false, headers }, async (response) => {
        resolve({ headers: response.headers, body: Buffer.concat(await response.toArray()) })
      })
      request.on('error', reject)
    })
  }

  it('when gzip is accepted, then it comes compressed, with Vary, and is the same', async (t) => {
    const sandbox = await start(t)
    const token = await grant(sandbox)
    const plain = await raw(sandbox, token, '/api/v1/asset-pools', 'identity')
    const zipped = await raw(sandbox, token, '/api/v1/asset-pools', 'br, gzip;q=0.5')
    assert.deepEqual([plain.headers['content-encoding'], plain.headers.vary], [undefined, 'accept-encoding'])
    assert.deepEqual([zipped.headers['content-encoding'], zipped.headers.vary], ['gzip', 'accept-encoding'])
    assert.equal(zipped.headers['content-length'], String(zipped.body.length))
    assert.ok(gunzipSync(zipped.body).equals(plain.body))
  })

  it('when gzip is refused by q=0, then it comes as it is', async (t) => {
    const sandbox = await start(t)
    const { headers } = await raw(sandbox, await grant(sandbox), '/api/v1/asset-pools', 'gzip;q=0, deflate')
    assert.equal(headers['content-encoding'], undefined)
  })

  it('when the body is short after all, then it comes as it is', async (t) => {
    const sandbox = await start(t)
    const { headers } = await raw(sandbox, await grant(sandbox), '/api/v1/asset-pools?pageSize=1', 'gzip')
    assert.deepEqual([headers['content-encoding'], headers.vary], [undefined, undefined])
  })
})
