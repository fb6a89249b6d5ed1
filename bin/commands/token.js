'use strict'

const { withClient } = require('../client.js')

/** @type {import('./index.js').Command} */
module.exports = {
  name: 'token',
  summary: 'Get a token; tell when it ends and what it is good for',
  operands: [],
  callsLayer1: true,
  options: {
    show: { name: 'show', help: 'Print the token too: whoever sees it can use it' },
  },
  async run({ options, printJson }) {
    const info = await withClient(options, (layer1) => layer1.getTokenInfo())
    const { accessToken, expiresAt, tokenType, scope } = info
    const expiresInSeconds = Math.max(0, Math.floor((expiresAt.getTime() - Date.now()) / 1000))
    const shown = options.show ? { accessToken } : {}
    await printJson(JSON.stringify({ expiresAt, expiresInSeconds, tokenType, scope, ...shown }))
  },
}
