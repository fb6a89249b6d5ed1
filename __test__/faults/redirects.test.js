'use strict'
// Answers that send a call elsewhere: nobody but the two configured hosts sees a token or a secret.

require('../support/clean-env.js')
const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { startTrap } = require('../support/faults/ground.js')
const { Ledger } = require('../support/faults/ledger.js')
const { send } = require('../support/faults/scripts.js')
const { tryToken } = require('../support/faults/token-ways.js')
const { tryEveryWay } = require('../support/faults/ways.js')

/** @typedef {import('../support/faults/ways.js').Variant} Variant */

/** @param {number} status @param {string} location */
const redirect = (status, location) =>
  `HTTP/1.1 ${status} Elsewhere\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`
const statuses = [301, 302, 303, 307, 308]

describe('an answer that sends a call elsewhere', { timeout: 120_000 }, () => {
  it('given a redirect in a loop, or to another host, port or scheme, when it comes, then it is the error, and the other side is never contacted', async (t) => {
    const [plain, secure] = [await startTrap(t, 'http'), await startTrap(t, 'https')]
    /** @type {(status: number, name: string, location: (target: string) => string, method?: string) => Variant} */
    const elsewhere = (status, name, location, method = 'GET') => ({
      name: `${method}, ${status} ${name}`,
      script: (wire, request) => wire.write(redirect(status, location(request.target))),
      outcome: { code: 'ERR_LAYER1_REDIRECT', status, retryable: false },
      isKept: true,
      method,
    })
    await tryEveryWay(t, [
      ...statuses.flatMap((status) => [
        elsewhere(status, 'to itself', (target) => target),
        elsewhere(status, 'to another port', () => `${plain.origin}/a`),
      ]),
      elsewhere(302, 'to another scheme', () => `${secure.origin}/a`),
      elsewhere(302, 'to another name of this host', () => `${plain.origin.replace('127.0.0.1', 'localhost')}/a`),
      elsewhere(302, 'to another host', () => 'https://elsewhere.invalid/a'),
      elsewhere(302, 'without a scheme', () => `//127.0.0.1:${plain.port}/a`),
      elsewhere(302, 'with backslashes', () => `\\\\127.0.0.1:${plain.port}\\a`),
      elsewhere(302, 'with a user name', () => `http://127.0.0.1@127.0.0.1:${plain.port}/a`),
      elsewhere(302, 'to a file', () => 'file:///etc/passwd'),
      elsewhere(302, 'to no URL', () => 'http://['),
      elsewhere(307, 'of a POST', (target) => target, 'POST'),
      elsewhere(308, 'of a DELETE', () => `${plain.origin}/a`, 'DELETE'),
      {
        name: 'no location',
        script: send('HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n'),
        outcome: { code: 'ERR_LAYER1_REDIRECT', status: 302 },
        isKept: true,
      },
    ])
    assert.deepEqual([plain.wires.length, secure.wires.length], [0, 0], 'the other side was contacted')
  })

  it('given a redirect of the token request, when it comes, then it is the error, and the secret goes nowhere', async (t) => {
    const ledger = new Ledger(t)
    const [plain, secure] = [await startTrap(t, 'http'), await startTrap(t, 'https')]
    const places = {
      'another port': `${plain.origin}/token`,
      'another scheme': `${secure.origin}/token`,
      itself: '/token',
    }
    await Promise.all(
      statuses.flatMap((status) =>
        Object.entries(places).map(([place, location]) =>
          tryToken(t, ledger, {
            name: `${status} to ${place}`,
            script: send(redirect(status, location)),
            outcome: { code: 'ERR_LAYER1_REDIRECT', endpoint: 'token', status },
            requests: 1,
            isRemembered: true,
          }),
        ),
      ),
    )
    await ledger.check('the other side', () => assert.deepEqual([plain.wires.length, secure.wires.length], [0, 0]))
    ledger.close()
  })
})
