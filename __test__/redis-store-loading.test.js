'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { runChild } = require('./support/child.js')

describe('given a program that loads layer1/redis', { timeout: 30_000 }, () => {
  it('when what was loaded is listed, then it is neither a Redis client nor anything native', async (t) => {
    const { code, stdout, stderr } = await runChild(t, listLoaded, null)
    assert.deepEqual([code, stderr], [0, ''])
    const files = JSON.parse(stdout)
    assert.ok(files.some((/** @type {string} */ file) => /lib.redis.index\.js$/.test(file)))
    assert.deepEqual(
      files.filter((/** @type {string} */ file) => /node_modules|\.node$|face\.js$/.test(file)),
      [],
    )
  })

  it('when it is imported and required, then both give the very same function', async () => {
    const { redisTokenStore, ...more } = await import('layer1/redis')
    assert.equal(redisTokenStore, require('layer1/redis').redisTokenStore)
    assert.deepEqual(
      Object.keys(more).filter((name) => !['default', 'module.exports'].includes(name)),
      [],
    )
  })
})

function listLoaded() {
  require('layer1/redis')
  console.log(JSON.stringify(Object.keys(require.cache)))
}
