'use strict'

const { once } = require('node:events')
const { end, start } = require('./processes.js')

/**
 * Starts the bench's own server, for where nginx cannot be had.
 *
 * @param {string} native
 * @param {string} directory
 * @returns {Promise<import('../types.d.ts').Server>}
 */
async function startRustServer(native, directory) {
  const child = start(native, ['serve', directory], { stdio: ['pipe', 'pipe', 'inherit'] })
  const { stdout } = child
  if (!stdout) throw new Error('The server has no output.')
  const [line] = await Promise.race([
    once(stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error('The server ended at once.'))),
  ])
  const { plain, tls } = JSON.parse(String(line))
  return {
    name: "the bench's own server (hyper)",
    plain: `http://127.0.0.1:${plain}`,
    tls: `https://127.0.0.1:${tls}`,
    close: () => end(child),
  }
}

module.exports = { startRustServer }
