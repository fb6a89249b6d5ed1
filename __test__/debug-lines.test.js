'use strict'
// NODE_DEBUG=layer1: a line on stderr for each attempt. Node reads the variable once, so each case has its own process.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { runChild, startChild } = require('./support/child.js')
const { answerOk, CLIENT_SECRET, deadEnd, neverAnswer, sendJson, sendToken, startPeer } = require('./support/peer.js')

/** @typedef {import('./support/peer.js').Answerer} Answerer */

/** A whole line; what the path may hold is anything. */
const LINE =
  /^LAYER1 \d+: (?<method>[A-Z]+) (?<path>.+) attempt (?<attempt>\d+): (?<ending>\d{3}|ERR_LAYER1_[A-Z_]+|given up) in (?<total>\d+\.\d) ms \(token (?<token>\d+\.\d), queue (?<queue>\d+\.\d), connect (?<connect>\d+\.\d), headers (?<headers>\d+\.\d), body (?<body>\d+\.\d)\), token from (?<source>fresh|cache|shared|refreshed)$/

/**
 * Makes calls one after the other in a process of its own, and gives the lines that it wrote to stderr.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('layer1').Layer1Options} options
 * @param {[name: string, ...args: unknown[]][]} calls the names of methods and their arguments
 * @param {string | null} [debug] NODE_DEBUG
 */
async function linesOf(t, options, calls, debug = 'layer1') {
  const ended = await runChild(
    t,
    async ({ options, calls }) => {
      /** @type {any} */
      const client = new (require('layer1').Layer1)(options)
      const outcomes = []
      for (const [name, ...args] of calls) {
        outcomes.push(
          await client[name](...args).then(
            () => 'ok',
            (/** @type {any} */ error) => error.code,
          ),
        )
      }
      console.log(JSON.stringify(outcomes))
    },
    { options, calls },
    debug === null ? {} : { NODE_DEBUG: debug },
  )
  assert.deepEqual([ended.code, ended.signal], [0, null], ended.stderr)
  return {
    lines: ended.stderr.split('\n').filter((line) => line !== ''),
    outcomes: JSON.parse(ended.stdout),
    output: ended.stdout + ended.stderr,
  }
}

/** Takes a line apart. @param {string} line */
function read(line) {
  const parts = LINE.exec(line)?.groups
  assert.ok(parts, `no line as it should be: ${line}`)
  return parts
}

/** Shows what is the same every time. @param {string} line */
function gist(line) {
  const { method, path, attempt, ending, source } = read(line)
  return `${method} ${path} #${attempt} ${ending} ${source}`
}

/**
 * Answers requests one after the other, each in its own way, and the later ones well.
 *
 * @param {Answerer[]} answers
 * @returns {Answerer}
 */
function inTurn(...answers) {
  return (request, response, count) => (answers[count - 1] ?? answerOk)(request, response, count)
}

/** @param {number} status @returns {Answerer} */
function withStatus(status) {
  return (_request, response) => sendJson(response, status, {})
}

