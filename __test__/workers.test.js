'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const { describe, it } = require('node:test')
const { runChild, startWorker } = require('./support/child.js')
const { answerOk, grantToken, makeClient, neverAnswer, startPeer } = require('./support/peer.js')

/** @param {any} options */
async function getAndTell(options) {
  const { parentPort } = require('node:worker_threads')
  const client = new (require('layer1').Layer1)(options)
  parentPort?.postMessage(await client.get('/from-worker'))
}

/** @param {any} options */
function getAndHang(options) {
  const client = new (require('layer1').Layer1)(options)
  for (let index = 0; index < 10; index++) client.get('/from-worker')
}

describe('a worker thread', { timeout: 60_000 }, () => {
  it('given a client in a worker, when it calls, then it is answered, and the worker ends by itself', async (t) => {
    const peer = await startPeer(t)
    const worker = startWorker(t, getAndTell, peer.options)
    const [[answer], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')])
    assert.deepEqual(answer, { ok: true })
    assert.equal(code, 0)
  })

  it('given clients in many workers and here, when all call at once, then all are answered', async (t) => {
    const peer = await startPeer(t)
    const client = makeClient(t, peer.options)
    const workers = Array.from({ length: 4 }, () => startWorker(t, getAndTell, peer.options))
    const answers = await Promise.all([
      client.get('/a'),
      ...workers.map(async (worker) => (await once(worker, 'message'))[0]),
    ])
    assert.deepEqual(answers, Array(5).fill({ ok: true }))
  })

  it('given calls in flight, when their worker is terminated, then the client of the main thread works on', async (t) => {
    const peer = await startPeer(t, {
      api: (request, response, count) =>
        request.url === '/from-worker' ? undefined : answerOk(request, response, count),
    })
    const client = makeClient(t, peer.options)
    await client.get('/before')
    const worker = startWorker(t, getAndHang, peer.options)
    await peer.called(11)
    await worker.terminate()
    assert.deepEqual(await client.get('/after'), { ok: true })
  })

  it('given calls in flight here, when a worker that calls too is terminated, then they are answered', async (t) => {
    /** @type {(() => void)[]} */
    const held = []
    const peer = await startPeer(t, {
      api: (request, response, count) => {
        if (request.url === '/mine') held.push(() => answerOk(request, response, count))
      },
    })
    const client = makeClient(t, peer.options)
    const mine = client.get('/mine')
    const worker = startWorker(t, getAndHang, peer.options)
    await peer.called(11)
    await worker.terminate()
    held[0]?.()
    assert.deepEqual(await mine, { ok: true })
  })

  it('given a token that a worker waits for, when it is terminated, then callers here get theirs', async (t) => {
    /** @type {(() => void)[]} */
    const held = []
    let isOpen = false
    const peer = await startPeer(t, {
      token: (request, response, count) => {
        if (isOpen) grantToken(request, response, count)
        else held.push(() => grantToken(request, response, count))
      },
    })
    const worker = startWorker(t, getAndHang, peer.options)
    await peer.asked(1)
    const client = makeClient(t, peer.options)
    const token = client.getToken()
    await worker.terminate()
    isOpen = true
    for (const grant of held) grant()
    assert.match(await token, /^token-/)
  })

  it('given calls in flight, when the worker calls process.exit(), then only the worker ends', async (t) => {
    const peer = await startPeer(t, { api: neverAnswer })
    const worker = startWorker(
      t,
      (options) => {
        const client = new (require('layer1').Layer1)(options)
        for (let index = 0; index < 10; index++) client.get('/from-worker')
        setImmediate(() => process.exit(3))
      },
      peer.options,
    )
    assert.deepEqual(await once(worker, 'exit'), [3])
  })

  it('given workers that are terminated at any moment, when many come and go, then the process lives', async (t) => {
    const peer = await startPeer(t)
    // In a process of its own: should it crash, that is one failure and not the end of this file.
    const ended = await runChild(
      t,
      async (options) => {
        const { Worker } = require('node:worker_threads')
        const { Layer1 } = require('layer1')
        const program = `
          const { workerData: { entry, options }, parentPort } = require('node:worker_threads')
          const client = new (require(entry).Layer1)(options)
          const again = () => client.get('/a').then(again, again)
          for (let index = 0; index < 20; index++) again()
          client.get('/b').then(() => parentPort.postMessage('busy'))
        `
        const client = new Layer1(options)
        for (let index = 0; index < 12; index++) {
          const worker = new Worker(program, {
            eval: true,
            workerData: { entry: require.resolve('layer1'), options },
          })
          // Some in their first steps, some in the midst of answers.
          if (index % 3 > 0)
            await new Promise((resolve) => worker.once(index % 3 === 1 ? 'online' : 'message', resolve))
          await worker.terminate()
        }
        console.log(JSON.stringify(await client.get('/c')))
      },
      peer.options,
    )
    assert.deepEqual(
      { code: ended.code, signal: ended.signal, stderr: ended.stderr },
      { code: 0, signal: null, stderr: '' },
    )
    assert.equal(ended.stdout, '{"ok":true}\n')
  })
})
