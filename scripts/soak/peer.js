'use strict'
// The server as its parent sees it: a process that is told things and tells things.

const { fork } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')

/** @typedef {{ checks: Record<string, number>, injected: Record<string, number>, requests: number, grants: number }} Tally */

class Peer {
  #child
  /** @type {import('./fleet.js').Ports} */
  ports

  /**
   * @param {import('node:child_process').ChildProcess} child
   * @param {import('./fleet.js').Ports} ports
   * @param {(name: string, detail: string) => void} onBroken
   */
  constructor(child, ports, onBroken) {
    this.#child = child
    this.ports = ports
    child.on('message', (/** @type {any} */ { broken, detail }) => {
      if (broken !== undefined) onBroken(broken, detail)
    })
    child.once('exit', (code, signal) => {
      onBroken('the server lives', `it ended with ${signal ?? code}`)
    })
  }

  /**
   * @param {import('./server.js').Setup} setup
   * @param {(name: string, detail: string) => void} onBroken
   */
  static async start(setup, onBroken) {
    const child = fork(path.join(__dirname, 'server.js'), { execArgv: [] })
    child.send({ setup })
    const [{ open }] = /** @type {[any]} */ (await once(child, 'message'))
    return new Peer(child, open, onBroken)
  }

  /** @param {string} identity */
  revoke(identity) {
    this.#child.send({ revoke: identity })
  }

  /** Lets it forget the calls that are over. */
  tidy() {
    this.#child.send({ tidy: true })
  }

  /** Asks for what it has seen. All that it found broken before has been told by then. @returns {Promise<Tally>} */
  tally() {
    return new Promise((resolve) => {
      const listen = (/** @type {any} */ { tally }) => {
        if (!tally) return
        this.#child.off('message', listen)
        resolve(tally)
      }
      this.#child.on('message', listen)
      this.#child.send({ tally: true })
    })
  }

  async stop() {
    this.#child.removeAllListeners('exit')
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }
}

module.exports = { Peer }
