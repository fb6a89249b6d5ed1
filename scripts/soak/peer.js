'use strict'
// The server as its parent sees it: a process that is told things and tells things.

const { fork } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')

/** @typedef {{ checks: Record<string, number>, injected: Record<string, number>, requests: number, grants: number, stall: number }} Tally `stall` is the longest that it did nothing else, in ms */
/** @typedef {{ id: string, sights: number, seenAt: number, actedAt: number }} Recollection */

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
    // Any number of questions may be open.
    child.setMaxListeners(0)
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
  async tally() {
    return (await this.#ask({ tally: true }, ({ tally }) => tally !== undefined)).tally
  }

  /** Asks what it knows of a call, in ms since 1970. @param {string} id @returns {Promise<Recollection>} */
  async recall(id) {
    return (await this.#ask({ recall: id }, ({ recalled }) => recalled?.id === id)).recalled
  }

  /**
   * @param {object} question
   * @param {(message: any) => boolean} isAnswer
   * @returns {Promise<any>}
   */
  #ask(question, isAnswer) {
    return new Promise((resolve) => {
      const listen = (/** @type {any} */ message) => {
        if (!isAnswer(message)) return
        this.#child.off('message', listen)
        resolve(message)
      }
      this.#child.on('message', listen)
      this.#child.send(question)
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
