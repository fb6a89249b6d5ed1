'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const { describe, it } = require('node:test')
const { startWorker } = require('./support/child.js')
const { makeClient } = require('./support/peer.js')

/** Serves a token and pages of 48 KB, as fast as it can. @param {string} name */
function serve(name) {
  const rows = Array.from({ length: 1_000 }, (_, index) => ({ id: index, name: `Asset pool number ${index}` }))
  const body = JSON.stringify({ content: rows })
  const token = JSON.stringify({ access_token: name, token_type: 'Bearer', expires_in: 300 })
  const server = require('node:http').createServer((request, response) => {
    response.end(request.method === 'POST' ? token : body)
  })
  server.listen(0, '127.0.0.1', () => {
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
    require('node:worker_threads').parentPort?.postMessage(port)
  })
}

describe('the event loop of a busy program', { timeout: 60_000 }, () => {
  it('given callers that read pages as fast as they come, when calls end, then few end in one turn of the loop', async (t) => {
    const [port] = await once(startWorker(t, serve, 'token'), 'message')
    const baseUrl = `http://127.0.0.1:${port}`
    const client = makeClient(t, { clientId: 'a', clientSecret: 'b', baseUrl, tokenUrl: `${baseUrl}/token` })
    let [isOver, ended, most] = [false, 0, 0]
    const turn = () => {
      most = Math.max(most, ended)
      ended = 0
      if (!isOver) setImmediate(turn)
    }
    setImmediate(turn)
    const caller = async () => {
      for (let call = 0; call < 50; call++) {
        await client.get('/a')
        ended += 1
      }
    }
    await Promise.all(Array.from({ length: 16 }, caller))
    isOver = true
    t.diagnostic(`at most ${most} of 800 calls ended in one turn`)
    // Two batches can fall into one turn, each of at most two such pages.
    assert.ok(most <= 6, `${most} calls ended in one turn`)
  })
})
