'use strict'

const assert = require('node:assert/strict')
const { createPublicKey } = require('node:crypto')
const { after, before, describe, it } = require('node:test')
const { startSandbox } = require('../../lib/sandbox')
const { assertionRequests } = require('../support/assertion-requests.js')
const { newKey } = require('../support/keys.js')
const { sendTokenRequest } = require('../support/token-requests.js')
const { clients, issuer, keyedClients, tokenUrl, version } = require('./under-test.js')

/** @typedef {import('../support/assertion-requests.js').Target} Target */
/** @typedef {import('../support/token-requests.js').TokenAnswer} TokenAnswer */

describe('given the same clients with keys in Keycloak and in the sandbox', () => {
  /** @type {Awaited<ReturnType<typeof startSandbox>>} */
  let sandbox
  let same = 0
  const own = { keyed: keyedClients.signedJwt, disabled: keyedClients.disabledJwt }
  const known = { ...own, stranger: newKey(), service: clients.service }

  before(async () => {
    const keyed = Object.values(own).map(({ privateKey, ...client }) => {
      return { ...client, publicKey: createPublicKey(privateKey) }
    })
    sandbox = await startSandbox({ clients: [...Object.values(clients), ...keyed] })
  })
  after(async () => {
    await sandbox.close()
    console.log(`Assertions answered alike: ${same} of ${assertionRequests.length} (Keycloak ${version})`)
  })

  for (const { name, request } of assertionRequests) {
    it(`when a token request with an assertion is sent to both (${name}), then both answer the same`, async () => {
      const keycloak = await answerOf({ ...known, issuer, tokenUrl }, request)
      const stand = { ...known, issuer: sandbox.issuer, tokenUrl: sandbox.tokenUrl }
      assert.deepEqual(await answerOf(stand, request), keycloak)
      same += 1
    })
  }
})

/**
 * @param {Target} target
 * @param {(typeof assertionRequests)[number]['request']} request
 */
async function answerOf(target, request) {
  /** @type {TokenAnswer | undefined} */
  let last
  for (const one of [request(target)].flat()) last = await sendTokenRequest(target.tokenUrl, one)
  const { status, error, description, headers, scope } = last ?? assert.fail('nothing was sent')
  return {
    status,
    error,
    // What its JSON parser says is its own.
    description: description?.replace(/(signed JWT failed: )(com\.fasterxml\.|java\.lang\.).*/s, '$1it cannot be read'),
    cacheControl: headers['cache-control'],
    contentType: headers['content-type'],
    scope: scope?.split(' ').toSorted(),
  }
}
