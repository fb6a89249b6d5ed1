'use strict'

/**
 * The calls that wait on each signal. One listener a signal serves them all: a thousand calls on one signal are no
 * thousand listeners, and none is left when the last call ends.
 *
 * @type {WeakMap<AbortSignal, Set<() => void>>}
 */
const callbacks = new WeakMap()

/**
 * Calls back once when a signal aborts.
 *
 * @param {AbortSignal} signal
 * @param {() => void} callback
 * @returns {() => void} ends the interest
 */
function onAbort(signal, callback) {
  const group = callbacks.get(signal) ?? open(signal)
  group.add(callback)
  return () => {
    group.delete(callback)
    if (group.size === 0 && callbacks.get(signal) === group) {
      callbacks.delete(signal)
      signal.removeEventListener('abort', listener)
    }
  }
}

/** @param {AbortSignal} signal */
function open(signal) {
  const group = new Set()
  callbacks.set(signal, group)
  signal.addEventListener('abort', listener, { once: true })
  return group
}

/** @param {Event} event */
function listener(event) {
  const signal = /** @type {AbortSignal} */ (event.target)
  const group = callbacks.get(signal) ?? []
  callbacks.delete(signal)
  for (const callback of [...group]) {
    callback()
  }
}

/**
 * Tells whether a value works as an AbortSignal, whichever realm or library it comes from.
 *
 * @param {unknown} value
 * @returns {value is AbortSignal}
 */
function isSignal(value) {
  const signal = /** @type {any} */ (value)
  return (
    typeof signal === 'object' &&
    signal !== null &&
    typeof signal.aborted === 'boolean' &&
    typeof signal.addEventListener === 'function' &&
    typeof signal.removeEventListener === 'function'
  )
}

module.exports = { onAbort, isSignal }
