'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { on, once } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')
const { it } = require('node:test')

const root = path.join(__dirname, '..')

it('given npm run dev, when a source changes, then the program is run again', { timeout: 60_000 }, async (t) => {
  const name = `dev-${process.pid}.js`
  const file = path.join(root, '__test__', 'support', name)
  fs.writeFileSync(file, "console.log('first run')\n")
  const dev = spawn(process.execPath, ['scripts/dev.js', `__test__/support/${name}`], { cwd: root, env: process.env })
  t.after(async () => {
    dev.kill()
    await once(dev, 'exit')
    fs.rmSync(file)
  })
  await said(dev, 'first run', 'waiting for a change')
  fs.writeFileSync(file, "console.log('second run')\n")
  const told = await said(dev, 'second run', 'waiting for a change')
  assert.match(told, /changed\n/)
})

/**
 * Waits until a program has written all of these.
 *
 * @param {import('node:child_process').ChildProcessWithoutNullStreams} program
 * @param {string[]} texts
 */
async function said(program, ...texts) {
  let output = ''
  for await (const [chunk] of on(program.stdout, 'data')) {
    output += chunk
    if (texts.every((text) => output.includes(text))) break
  }
  return output
}
