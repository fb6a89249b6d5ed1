'use strict'
// npm run demo: what the package does, told against a sandbox on this machine.
// npm run demo -- --environment sandbox|production: the same against Layer1, with your credentials.

const { parseArgs } = require('node:util')

async function main() {
  const environment = readEnvironment(process.argv.slice(2))
  await require('./setup.js').ensureReady()
  // Loaded only now: on a fresh machine there was no addon before.
  const { localHost, realHost } = require('./demo/host.js')
  const { tell } = require('./demo/story.js')
  const { Terminal } = require('./demo/terminal.js')
  const host = environment ? realHost(environment) : await localHost()
  try {
    await tell(host, new Terminal(process.stdout, process.env))
  } finally {
    await host.close()
  }
}

/**
 * @param {string[]} argv
 * @returns {'sandbox' | 'production' | undefined}
 */
function readEnvironment(argv) {
  const { values, positionals } = parseArgs({ args: argv, strict: false, options: { environment: { type: 'string' } } })
  const { environment, ...others } = values
  if (environment === undefined && Object.keys(others).length + positionals.length === 0) {
    return undefined
  }
  if (environment !== 'sandbox' && environment !== 'production') {
    throw new Error('its only option is --environment sandbox, or --environment production.')
  }
  return environment
}

// A reader that has seen enough, as in `npm run demo | head`.
process.stdout.on('error', () => process.exit())

main().catch((error) => {
  console.error(`The demo failed: ${error.message}`)
  process.exitCode = 1
})
