'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const { describe, it } = require('node:test')
const { inspect } = require('node:util')
const { startWorker } = require('./support/child.js')
const {
  breakOff,
  holding,
  inTurn,
  recordRequests,
  recordTokens,
  stages,
  startBoth,
  subscribe,
  SUCCESS,
  theOne,
  withStatus,
} = require('./support/events.js')
const { rejection } = require('./support/failures.js')
const { CLIENT_ID, grantToken, makeClient, sendJson, sendToken } = require('./support/peer.js')

describe('events and secrets', { timeout: 60_000 }, () => {
  const SECRET = 'sEcReT:% + é-0b7f3'
  const QUERY = 'qUeRy-7d1e'
  const RESULT = 'rEsUlT-93bc'
  const BODY = 'bOdY-44aa'
  const basic = Buffer.from(`${CLIENT_ID}:${new URLSearchParams({ s: SECRET }).toString().slice(2)}`)
  const forms = [
    SECRET,
    encodeURIComponent(SECRET),
    new URLSearchParams({ s: SECRET }).toString().slice(2),
    basic.toString('base64').replace(/=+$/, ''),
    'tOkEn-',
    QUERY,
    RESULT,
    BODY,
  ]

  /** @param {any} event */
  function textsOf(event) {
    return [
      JSON.stringify(event),
      inspect(event, { depth: 9, showHidden: true, getters: true }),
      inspect(event.error, { depth: 9, showHidden: true, getters: true }),
      `${event.error?.message}\n${event.error?.stack}`,
    ]
  }

  it('given calls that do everything, when each event is looked at in each stage, then it tells no secret, token, query, body or result', async (t) => {
    let isRight = true
    const { realm, options } = await startBoth(t, {
      token: ({ body, headers }, response, count) =>
        isRight
          ? sendToken(response, { access_token: `tOkEn-${count}`, scope: 'a b' })
          : sendJson(response, 401, { error: `no ${body}`, error_description: `${SECRET} ${headers.authorization}` }),
      api: inTurn(
        (_request, response) => sendJson(response, 200, { secret: RESULT }, { 'x-result': RESULT }),
        withStatus(401),
        (_request, response) => sendJson(response, 200, { secret: RESULT }),
        withStatus(503),
        breakOff,
        (_request, response) => sendJson(response, 200, { secret: RESULT }, { 'x-result': RESULT }),
        withStatus(404),
        (_request, response) => void response.writeHead(302, { location: `/b?${QUERY}` }).end(),
        (_request, response) => void response.writeHead(200, { 'content-type': 'text/plain' }).end(RESULT),
      ),
    })
    /** @type {string[]} */
    const looks = []
    let texts = ''
    for (const channel of ['layer1:request', 'layer1:token']) {
      const look = (/** @type {string} */ stage) => (/** @type {any} */ event) => {
        if (event.tokenUrl !== undefined && event.tokenUrl !== realm.options.tokenUrl) return
        looks.push(`${channel} ${stage}`)
        texts += textsOf(event).join('\n')
      }
      subscribe(t, channel, Object.fromEntries(stages.map((stage) => [stage, look(stage)])))
    }

    const client = makeClient(t, { ...options, clientSecret: SECRET, clientAuth: 'client_secret_basic' })
    await client.get(`/a?${QUERY}`, { query: { key: QUERY } })
    await client.post('/a', { secret: BODY }, { query: { key: QUERY } })
    await client.request('PUT', '/a', { body: BODY, query: new URLSearchParams({ [QUERY]: '1' }) })
    await rejection(client.delete(`/a?${QUERY}`))
    await client.get(`/redirected?${QUERY}`, { responseType: 'text' })
    await rejection(client.get(`/../a?${QUERY}`))
    await rejection(client.get('/a', { query: { key: QUERY }, signal: AbortSignal.abort() }))
    await client.getToken({ forceRefresh: true })
    await client.getTokenInfo({ forceRefresh: true })
    await client.warmUp()
    isRight = false
    await rejection(client.getToken({ forceRefresh: true }))
    const stranger = makeClient(t, { ...options, clientSecret: SECRET, shareToken: false })
    await rejection(stranger.get(`/a?${QUERY}`))
    await client.close()
    await rejection(client.get(`/a?${QUERY}`))

    const everyStage = ['layer1:request', 'layer1:token'].flatMap((name) => stages.map((stage) => `${name} ${stage}`))
    assert.deepEqual([...new Set(looks)].sort(), everyStage.sort())
    for (const form of forms) assert.ok(!texts.includes(form), `${form} is in: ${texts}`)
  })

  it('given an event that is kept, when its call and its client have ended, then it still tells nothing', async (t) => {
    const { realm, options } = await startBoth(t, {
      token: (_request, response) => sendToken(response, { access_token: 'tOkEn-1' }),
      api: (_request, response) => sendJson(response, 200, { secret: RESULT }),
    })
    const [seen, tokens] = [recordRequests(t), recordTokens(t, realm)]
    const client = makeClient(t, { ...options, clientSecret: SECRET })
    await client.get('/a', { query: { key: QUERY } })
    await client.close()
    const texts = [theOne(seen, SUCCESS), theOne(tokens, SUCCESS)].flatMap(textsOf).join('\n')
    for (const form of forms) assert.ok(!texts.includes(form), `${form} is in: ${texts}`)
  })
})

