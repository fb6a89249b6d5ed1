'use strict'

const { createInterface } = require('node:readline')

/** @typedef {import('../lib/sandbox/index.d.ts').Sandbox} Sandbox */

/** What Layer1 sends when a deposit has come. */
const SAMPLE = {
  event: 'layer1:digital:deposit:status-change',
  data: { id: '3f1c2c1e-7c52-4b1f-9d0e-5a1f6f0c2b11', reference: 'REF-1', status: 'CONFIRMED', amount: '0.1' },
}

/**
 * Sends a sample webhook at once, and each line of the standard input as another; a blank one means the sample.
 *
 * @param {Sandbox} sandbox
 * @param {string} url
 * @param {(text: string) => void} say
 * @returns {() => void} ends it
 */
function sendWebhooks(sandbox, url, say) {
  /** @param {string} [line] */
  const send = async (line = '') => {
    const webhook = line.trim() === '' ? SAMPLE : line
    const { delivered, attempts } = await sandbox.sendWebhook(url, webhook)
    const { status, error } = attempts.at(-1) ?? {}
    const said = error ?? `it was answered ${status}`
    say(`# Webhook to ${url}: ${delivered ? 'delivered' : `given up, ${said}`}, deliveries: ${attempts.length}.`)
  }
  const lines = createInterface({ input: process.stdin, terminal: false })
  lines.on('line', (line) => void send(line))
  void send()
  return () => lines.close()
}

module.exports = { sendWebhooks }
