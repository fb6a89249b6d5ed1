'use strict'
// examples/express/server.js, ended in the midst of its work.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const net = require('node:net')
const { describe, it } = require('node:test')
const { startExample, variablesOf } = require('./support/examples.js')
const { answerOk, sendJson, startPeer } = require('./support/peer.js')

const CALLS = 5

/**
 * Starts the server with an API behind it, and requests that wait for that API.
 *
 * @param {import('node:test').TestContext} t
 * @param {NodeJS.ProcessEnv} [env]
 */
async function startBusyServer(t, env) {
  /** @type {import('node:http').ServerResponse[]} */
  const waiting = []
  const peer = await startPeer(t, { api: (_request, response) => waiting.push(response) })
  const server = startExample(t, 'express/server.js', { ...variablesOf(peer.options), PORT: '0', ...env })
  const [, url = ''] = await server.printed(/^listening on (http:\S+)$/m)
  const answers = Array.from({ length: CALLS }, async (_, id) => {
    const response = await fetch(`${url}pools/${id}`)
    return { status: response.status, body: await response.json() }
  })
  await peer.called(CALLS)
  return { server, url, answers, waiting }
}

/** Waits until nothing listens there any more. @param {string} url */
async function untilRefused(url) {
  for (;;) {
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {})
    // One that comes as the server closes may be reset.
    const error = await once(socket, 'connect').then(
      () => undefined,
      (error) => error,
    )
    socket.destroy()
    if (error?.code === 'ECONNREFUSED') return
  }
}

describe('given examples/express and calls under way', { timeout: 60_000 }, () => {
  it('when SIGTERM comes, then it accepts nothing more, answers what it has, and ends by itself', {
    skip: process.platform === 'win32' && 'Windows has no SIGTERM',
  }, async (t) => {
    const { server, url, answers, waiting } = await startBusyServer(t)
    server.child.kill('SIGTERM')
    await untilRefused(url)
    for (const response of waiting) sendJson(response, 200, { name: 'Treasury 01' })
    assert.deepEqual(await Promise.all(answers), Array(CALLS).fill({ status: 200, body: { name: 'Treasury 01' } }))
    const { code, signal, output } = await server.ended
    assert.deepEqual([code, signal], [0, null], output)
    assert.match(output, /\nclosed\n$/)
  })

  it('when they take longer than its grace, then they are answered with 503, and it ends by itself', {
    skip: process.platform === 'win32' && 'Windows has no SIGTERM',
  }, async (t) => {
    const { server, answers } = await startBusyServer(t, { GRACE_MS: '50' })
    server.child.kill('SIGTERM')
    const refused = { status: 503, body: { error: 'ERR_LAYER1_CLOSED' } }
    assert.deepEqual(await Promise.all(answers), Array(CALLS).fill(refused))
    const { code, signal, output } = await server.ended
    assert.deepEqual([code, signal], [0, null], output)
  })

  it('when the API says 404, then it does so too, and what it says of other errors is their code alone', async (t) => {
    const status = { ok: 200, absent: 404, wrong: 400 }
    const peer = await startPeer(t, {
      api(request, response, count) {
        const name = /** @type {keyof typeof status} */ (request.url.split('/').at(-1))
        if (name === 'ok') answerOk(request, response, count)
        else sendJson(response, status[name], { code: 'x', message: 'of no concern to others' })
      },
    })
    const server = startExample(t, 'express/server.js', { ...variablesOf(peer.options), PORT: '0' })
    const [, url] = await server.printed(/^listening on (http:\S+)$/m)
    const answers = await Promise.all(
      ['ok', 'absent', 'wrong'].map(async (name) => {
        const response = await fetch(`${url}pools/${name}`)
        return [response.status, await response.text()]
      }),
    )
    assert.deepEqual(answers, [
      [200, '{}'],
      [404, '{"error":"there is no such pool"}'],
      [500, '{"error":"ERR_LAYER1_API"}'],
    ])
    await server.end()
  })
})
