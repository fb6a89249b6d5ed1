'use strict'

const { readFile } = require('../file.js')
const { httpUrl, milliseconds, oneOf, port, seconds } = require('../options.js')
const { UsageError } = require('../usage-error.js')
const { sendWebhooks } = require('../webhooks.js')

/** @type {import('./index.js').Command} */
const command = {
  name: 'sandbox',
  summary: "Run a local stand-in for Layer1's sandbox, until Ctrl-C",
  details: `It listens on 127.0.0.1 and needs no account and no network. Its URLs and
made-up credentials are printed as JSON on stdout, and on stderr as lines for a
shell. With a public key it verifies what the private one has signed: calls, and
requests for tokens by private_key_jwt.`,
  operands: [],
  options: {
    port: { name: 'port', takes: 'N', read: port, help: 'Listen on this port (default: any free one)' },
    'public-key': { name: 'publicKey', takes: 'FILE', help: 'Verify signatures with the RSA public key in FILE, PEM' },
    'key-id': { name: 'keyId', takes: 'ID', help: 'Take that name for the key (default: the client id)' },
    auth: {
      name: 'auth',
      takes: 'HOW',
      read: oneOf(['oauth2', 'signature', 'either', 'both']),
      help: 'Demand a token ("oauth2"), a "signature", "either" (default with a key) or "both"',
    },
    'signature-max-age': {
      name: 'signatureMaxAge',
      takes: 'S',
      read: seconds,
      help: 'Refuse signatures that are older than S seconds (default 300)',
    },
    'token-lifetime': {
      name: 'tokenLifetime',
      takes: 'S',
      read: seconds,
      help: 'Let tokens live S seconds (default 300)',
    },
    latency: { name: 'latency', takes: 'MS', read: milliseconds, help: 'Hold back API answers MS milliseconds' },
    webhook: {
      name: 'webhook',
      takes: 'URL',
      read: httpUrl,
      help: 'Send a signed webhook to URL, and each line of stdin as another',
    },
  },
  async run({ options, printJson, say }) {
    const ended = endSignal()
    const sandbox = await start(options)
    const { webhookPublicKey } = sandbox
    const { baseUrl, tokenUrl, clientId, clientSecret } = sandbox.options
    say('# The sandbox runs until Ctrl-C. For a shell that is to use it:')
    say(`export LAYER1_BASE_URL=${baseUrl}`)
    say(`export LAYER1_TOKEN_URL=${tokenUrl}`)
    say(`export LAYER1_CLIENT_ID=${clientId}`)
    say(`export LAYER1_CLIENT_SECRET=${clientSecret}`)
    if (options.auth === 'signature' || options.auth === 'both') say(`export LAYER1_AUTH=${options.auth}`)
    if (options.webhook !== undefined) say(`# Its webhooks are verified with the public key ${webhookPublicKey}`)
    await printJson(JSON.stringify({ baseUrl, tokenUrl, clientId, clientSecret, webhookPublicKey }))
    const stop = options.webhook === undefined ? () => {} : sendWebhooks(sandbox, options.webhook, say)
    await ended
    stop()
    await sandbox.close()
  },
}

/** @param {Record<string, any>} options */
async function start({ port = 0, publicKey: file, keyId, auth, signatureMaxAge, tokenLifetime, latency }) {
  const { startSandbox } = require('../../lib/sandbox/index.js')
  if (file === undefined && auth !== undefined && auth !== 'oauth2') {
    throw new UsageError(`--auth ${auth} needs a key to verify with: --public-key=FILE.`, command)
  }
  const publicKey = file === undefined ? undefined : readFile('--public-key', file)
  try {
    return await startSandbox({ port, publicKey, keyId, auth, signatureMaxAge, tokenLifetime, latency })
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
    if (message.startsWith('"publicKey"')) {
      throw new Error(
        `the file of --public-key, ${file}, holds no RSA public key of 2048 to 4096 bits. Make one of the private key with \`openssl pkey -in layer1-key.pem -pubout -out layer1-public.pem\`.`,
      )
    }
    /** @type {Record<string, string>} */
    const reasons = { EADDRINUSE: `port ${port} is taken`, EACCES: `port ${port} is not allowed to this user` }
    const reason = reasons[code ?? '']
    throw new Error(
      reason
        ? `the sandbox cannot listen: ${reason}. Choose another with --port.`
        : `the sandbox cannot start: ${message}`,
    )
  }
}

/** Waits for the first SIGINT or SIGTERM; a second one ends the process at once. */
function endSignal() {
  return new Promise((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
}

module.exports = command
