'use strict'
// Signatures of the openssl command: independent of Node's.

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

/** Why a test that needs the command is skipped, if it is. */
const withoutOpenssl = isThere() ? false : 'there is no openssl'

/**
 * @param {import('node:test').TestContext} t
 * @param {import('node:crypto').KeyObject} privateKey
 * @param {string} text
 */
function signWithOpenssl(t, privateKey, text) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'layer1-openssl-'))
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }))
  const key = path.join(folder, 'key.pem')
  fs.writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return execFileSync('openssl', ['dgst', '-sha256', '-sign', key], { input: text })
}

function isThere() {
  try {
    execFileSync('openssl', ['version'])
    return true
  } catch {
    return false
  }
}

module.exports = { signWithOpenssl, withoutOpenssl }
