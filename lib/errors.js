'use strict'

/** @import { Layer1ErrorCode } from '../index.d.ts' */

const { escapeUnseen } = require('./escape.js')

// Two copies of this package can live in one process (an application's and a library's). `instanceof` goes by these
// registered symbols, so that an error of one copy is an error of the other too.
const CLASSES = Symbol.for('layer1.error.classes')
const OWN_CLASS = Symbol.for('layer1.error.class')

/** @typedef {{ code: Layer1ErrorCode, cause?: unknown } & Record<string, unknown>} ErrorDetails */

class Layer1Error extends Error {
  /**
   * @param {string} message
   * @param {ErrorDetails} details
   */
  constructor(message, { cause, ...details }) {
    super(escapeUnseen(message), cause === undefined ? undefined : { cause })
    for (const [name, value] of Object.entries(details)) {
      if (value !== undefined && value !== null) {
        Object.defineProperty(this, name, { value, enumerable: true, writable: true, configurable: true })
      }
    }
  }

  /**
   * @override
   * @param {unknown} value
   */
  static [Symbol.hasInstance](value) {
    const own = Object.hasOwn(this, OWN_CLASS) ? /** @type {any} */ (this)[OWN_CLASS] : undefined
    if (own === undefined || typeof value !== 'object' || value === null) {
      return Function.prototype[Symbol.hasInstance].call(this, value)
    }
    try {
      const classes = /** @type {any} */ (value)[CLASSES]
      return Array.isArray(classes) && classes.includes(own)
    } catch {
      // Somebody has thrown a Proxy that cannot be read: it is none of ours.
      return false
    }
  }
}

class Layer1ConfigError extends Layer1Error {}
class Layer1RequestError extends Layer1Error {}
class Layer1AuthError extends Layer1Error {}
class Layer1ApiError extends Layer1Error {}
class Layer1ConnectionError extends Layer1Error {}
class Layer1TimeoutError extends Layer1Error {}
class Layer1ResponseError extends Layer1Error {}
class Layer1ClosedError extends Layer1Error {}
class Layer1WebhookError extends Layer1Error {}

register(Layer1Error, 'Layer1Error', [])
const family = {
  Layer1ConfigError,
  Layer1RequestError,
  Layer1AuthError,
  Layer1ApiError,
  Layer1ConnectionError,
  Layer1TimeoutError,
  Layer1ResponseError,
  Layer1ClosedError,
  Layer1WebhookError,
}
for (const [name, type] of Object.entries(family)) {
  register(type, name, ['Layer1Error'])
}

/**
 * Names a class, on itself and its instances, without a property that shows when an error is printed.
 *
 * @param {typeof Layer1Error} type
 * @param {string} name
 * @param {string[]} parents
 */
function register(type, name, parents) {
  Object.defineProperty(type, OWN_CLASS, { value: name })
  Object.defineProperty(type.prototype, CLASSES, { value: [...parents, name] })
  Object.defineProperty(type.prototype, 'name', { value: name, writable: true, configurable: true })
}

module.exports = {
  Layer1Error,
  Layer1ConfigError,
  Layer1RequestError,
  Layer1AuthError,
  Layer1ApiError,
  Layer1ConnectionError,
  Layer1TimeoutError,
  Layer1ResponseError,
  Layer1ClosedError,
  Layer1WebhookError,
}
