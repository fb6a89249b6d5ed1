'use strict'

const assert = require('node:assert/strict')
const { after, before, describe, it } = require('node:test')
const { startSandbox } = require('../../lib/sandbox')
const { sendTokenRequest, tokenRequests } = require('../support/token-requests.js')
const { clients, issuer, tokenUrl, version } = require('./under-test.js')

/** @typedef {import('../support/token-requests.js').TokenAnswer} TokenAnswer */

describe('given the same clients in Keycloak and in the sandbox', () => {
  /** @type {Awaited<ReturnType<typeof startSandbox>>} */
  let sandbox
  /** @type {{ name: string, keycloak: TokenAnswer, same: boolean }[]} */
  const rows = []

  before(async () => {
    sandbox = await startSandbox({ clients: Object.values(clients) })
  })
  after(async () => {
    await sandbox.close()
    printTable(rows)
  })

  for (const { name, request } of tokenRequests) {
    it(`when a token request is sent to both (${name}), then both answer the same`, async () => {
      const keycloak = await sendTokenRequest(tokenUrl, request(clients))
      const row = { name, keycloak, same: false }
      rows.push(row)
      const fromSandbox = await sendTokenRequest(sandbox.tokenUrl, request(clients))
      assert.deepEqual(essence(fromSandbox), essence(keycloak))
      row.same = true
    })
  }

  it('when the suite has run, then Keycloak was the realm bvnk itself, granting and refusing', () => {
    assert.match(issuer, /\/auth\/realms\/bvnk$/)
    assert.equal(rows.length, tokenRequests.length)
    for (const status of [200, 400, 401, 405]) {
      assert.ok(
        rows.some(({ keycloak }) => keycloak.status === status),
        `no request of the suite was answered ${status}`,
      )
    }
  })
})

/**
 * What a client can tell one answer from another by: all but the values that are new in every grant, and the order of scopes.
 *
 * @param {TokenAnswer} answer
 */
function essence({ status, error, description, json, empty, challenge, headers, members, scope, expiresIn }) {
  return {
    status,
    error,
    description,
    json,
    empty,
    challenge,
    contentType: headers['content-type'],
    cacheControl: headers['cache-control'],
    members: members.toSorted(),
    scope: scope?.split(' ').toSorted(),
    // Keycloak subtracts two clock readings: 299 is as right as 300.
    expiresIn: expiresIn === undefined ? undefined : Math.ceil(expiresIn / 10) * 10,
  }
}

/** @param {{ name: string, keycloak: TokenAnswer, same: boolean }[]} rows */
function printTable(rows) {
  const width = Math.max(...rows.map(({ name }) => name.length))
  const line = (/** @type {string[]} */ [name = '', status = '', error = '', same = '']) =>
    `${name.padEnd(width)}  ${status.padEnd(6)}  ${error.padEnd(27)}  ${same}`
  const lines = rows.map(({ name, keycloak, same }) =>
    line([name, String(keycloak.status), keycloak.error ?? '-', same ? 'yes' : 'NO']),
  )
  const title = `Token requests answered alike: ${rows.filter(({ same }) => same).length} of ${rows.length} (Keycloak ${version})`
  console.log(['', title, line(['request', 'status', 'error', 'same?']), ...lines, ''].join('\n'))
}
