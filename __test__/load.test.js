'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { describe, it } = require('node:test')
const load = require('../lib/load.js')
const { Layer1Error } = require('layer1')

const here = `${process.platform}-${process.arch}`

/** @param {Record<string, string[]>} platforms */
function refusal(platforms) {
  try {
    load(platforms)
  } catch (error) {
    assert.ok(error instanceof Layer1Error)
    assert.equal(error.code, 'ERR_LAYER1_PLATFORM')
    return error.message
  }
  throw new assert.AssertionError({ message: 'a binary was loaded' })
}

describe('loading where no binary fits', () => {
  it('given a platform without one, then the error names it, its libc, and those that have one', () => {
    const message = refusal({ 'plan9-mips': ['plan9-mips'] })
    assert.ok(message.includes(here) && message.includes('plan9-mips') && message.includes(process.version), message)
    if (process.platform === 'linux') assert.match(message, /with (glibc \d|musl)/)
  })

  it('given a binary that is not installed, then the error says how to get it, in a clone and elsewhere', () => {
    const message = refusal({ [here]: ['none-such'] })
    assert.match(message, /not installed/)
    assert.match(message, /npm run build/)
    assert.match(message, /optional dependencies/)
  })

  it('given a binary that does not load, then the error says so, and why', (t) => {
    const file = path.join(__dirname, '..', 'lib', `layer1.broken-${process.pid}.node`)
    fs.writeFileSync(file, 'no library')
    t.after(() => fs.rmSync(file))
    assert.match(refusal({ [here]: [`broken-${process.pid}`] }), /is there and does not load: .+/)
  })

  it('given a clone that is not built, when the package is loaded, then the error says which command builds it', (t) => {
    const root = path.join(__dirname, '..')
    const clone = fs.mkdtempSync(path.join(os.tmpdir(), 'layer1-clone-'))
    t.after(() => fs.rmSync(clone, { recursive: true }))
    const isBuilt = (/** @type {string} */ file) => file.endsWith('.node') || file.endsWith('face.js')
    for (const name of ['index.js', 'package.json', 'lib']) {
      fs.cpSync(path.join(root, name), path.join(clone, name), { recursive: true, filter: (file) => !isBuilt(file) })
    }
    assert.throws(() => require(clone), { code: 'ERR_LAYER1_PLATFORM', message: /npm run build/ })
  })
})
