'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { runChild } = require('./support/child.js')
const { LARGE_KEY } = require('./support/keys.js')
const { startPeer } = require('./support/peer.js')

const skip = process.platform === 'linux' ? false : 'only Linux tells the CPU time of threads'

describe('the threads of a process that signs', { timeout: 60_000, skip }, () => {
  it('given calls signed with a large key, when CPU time is counted, then neither the JS nor the I/O thread spent it', async (t) => {
    const peer = await startPeer(t)
    const { clientSecret, ...own } = peer.options
    const options = { ...own, auth: /** @type {const} */ ('signature'), privateKey: LARGE_KEY }
    const ended = await runChild(
      t,
      async (options) => {
        const { readdirSync, readFileSync } = require('node:fs')
        const CALLS = 60
        /** @param {string} id */
        const time = (id) => Number(readFileSync(`/proc/self/task/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e6
        /** @param {string} name */
        const timeOf = (name) =>
          readdirSync('/proc/self/task')
            .filter((id) => readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim() === name)
            .reduce((sum, id) => sum + time(id), 0)
        const js = () => time(String(process.pid))
        const client = new (require('layer1').Layer1)(options)
        await client.get('/a')
        const before = { js: js(), io: timeOf('layer1-io'), work: timeOf('layer1-work') }
        await Promise.all(Array.from({ length: CALLS }, (_, index) => client.post('/a', { index })))
        const spent = {
          js: js() - before.js,
          io: timeOf('layer1-io') - before.io,
          work: timeOf('layer1-work') - before.work,
        }
        console.log(JSON.stringify(spent))
        await client.close()
      },
      options,
    )
    assert.deepEqual([ended.code, ended.stderr], [0, ''])
    const spent = JSON.parse(ended.stdout)
    t.diagnostic(`ms of CPU: ${ended.stdout.trim()}`)
    assert.ok(spent.work > 2 * spent.js, ended.stdout)
    assert.ok(spent.work > 2 * spent.io, ended.stdout)
  })
})