describe('NODE_DEBUG=layer1', { timeout: 60_000 }, () => {
  it('given calls that succeed, when they are made, then there is one line for each, and none for what is no call', async (t) => {
    const { options } = await startPeer(t)
    const { lines, outcomes } = await linesOf(t, options, [
      ['getToken'],
      ['get', '/a'],
      ['post', '/b', { c: 1 }],
      ['request', 'DELETE', '/d'],
      ['getToken', { forceRefresh: true }],
      ['warmUp'],
    ])
    assert.deepEqual(outcomes, Array(6).fill('ok'))
    assert.deepEqual(lines.map(gist), ['GET /a #1 200 cache', 'POST /b #1 200 cache', 'DELETE /d #1 200 cache'])
  })

  it('given a retry and a replay, when one call makes them, then each attempt has its line', async (t) => {
    const { options } = await startPeer(t, { api: inTurn(withStatus(503), withStatus(401)) })
    const { lines } = await linesOf(t, options, [['get', '/a']])
    assert.deepEqual(lines.map(gist), ['GET /a #1 503 fresh', 'GET /a #2 401 cache', 'GET /a #3 200 refreshed'])
  })

  it('given an API that is down, when a call fails, then its lines have the code', async (t) => {
    const { options } = await startPeer(t)
    const { host, port } = await deadEnd(t)
    const { lines, outcomes } = await linesOf(t, { ...options, baseUrl: `http://${host}:${port}`, maxRetries: 1 }, [
      ['get', '/a'],
    ])
    assert.deepEqual(outcomes, ['ERR_LAYER1_CONNECT'])
    assert.deepEqual(lines.map(gist), ['GET /a #1 ERR_LAYER1_CONNECT fresh', 'GET /a #2 ERR_LAYER1_CONNECT cache'])
  })

  it('given an error of the API, when a call fails, then its line has the status', async (t) => {
    const { options } = await startPeer(t, { api: withStatus(404) })
    const { lines } = await linesOf(t, options, [['get', '/a']])
    assert.deepEqual(lines.map(gist), ['GET /a #1 404 fresh'])
  })

  it('given an attempt that the deadline cuts off, when the call fails, then its line has the code', async (t) => {
    const { options } = await startPeer(t, { api: inTurn(answerOk, neverAnswer) })
    // The first has token and connection made, so that the second is sent at once.
    const { lines } = await linesOf(t, options, [
      ['get', '/a'],
      ['get', '/b', { timeout: 500 }],
    ])
    assert.deepEqual(lines.map(gist), ['GET /a #1 200 fresh', 'GET /b #1 ERR_LAYER1_TIMEOUT cache'])
  })

  for (const departure of ['abort', 'close']) {
    it(`given an attempt that ${departure}() ends, when its process has nothing else to do, then its line says that it was given up`, async (t) => {
      const peer = await startPeer(t, { api: neverAnswer })
      const { child, ended } = startChild(
        t,
        async ({ options, departure }) => {
          const client = new (require('layer1').Layer1)(options)
          const controller = new AbortController()
          process.once('message', () => (departure === 'abort' ? controller.abort() : client.close()))
          await client.get('/a', { signal: controller.signal }).catch(({ name }) => console.log(name))
        },
        { options: peer.options, departure },
        { NODE_DEBUG: 'layer1' },
      )
      await peer.called(1)
      child.send('now')
      const { code, stdout, stderr } = await ended
      assert.deepEqual([code, stdout], [0, departure === 'abort' ? 'AbortError\n' : 'Layer1ClosedError\n'])
      assert.deepEqual(stderr.trimEnd().split('\n').map(gist), ['GET /a #1 given up fresh'])
    })
  }

  it('given the times of a line, when they are added up, then they are its total', async (t) => {
    const { options } = await startPeer(t)
    const { lines } = await linesOf(t, options, [
      ['get', '/a'],
      ['get', '/b'],
    ])
    assert.equal(lines.length, 2)
    for (const line of lines) {
      const { total, token, queue, connect, headers, body } = read(line)
      const spent = [token, queue, connect, headers, body].reduce((sum, time) => sum + Number(time), 0)
      // Each of them is rounded to a tenth, and so is the total.
      assert.ok(Math.abs(spent - Number(total)) < 0.31, line)
    }
  })

  it('given subscribers of both channels too, when a call is made, then there is still one line for it', async (t) => {
    const { options } = await startPeer(t, { api: inTurn(withStatus(503)) })
    const ended = await runChild(
      t,
      async (options) => {
        const { tracingChannel } = require('node:diagnostics_channel')
        let events = 0
        const count = () => void events++
        for (const name of ['layer1:request', 'layer1:token']) {
          /** @type {any} */
          const channel = tracingChannel(name)
          channel.subscribe({ start: count, asyncEnd: count })
        }
        await new (require('layer1').Layer1)(options).get('/a')
        console.log(events)
      },
      options,
      { NODE_DEBUG: 'layer1' },
    )
    assert.equal(ended.stdout, '4\n')
    const lines = ended.stderr.trimEnd().split('\n')
    assert.deepEqual(lines.map(gist), ['GET /a #1 503 fresh', 'GET /a #2 200 cache'])
  })

  for (const debug of ['LAYER1', 'http,layer1', 'layer*']) {
    it(`given NODE_DEBUG=${debug}, when a call is made, then its line is there`, async (t) => {
      const { options } = await startPeer(t)
      const { lines } = await linesOf(t, options, [['get', '/a']], debug)
      assert.deepEqual(lines.filter((line) => line.startsWith('LAYER1 ')).map(gist), ['GET /a #1 200 fresh'])
    })
  }

  it('given the ES module, when a call is made, then its line is there', async (t) => {
    const { options } = await startPeer(t)
    const ended = await runChild(
      t,
      async (options) => {
        const url = require('node:url').pathToFileURL(require.resolve('layer1/package.json'))
        const { Layer1 } = await import(new URL('index.mjs', url).href)
        await new Layer1(options).get('/a')
      },
      options,
      { NODE_DEBUG: 'layer1' },
    )
    assert.deepEqual(ended.stderr.trimEnd().split('\n').map(gist), ['GET /a #1 200 fresh'])
  })

  for (const debug of [null, '', 'http', 'layer']) {
    it(`given ${debug === null ? 'no NODE_DEBUG' : `NODE_DEBUG=${debug}`}, when calls are made and fail, then there is no line`, async (t) => {
      const { options } = await startPeer(t, { api: inTurn(answerOk, withStatus(503), answerOk, withStatus(404)) })
      const calls = [...Array(3).fill(['get', '/a']), ['get', '/../b']]
      const { lines, outcomes } = await linesOf(t, options, calls, debug)
      assert.deepEqual(outcomes, ['ok', 'ok', 'ERR_LAYER1_API', 'ERR_LAYER1_REQUEST'])
      assert.deepEqual(lines, [])
    })
  }
})

