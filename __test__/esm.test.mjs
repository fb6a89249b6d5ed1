import './support/clean-env.js'
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import * as module from 'layer1'
import * as esmSandbox from 'layer1/sandbox'

const require = createRequire(import.meta.url)
/** @type {Record<string, unknown>} */
const esm = { ...module }
/** @type {Record<string, unknown>} */
const cjs = require('layer1')

describe('the ES module', { timeout: 60_000 }, () => {
  it('given both module systems, when their names are compared, then they are the same', () => {
    const names = Object.keys(esm).filter((name) => name !== 'default' && name !== 'module.exports')
    assert.deepEqual(names.sort(), Object.keys(cjs).sort())
  })

  for (const name of Object.keys(cjs)) {
    it(`given ${name}, when both module systems give it, then it is the very same object`, () => {
      assert.equal(esm[name], cjs[name])
    })
  }

  for (const [name, value] of Object.entries(cjs)) {
    it(`given ${name}, when a logger asks for its name, then it is that of the export`, () => {
      assert.equal(/** @type {Function} */ (value).name, name)
    })
  }

  for (const name of [
    'Layer1',
    'Layer1Error',
    'Layer1ConfigError',
    'Layer1RequestError',
    'Layer1AuthError',
    'Layer1ApiError',
    'Layer1ConnectionError',
    'Layer1TimeoutError',
    'Layer1ResponseError',
    'Layer1ClosedError',
    'Layer1WebhookError',
  ]) {
    it(`given the promised export ${name}, when it is imported by name, then it is a class`, () => {
      assert.equal(typeof esm[name], 'function')
    })
  }

  it('given layer1/sandbox, when both module systems give it, then it is the very same function', () => {
    assert.equal(esmSandbox.startSandbox, require('layer1/sandbox').startSandbox)
  })

  it('given a path that is not exported, when it is imported, then it is not to be had', async () => {
    await assert.rejects(import(/** @type {any} */ ('layer1/lib/client.js')), { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' })
  })

  it('given layer1/package.json, when it is required, then it is to be had', () => {
    assert.equal(require('layer1/package.json').name, 'layer1')
  })
})
