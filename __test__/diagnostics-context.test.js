'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { AsyncLocalStorage } = require('node:async_hooks')
const { tracingChannel } = require('node:diagnostics_channel')
const { describe, it } = require('node:test')
const { runChild } = require('./support/child.js')
const { inTurn, startBoth, subscribe, SUCCESS, withStatus } = require('./support/events.js')
const { rejection } = require('./support/failures.js')
const { makeClient } = require('./support/peer.js')

/** @typedef {import('layer1').Layer1RequestEvent} RequestEvent */

describe('the context of a traced call', { timeout: 60_000 }, () => {
  it('given callers in contexts of their own, when their calls are traced, then every stage is in that of its caller', async (t) => {
    const { options } = await startBoth(t, { api: inTurn(withStatus(503), withStatus(401)) })
    const client = makeClient(t, options)
    const storage = new AsyncLocalStorage()
    /** @type {[string, string, unknown][]} */
    const seen = []
    const note = (/** @type {string} */ stage) => (/** @type {RequestEvent} */ event) =>
      void seen.push([event.path, stage, storage.getStore()])
    subscribe(t, 'layer1:request', Object.fromEntries(SUCCESS.map((stage) => [stage, note(stage)])))
    const names = ['/a', '/b', '/c']
    const after = await Promise.all(
      names.map((name) => storage.run(name, () => client.get(name).then(() => storage.getStore()))),
    )
    assert.deepEqual(after, names)
    assert.equal(seen.length, names.length * SUCCESS.length)
    for (const [path, stage, store] of seen) assert.equal(store, path, `${stage} of ${path}`)
  })

  it('given a call that fails, when its error is published, then that is in the context of its caller', async (t) => {
    const { options } = await startBoth(t, { api: withStatus(404) })
    const storage = new AsyncLocalStorage()
    /** @type {unknown[]} */
    const stores = []
    const note = () => void stores.push(storage.getStore())
    subscribe(t, 'layer1:request', { error: note, asyncEnd: note })
    await storage.run('mine', () => rejection(makeClient(t, options).get('/a')))
    assert.deepEqual(stores, ['mine', 'mine'])
  })

  it('given a store that is bound to start, when a call is traced, then every stage of it has its store, and the caller keeps its own', async (t) => {
    const { options } = await startBoth(t)
    const client = makeClient(t, options)
    const storage = new AsyncLocalStorage()
    const { start } = /** @type {any} */ (tracingChannel('layer1:request'))
    start.bindStore(storage, (/** @type {RequestEvent} */ event) => `span of ${event.path}`)
    t.after(() => start.unbindStore(storage))
    /** @type {[string, unknown][]} */
    const seen = []
    const note = (/** @type {RequestEvent} */ event) => void seen.push([event.path, storage.getStore()])
    subscribe(t, 'layer1:request', Object.fromEntries(SUCCESS.map((stage) => [stage, note])))
    await storage.run('caller', async () => {
      const calls = ['/a', '/b'].map((path) => client.get(path))
      assert.equal(storage.getStore(), 'caller')
      await Promise.all(calls)
      assert.equal(storage.getStore(), 'caller')
    })
    assert.equal(seen.length, 2 * SUCCESS.length)
    for (const [path, store] of seen) assert.equal(store, `span of ${path}`)
  })

  it('given a store that is bound and no subscriber, when calls are made, then they are answered, and their callers keep their own', async (t) => {
    const { options } = await startBoth(t)
    const storage = new AsyncLocalStorage()
    const { start } = /** @type {any} */ (tracingChannel('layer1:request'))
    start.bindStore(storage, () => 'bound')
    t.after(() => start.unbindStore(storage))
    await storage.run('caller', async () => {
      assert.deepEqual(await makeClient(t, options).get('/a'), { ok: true })
      assert.equal(storage.getStore(), 'caller')
    })
  })

  it('given callers in contexts of their own, when the call of one begins a token request, then its event is in the context of that one', async (t) => {
    const { options } = await startBoth(t)
    // In a process of its own, where it is known which call is the first.
    const ended = await runChild(
      t,
      async (options) => {
        const { AsyncLocalStorage } = require('node:async_hooks')
        const { tracingChannel } = require('node:diagnostics_channel')
        const client = new (require('layer1').Layer1)(options)
        const storage = new AsyncLocalStorage()
        await storage.run('first', () => client.get('/a'))
        /** @type {unknown[]} */
        const stores = []
        const note = () => void stores.push(storage.getStore())
        /** @type {any} */
        const channel = tracingChannel('layer1:token')
        channel.subscribe({ start: note, end: note, asyncStart: note, asyncEnd: note })
        await storage.run('second', () => client.getToken({ forceRefresh: true }))
        client.invalidateToken()
        await storage.run('third', () => client.get('/b'))
        console.log(JSON.stringify(stores))
      },
      options,
    )
    assert.deepEqual(JSON.parse(ended.stdout), [...Array(4).fill('second'), ...Array(4).fill('third')])
  })
})