describe('the lines of NODE_DEBUG=layer1 and what they must not say', { timeout: 60_000 }, () => {
  const FORGED = 'LAYER1 1: GET /forged attempt 1: 200 in 0.1 ms'

  /** Paths that would end a line, or begin one, were they written as they are. @type {Record<string, string>} */
  const refused = {
    'a line break': `/a\n${FORGED}`,
    'a carriage return': `/a\r${FORGED}`,
    'an escape sequence': '/a\u001b[2K\u001b[1G',
    'an eight-bit control': `/a\u0085${FORGED}\u009b2K`,
    'an encoded line break': `/a%0A${FORGED}`,
    'a NUL': '/a\u0000b',
  }
  for (const [what, path] of Object.entries(refused)) {
    it(`given a path with ${what}, when it is refused, then there is no line of it`, async (t) => {
      const { options } = await startPeer(t)
      const { lines, outcomes } = await linesOf(t, options, [
        ['get', path],
        ['get', '/b'],
      ])
      assert.deepEqual(outcomes, ['ERR_LAYER1_REQUEST', 'ok'])
      assert.deepEqual(lines.map(gist), ['GET /b #1 200 fresh'])
    })
  }

  /** @type {Record<string, [given: string, shown: string]>} */
  const quoted = {
    quotes: [`/a"b'c\`d`, `/a\\"b'c\`d`],
    'format specifiers': ['/a/%25s/%25o/%25%25', '/a/%25s/%25o/%25%25'],
    'letters beyond ASCII': ['/ü/日本', '/ü/日本'],
  }
  for (const [what, [given, shown]] of Object.entries(quoted)) {
    it(`given a path with ${what}, when it is got, then its one line shows them so that they end nothing`, async (t) => {
      const { options } = await startPeer(t)
      const { lines } = await linesOf(t, options, [['get', given]])
      assert.deepEqual(lines.map(gist), [`GET ${shown} #1 200 fresh`])
    })
  }

  it('given a path that looks like the end of a line, when it is got, then there is one line, and its end is the true one', async (t) => {
    const { options } = await startPeer(t, { api: withStatus(404) })
    const path =
      '/a attempt 7: 200 in 0.1 ms (token 0.0, queue 0.0, connect 0.0, headers 0.1, body 0.0), token from cache'
    const { lines } = await linesOf(t, options, [['get', path]])
    assert.deepEqual(lines.map(gist), [`GET ${path.replaceAll(' ', '%20')} #1 404 fresh`])
  })

  it('given a path with line and paragraph separators, when it is got, then its line has none', async (t) => {
    const { options } = await startPeer(t)
    const { lines, output, outcomes } = await linesOf(t, options, [['get', `/a\u2028${FORGED}\u2029b\u202ec`]])
    assert.deepEqual(outcomes, ['ok'])
    assert.equal(lines.length, 1)
    assert.doesNotMatch(output, /[\u2028\u2029\u202e]/)
  })

  it('given calls of every kind, when they are written, then no secret, token, query, body, header or result is', async (t) => {
    const { options } = await startPeer(t, {
      token: (_request, response, count) => sendToken(response, { access_token: `tOkEn-${count}` }),
      api: inTurn(
        withStatus(401),
        (_request, response) => sendJson(response, 200, { is: 'rEsUlT-1' }, { 'x-result': 'rEsUlT-2' }),
        (_request, response) => sendJson(response, 400, { message: 'rEsUlT-3' }),
        (_request, response) => void response.writeHead(302, { location: '/b?qUeRy-1' }).end(),
        (_request, response) => void response.end('rEsUlT-4'),
      ),
    })
    const { lines, output } = await linesOf(t, options, [
      ['get', '/a?qUeRy-2', { query: { key: 'qUeRy-3' }, headers: { 'x-own': 'hEaDeR-1' } }],
      ['post', '/a?qUeRy-4', { is: 'bOdY-1' }],
      ['get', '/a?x=/b?qUeRy-5'],
      ['get', '/../a?qUeRy-6'],
      ['getToken', { forceRefresh: true }],
    ])
    assert.deepEqual(lines.map(gist), [
      'GET /a #1 401 fresh',
      'GET /a #2 200 refreshed',
      'POST /a #1 400 cache',
      'GET /a #1 200 cache',
    ])
    assert.doesNotMatch(output, /tOkEn|qUeRy|rEsUlT|bOdY|hEaDeR/)
    assert.ok(!output.includes(CLIENT_SECRET))
  })
})