describe('events in worker threads', { timeout: 60_000 }, () => {
  /** @param {any} options */
  async function getAndTell(options) {
    const { tracingChannel } = require('node:diagnostics_channel')
    const { parentPort } = require('node:worker_threads')
    /** @type {unknown[]} */
    const seen = []
    for (const name of ['layer1:request', 'layer1:token']) {
      const { start, asyncEnd } = /** @type {any} */ (tracingChannel(name))
      start.subscribe((/** @type {any} */ event) => seen.push([name, 'start', event.path ?? null]))
      asyncEnd.subscribe((/** @type {any} */ event) => seen.push([name, 'asyncEnd', event.tokenSource ?? null]))
    }
    await new (require('layer1').Layer1)(options).get('/from-worker')
    parentPort?.postMessage(seen)
  }

  it('given a worker and this thread, when both call, then each sees its own calls and token requests only', async (t) => {
    const { realm, options } = await startBoth(t)
    const [seen, tokens] = [recordRequests(t), recordTokens(t, realm)]
    const worker = startWorker(t, getAndTell, options)
    const [theirs] = await once(worker, 'message')
    assert.deepEqual(theirs, [
      ['layer1:request', 'start', '/from-worker'],
      ['layer1:token', 'start', null],
      ['layer1:token', 'asyncEnd', null],
      ['layer1:request', 'asyncEnd', 'fresh'],
    ])
    assert.deepEqual([seen, tokens], [[], []])
    // They share the token: who did not ask for it has no event.
    await makeClient(t, options).get('/from-here')
    const event = theOne(seen, SUCCESS)
    assert.deepEqual([event.path, event.tokenSource, tokens], ['/from-here', 'cache', []])
  })

  it('given a token that this thread asks for, when a worker waits for it too, then the event is here alone', async (t) => {
    const { answer, release } = holding(grantToken)
    const { realm, options } = await startBoth(t, { token: answer })
    const tokens = recordTokens(t, realm)
    const mine = makeClient(t, options).getToken()
    await realm.asked(1)
    const worker = startWorker(t, getAndTell, options)
    await once(worker, 'online')
    release()
    const [theirs] = await once(worker, 'message')
    await mine
    assert.deepEqual(
      theirs.map((/** @type {string[]} */ [name, stage]) => `${name} ${stage}`),
      ['layer1:request start', 'layer1:request asyncEnd'],
    )
    theOne(tokens, SUCCESS)
  })
})
