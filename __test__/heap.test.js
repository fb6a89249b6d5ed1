'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { mkdtempSync, readFileSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { describe, it } = require('node:test')
const { runChild } = require('./support/child.js')
const { sendToken, startPeer } = require('./support/peer.js')

// Short enough for a snapshot to hold it whole; known to this process, and never told to the one that is looked into.
const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.heap-test-41c9e0.c2lnbmF0dXJl'

/**
 * Lets a process use a client in some way, and gives a snapshot of its heap.
 *
 * @param {import('node:test').TestContext} t
 * @param {'get' | 'failing get' | 'getToken'} use
 */
async function snapshotAfter(t, use) {
  const directory = mkdtempSync(join(tmpdir(), 'layer1-heap-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, 'one.heapsnapshot')
  const peer = await startPeer(t, {
    token: (_request, response) => sendToken(response, { access_token: TOKEN }),
    api: (request, response) => void response.writeHead(request.url === '/fails' ? 500 : 200).end('[]'),
  })
  const ended = await runChild(
    t,
    async ({ options, use, file }) => {
      const client = new (require('layer1').Layer1)(options)
      /** @type {unknown[]} */
      const kept = []
      if (use === 'getToken') kept.push(await client.getToken())
      const path = use === 'failing get' ? '/fails' : '/a'
      for (let index = 0; index < 200; index++) {
        kept.push(await client.get(path).catch((/** @type {unknown} */ error) => error))
      }
      require('node:v8').writeHeapSnapshot(file)
      // Kept to the end, so that it is in the snapshot.
      process.exitCode = kept.length > 0 ? 0 : 1
      await client.close()
    },
    { options: { ...peer.options, maxRetries: 0 }, use, file },
  )
  assert.deepEqual([ended.code, ended.signal, ended.stderr], [0, null, ''])
  assert.ok(peer.calls.length >= 200)
  assert.equal(peer.calls[199]?.headers.authorization, `Bearer ${TOKEN}`)
  return readFileSync(file, 'latin1')
}

describe('a heap snapshot', { timeout: 120_000 }, () => {
  it('given a process that called get() 200 times, when its heap is written down, then the token is not in it', async (t) => {
    assert.ok(!(await snapshotAfter(t, 'get')).includes(TOKEN))
  })

  it('given a process whose calls all failed, when its heap is written down, then the token is not in it', async (t) => {
    assert.ok(!(await snapshotAfter(t, 'failing get')).includes(TOKEN))
  })

  it('given a process that asked for the token, when its heap is written down, then it is in it: the search can find it', async (t) => {
    assert.ok((await snapshotAfter(t, 'getToken')).includes(TOKEN))
  })
})
