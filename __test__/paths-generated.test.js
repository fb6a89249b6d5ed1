'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { drivePaths } = require('../scripts/paths/drive.js')
const { escapeOf } = require('../scripts/paths/judge.js')

const PATHS = 10_000

describe('generated paths', { timeout: 120_000 }, () => {
  it("given thousands of paths that would lead elsewhere, when they are got, then each is refused or arrives under the base, as Node's URL sees it", async (t) => {
    const { tried, refused, sent, escaped, escapes } = await drivePaths(PATHS, 1)
    t.diagnostic(`Paths by Node's URL: tried ${tried}, refused ${refused}, sent ${sent}, escaped ${escaped}`)
    assert.deepEqual(escapes.slice(0, 20), [])
    assert.equal(refused + sent, PATHS)
    assert.ok(refused > PATHS / 10 && sent > PATHS / 10, 'the paths test one side only')
  })

  for (const target of [
    '/v1/other',
    '/v1/tenant/../other',
    '/v1/tenant/%2e%2e/other',
    '/v1/tenant%2f..%2f..',
    '/v1/tenant/..\\..',
    '/v1/tenants',
    '//evil.example/v1/tenant/a',
    'http://evil.example/v1/tenant/a',
    '/v1/tenant/a#b',
    '/v1/tenant/a b',
  ]) {
    it(`given a request for ${target}, when it is judged, then it has left the base`, () => {
      assert.equal(typeof escapeOf(target, 'http://127.0.0.1:8080/v1/tenant'), 'string')
    })
  }

  for (const target of ['/v1/tenant/a', '/v1/tenant/', '/v1/tenant/a?b=../../c', '/v1/tenant/%252e%252e/a']) {
    it(`given a request for ${target}, when it is judged, then it has not left the base`, () => {
      assert.equal(escapeOf(target, 'http://127.0.0.1:8080/v1/tenant'), undefined)
    })
  }
})
