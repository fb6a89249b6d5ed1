'use strict'
// One request on its connection, and what may be done to whoever waits for the answer.

const { whole } = require('./wire.js')

/** @typedef {import('node:net').Socket} Socket */
/** @typedef {import('./wire.js').Request} Request */
/** @typedef {InstanceType<typeof import('../random.js').Random>} Random */

class Exchange {
  /** Where the answer goes. */
  socket
  request
  /** The right answer, JSON. */
  content
  /** The same for the same call and attempt. */
  random

  /**
   * @param {Socket} socket
   * @param {Request} request
   * @param {string} content
   * @param {Random} random
   */
  constructor(socket, request, content, random) {
    this.socket = socket
    this.request = request
    this.content = content
    this.random = random
  }

  /** @param {string | Buffer} bytes */
  send(bytes) {
    if (!this.socket.destroyed) this.socket.write(bytes)
  }

  /** @param {string | Buffer} bytes */
  sendAndEnd(bytes) {
    if (!this.socket.destroyed) this.socket.end(bytes)
  }

  /** Gives the right answer. @param {Record<string, string | number>} [headers] */
  answer(headers) {
    this.send(whole(200, this.content, headers))
  }

  /** Ends the connection with a RST, after what was written had its time to get away. */
  reset() {
    this.after(5, () => reset(this.socket))
  }

  /**
   * Does something later, unless the connection has ended by then.
   *
   * @param {number} ms
   * @param {() => void} act
   */
  after(ms, act) {
    const timer = setTimeout(() => {
      this.socket.off('close', cancel)
      act()
    }, ms)
    const cancel = () => clearTimeout(timer)
    this.socket.once('close', cancel)
  }

  /** Closes the connection after some time without another request, as servers do. @param {number} ms */
  closeWhenIdle(ms) {
    const { socket } = this
    const timer = setTimeout(() => socket.end(), ms)
    const cancel = () => {
      clearTimeout(timer)
      socket.off('data', cancel)
      socket.off('close', cancel)
    }
    socket.once('data', cancel)
    socket.once('close', cancel)
  }

  /**
   * Sends something again and again until the connection ends.
   *
   * @param {number} ms between two
   * @param {() => string | Buffer} piece
   */
  dribble(ms, piece) {
    this.after(ms, () => {
      this.send(piece())
      this.dribble(ms, piece)
    })
  }

  /**
   * Sends something as fast as the other side takes it, until the connection ends.
   *
   * @param {string | Buffer} bytes
   * @param {number} [times]
   */
  pour(bytes, times = Number.POSITIVE_INFINITY) {
    const { socket } = this
    let left = times
    const more = () => {
      while (left > 0 && !socket.destroyed) {
        left -= 1
        if (!socket.write(bytes)) return
      }
      socket.off('drain', more)
    }
    socket.on('drain', more)
    more()
  }
}

/** @param {Socket} socket a TLS socket has no RST of its own: the one below it has */
function reset(socket) {
  if (typeof socket.resetAndDestroy === 'function' && !('encrypted' in socket)) socket.resetAndDestroy()
  else socket.destroy()
}

module.exports = { Exchange, reset }
