'use strict'

const { port } = require('../options.js')

/** @type {import('./index.js').Command} */
module.exports = {
  name: 'sandbox',
  summary: "Run a local stand-in for Layer1's sandbox, until Ctrl-C",
  details: `It listens on 127.0.0.1 and needs no account and no network. Its URLs and
made-up credentials are printed as JSON on stdout, and on stderr as lines for a
shell.`,
  operands: [],
  options: {
    port: { name: 'port', takes: 'N', read: port, help: 'Listen on this port (default: any free one)' },
  },
  async run({ options, printJson, say }) {
    const ended = endSignal()
    const sandbox = await start(options.port ?? 0)
    const { baseUrl, tokenUrl, clientId, clientSecret } = sandbox.options
    say('# The sandbox runs until Ctrl-C. For a shell that is to use it:')
    say(`export LAYER1_BASE_URL=${baseUrl}`)
    say(`export LAYER1_TOKEN_URL=${tokenUrl}`)
    say(`export LAYER1_CLIENT_ID=${clientId}`)
    say(`export LAYER1_CLIENT_SECRET=${clientSecret}`)
    await printJson(JSON.stringify({ baseUrl, tokenUrl, clientId, clientSecret }))
    await ended
    await sandbox.close()
  },
}

/** @param {number} port */
async function start(port) {
  const { startSandbox } = require('../../lib/sandbox/index.js')
  try {
    return await startSandbox({ port })
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
    /** @type {Record<string, string>} */
    const reasons = { EADDRINUSE: `port ${port} is taken`, EACCES: `port ${port} is not allowed to this user` }
    throw new Error(`the sandbox cannot listen: ${reasons[code ?? ''] ?? message}. Choose another with --port.`)
  }
}

/** Waits for the first SIGINT or SIGTERM; a second one ends the process at once. */
function endSignal() {
  return new Promise((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
}
