'use strict'
// The stores that users bring, and what they are asked to do. They may be slow, throw, never answer, or answer anything:
// whoever asked does not wait for long, and goes on without. All they see is digests and sealed text.

const { configError } = require('./config-readers.js')
const { readMember } = require('./values.js')

/** @typedef {import('./binding.d.ts').Door} Door */
/** @typedef {'get' | 'set' | 'delete' | 'acquire' | 'release'} Operation */
/** @typedef {{ store: object, methods: Record<Operation, Function | undefined> }} TokenStore */
/** @typedef {[number | undefined | null, Operation | 'turn', string, string | undefined | null, number | undefined | null]} Work */

/** What an answer is: the native side has the same list (src/binding/store.rs). */
const NOTHING = 0
const TEXT = 1
const YES = 2
const NO = 3
const UNKNOWN = 4
const FAILED = 5

/** The largest value that is looked at, in characters: a token fits into a header, and this is some times that. */
const LARGEST_VALUE = 1024 * 1024

/** The stores of clients that are not closed. They do not keep a client that is forgotten. @type {Map<number, WeakRef<TokenStore>>} */
const stores = new Map()
const forgotten = new FinalizationRegistry((/** @type {number} */ id) => stores.delete(id))

let lastId = 0

/**
 * Reads the option, and the methods of the store, once.
 *
 * @param {Record<string, unknown>} options
 * @returns {TokenStore | undefined}
 */
function tokenStore({ tokenStore: store }) {
  if (store === undefined) {
    return undefined
  }
  if ((typeof store !== 'object' && typeof store !== 'function') || store === null) {
    throw configError(`tokenStore has to be ${WANTED}.`)
  }
  const methods = { get: method(store, 'get'), set: method(store, 'set') }
  const missing = Object.entries(methods).find(([, method]) => method === undefined)
  if (missing !== undefined) {
    throw configError(`tokenStore has no ${missing[0]} method: it has to be ${WANTED}.`)
  }
  const others = {
    delete: method(store, 'delete'),
    acquire: method(store, 'acquire'),
    release: method(store, 'release'),
  }
  return { store, methods: { ...methods, ...others } }
}

const WANTED = 'an object with get(key) and set(key, value, ttlMs), such as redisTokenStore(client) or new Keyv(…)'

/**
 * @param {object} store
 * @param {Operation} name
 */
function method(store, name) {
  const value = readMember(store, name)
  return typeof value === 'function' ? value : undefined
}

/** @param {TokenStore} store its owner keeps it */
function admit(store) {
  lastId += 1
  stores.set(lastId, new WeakRef(store))
  forgotten.register(store, lastId)
  return lastId
}

/** @param {number} id */
function dismiss(id) {
  stores.delete(id)
}

/**
 * Lets a store do something, and hands on what it answers. It throws nothing.
 *
 * @param {Door} door
 * @param {number} id
 * @param {Work} work
 */
async function work(door, id, [number, name, key, value, ttl]) {
  if (name === 'turn') {
    // Whatever had come for this thread by now has been read by the second turn.
    setImmediate(() => setImmediate(() => door.answerStore(Number(number), NOTHING)))
    return
  }
  let failed = false
  let answer
  try {
    const { store, methods } = stores.get(id)?.deref() ?? { methods: { [name]: undefined } }
    const operation = methods[name]
    // What a store cannot do is not asked of it, or nobody waits for it.
    answer = operation && (await Reflect.apply(operation, store, argumentsOf(name, key, value, ttl)))
    failed = operation === undefined || (name === 'set' && answer === false)
  } catch {
    failed = true
  }
  if (typeof number === 'number') {
    const kind = failed ? FAILED : kindOf(name, answer)
    door.answerStore(number, kind, kind === TEXT ? /** @type {string} */ (answer) : undefined)
  }
}

/**
 * @param {Operation} name
 * @param {string} key
 * @param {string | undefined | null} value
 * @param {number | undefined | null} ttl
 */
function argumentsOf(name, key, value, ttl) {
  switch (name) {
    case 'set':
      return [key, value, ttl]
    case 'acquire':
      return [key, ttl]
    default:
      return [key]
  }
}

/**
 * Tells what an answer is to the question.
 *
 * @param {Operation} name
 * @param {unknown} answer
 */
function kindOf(name, answer) {
  switch (name) {
    case 'get':
      if (answer === undefined || answer === null) return NOTHING
      return typeof answer === 'string' && answer.length <= LARGEST_VALUE ? TEXT : UNKNOWN
    case 'acquire':
      if (typeof answer !== 'boolean') return UNKNOWN
      return answer ? YES : NO
    default:
      // Nobody asks what else a store gives for what it has done.
      return NOTHING
  }
}

module.exports = { admit, dismiss, tokenStore, work }
