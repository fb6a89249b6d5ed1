'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { runChild, startChild } = require('./support/child.js')
const { answerOk, deadEnd, neverAnswer, sendToken, startPeer } = require('./support/peer.js')

/** @typedef {import('./support/child.js').Ended} Ended */

/** @param {Ended} ended */
function assertCleanEnd({ code, signal, stderr }) {
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
}

describe('loading the package', { timeout: 60_000 }, () => {
  const skip = process.platform === 'linux' ? false : 'threads are counted in /proc, which only Linux has'

  it('given require alone, and a client that is made, when threads are counted, then none was started', {
    skip,
  }, async (t) => {
    const { options } = await startPeer(t)
    const ended = await runChild(
      t,
      async (options) => {
        const { readdirSync } = require('node:fs')
        const threads = () => readdirSync('/proc/self/task').length
        const before = threads()
        const { Layer1 } = require('layer1')
        const client = new Layer1(options)
        const after = threads()
        await client.getToken()
        console.log(JSON.stringify({ before, after, used: threads() }))
      },
      options,
    )
    assertCleanEnd(ended)
    const { before, after, used } = JSON.parse(ended.stdout)
    assert.equal(after, before)
    assert.ok(used > before, 'the count cannot see threads: this test could not fail')
  })

  it('given a certificate file that is missing, when the package is only loaded, then nobody looks for it', async (t) => {
    const ended = await runChild(t, () => void require('layer1'), null, { NODE_EXTRA_CA_CERTS: '/nonexistent.pem' })
    assert.doesNotMatch(ended.stderr, /layer1/)
    assert.equal(ended.code, 0)
  })
})

describe('the life of a process', { timeout: 60_000 }, () => {
  it('given a client that was never used, when nothing else is to do, then the process ends', async (t) => {
    const { options } = await startPeer(t)
    const main = (/** @type {any} */ options) => void new (require('layer1').Layer1)(options)
    assertCleanEnd(await runChild(t, main, options))
  })

  it('given a client with token and connections, when nothing else is to do, then the process ends', async (t) => {
    const { options } = await startPeer(t)
    const ended = await runChild(
      t,
      async (options) => {
        const client = new (require('layer1').Layer1)(options)
        console.log(JSON.stringify(await client.get('/a')))
      },
      options,
    )
    assertCleanEnd(ended)
    assert.equal(ended.stdout, '{"ok":true}\n')
  })

  it('given a token of a moment, when it expires while nothing else is to do, then the process ends', async (t) => {
    const peer = await startPeer(t, { token: (_request, response) => sendToken(response, { expires_in: 0.05 }) })
    const ended = await runChild(
      t,
      async (options) => void (await new (require('layer1').Layer1)(options).getToken()),
      peer.options,
    )
    assertCleanEnd(ended)
  })

  for (const method of /** @type {const} */ (['get', 'getToken'])) {
    it(`given ${method}() in flight, when nothing else is to do, then the process waits for its answer`, async (t) => {
      const later = (/** @type {import('./support/peer.js').Answerer} */ answer) =>
        /** @type {import('./support/peer.js').Answerer} */ ((...args) => void setTimeout(() => answer(...args), 300))
      const peer = await startPeer(t, {
        token: later((_request, response) => sendToken(response)),
        api: later(answerOk),
      })
      const ended = await runChild(
        t,
        async ({ options, method }) => {
          const client = new (require('layer1').Layer1)(options)
          await (method === 'get' ? client.get('/a') : client.getToken())
          console.log('answered')
        },
        { options: peer.options, method },
      )
      assertCleanEnd(ended)
      assert.equal(ended.stdout, 'answered\n')
    })
  }

  it('given a call that was aborted, when nothing else is to do, then the process ends', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const ended = await runChild(
      t,
      async (options) => {
        const client = new (require('layer1').Layer1)(options)
        await client.get('/a', { signal: AbortSignal.timeout(200) }).catch(() => console.log('aborted'))
      },
      peer.options,
    )
    assertCleanEnd(ended)
    assert.equal(ended.stdout, 'aborted\n')
  })

  it('given a client that is closed with calls in flight, when nothing else is to do, then the process ends', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const ended = await runChild(
      t,
      async (options) => {
        const client = new (require('layer1').Layer1)(options)
        const calls = [client.get('/a'), client.get('/b')].map((call) => call.catch((error) => error.code))
        await client.getToken()
        await client.close()
        console.log(JSON.stringify(await Promise.all(calls)))
      },
      peer.options,
    )
    assertCleanEnd(ended)
    assert.deepEqual(JSON.parse(ended.stdout), ['ERR_LAYER1_CLOSED', 'ERR_LAYER1_CLOSED'])
  })

  it('given clients that are dropped without close(), when they are collected, then nothing breaks', async (t) => {
    const peer = await startPeer(t)
    const ended = await runChild(
      t,
      async (options) => {
        require('node:v8').setFlagsFromString('--expose-gc')
        const collect = require('node:vm').runInNewContext('gc')
        const { Layer1 } = require('layer1')
        for (let index = 0; index < 20; index++) {
          const call = new Layer1(options).get('/a')
          collect()
          await call
          collect()
        }
      },
      peer.options,
    )
    assertCleanEnd(ended)
  })

  it('given a failure that nobody handles, when it comes, then the process ends with 1, as for any other', async (t) => {
    const { host, port } = await deadEnd(t)
    const { options } = await startPeer(t)
    const ended = await runChild(
      t,
      (options) => void new (require('layer1').Layer1)(options).get('/a', { maxRetries: 0 }),
      { ...options, baseUrl: `http://${host}:${port}`, maxRetries: 0 },
    )
    assert.deepEqual([ended.code, ended.signal], [1, null])
    assert.match(ended.stderr, /ERR_LAYER1_CONNECT/)
  })
})

describe('process.exit()', { timeout: 60_000 }, () => {
  it('given calls that have just begun, when the process exits, then it does so at once and with its code', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const ended = await runChild(
      t,
      (options) => {
        const client = new (require('layer1').Layer1)(options)
        for (let index = 0; index < 50; index++) client.get('/a')
        process.exit(0)
      },
      peer.options,
    )
    assertCleanEnd(ended)
  })

  it('given calls that the server has, when the process exits, then it does so with its code', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const { child, ended } = startChild(
      t,
      (options) => {
        const client = new (require('layer1').Layer1)(options)
        for (let index = 0; index < 50; index++) client.get('/a')
        process.once('message', () => process.exit(0))
      },
      peer.options,
    )
    await peer.called(50)
    child.send('exit')
    assertCleanEnd(await ended)
  })

  it('given a flood of answers, when the process exits in the midst of it, then it does so with its code', async (t) => {
    const peer = await startPeer(t)
    const ended = await runChild(
      t,
      async (options) => {
        const client = new (require('layer1').Layer1)(options)
        const calls = Array.from({ length: 500 }, () => client.get('/a'))
        await calls[100]
        process.exit(0)
      },
      peer.options,
    )
    assertCleanEnd(ended)
  })

  it('given an exit handler that still calls, when the process exits, then it does so with its code', async (t) => {
    const peer = await startPeer(t)
    const ended = await runChild(
      t,
      async (options) => {
        const { Layer1 } = require('layer1')
        const client = new Layer1(options)
        await client.get('/a')
        process.on('exit', () => {
          client.get('/b')
          client.getToken()
          new Layer1(options).get('/c')
          client.close()
        })
        process.exit(0)
      },
      peer.options,
    )
    assertCleanEnd(ended)
  })
})
