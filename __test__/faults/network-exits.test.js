'use strict'
// Processes and workers that end with calls in flight.

require('../support/clean-env.js')
const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const path = require('node:path')
const { describe, it } = require('node:test')
const { promisify } = require('node:util')

const script = path.join(__dirname, '..', '..', 'scripts', 'exits.js')

describe('the end of a process or a worker', { timeout: 180_000 }, () => {
  it('given 60 processes that end and 40 workers that are terminated with calls in flight, when they are looked at, then none crashed or hung', async (t) => {
    const { stdout } = await promisify(execFile)(process.execPath, [script, '--processes', '60', '--workers', '40'])
    for (const line of stdout.trim().split('\n')) t.diagnostic(line)
    assert.match(stdout, /^Processes: 60 ended .* 60 clean, 0 by a signal, 0 hanging, 0 otherwise/m)
    const busy = Number(/^Workers: 40 terminated, at least (\d+) .* \{"ok":true\}$/m.exec(stdout)?.[1])
    assert.ok(busy >= 20, `${busy} workers were busy`)
  })
})
