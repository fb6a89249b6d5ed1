'use strict'
// Judges of signatures that know nothing of the client: they rebuild what was signed from what came over the wire.

const { execFileSync } = require('node:child_process')
const { createHash, verify } = require('node:crypto')
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')

/** @typedef {import('node:crypto').KeyObject} KeyObject */
/** @typedef {Pick<import('./peer.js').Seen, 'method' | 'url' | 'headers' | 'bytes'>} Message */

/**
 * Takes the headers of a signature apart; anything but the documented form is an error.
 *
 * @param {Message} message
 */
function signatureOf({ headers }) {
  const input = String(headers['signature-input'])
  const form =
    /^sig=(\((?<covered>"@method" "@target-uri"(?: "content-digest")?)\);created=(?<created>\d+);keyid="(?<keyId>(?:[^"\\]|\\.)*)";alg="rsa-v1_5-sha256")$/
  const { covered = '', created = '', keyId = '' } = form.exec(input)?.groups ?? fail(`Signature-Input: ${input}`)
  const value = /^sig=:([A-Za-z0-9+/]+=*):$/.exec(String(headers.signature))?.[1] ?? fail(`${headers.signature}`)
  const digest = headers['content-digest']
  return {
    parameters: input.slice('sig='.length),
    coversDigest: covered.endsWith('"content-digest"'),
    created: Number(created),
    keyId,
    bytes: Buffer.from(value, 'base64'),
    digest: typeof digest === 'string' ? digest : undefined,
  }
}

/**
 * Rebuilds the text that has to have been signed (RFC 9421 §2.5).
 *
 * @param {Message} message
 * @param {string} origin
 */
function baseOf(message, origin) {
  const { parameters } = signatureOf(message)
  const lines = [`"@method": ${message.method}`, `"@target-uri": ${origin}${message.url}`]
  if (message.bytes.length > 0) {
    lines.push(`"content-digest": sha-256=:${createHash('sha256').update(message.bytes).digest('base64')}:`)
  }
  return [...lines, `"@signature-params": ${parameters}`].join('\n')
}

/**
 * Tells whether a request is signed by a key, and everything that it says is covered.
 *
 * @param {Message} message
 * @param {string} origin
 * @param {KeyObject} publicKey
 */
function isSigned(message, origin, publicKey) {
  const { bytes, digest, coversDigest } = signatureOf(message)
  const hasBody = message.bytes.length > 0
  const own = `sha-256=:${createHash('sha256').update(message.bytes).digest('base64')}:`
  const isWhole = coversDigest === hasBody && digest === (hasBody ? own : undefined)
  return isWhole && verify('sha256', Buffer.from(baseOf(message, origin)), publicKey, bytes)
}

/**
 * Has the openssl program tell the same.
 *
 * @param {Message} message
 * @param {string} origin
 * @param {KeyObject} publicKey
 */
function opensslAccepts(message, origin, publicKey) {
  const directory = mkdtempSync(join(tmpdir(), 'layer1-signature-'))
  try {
    writeFileSync(join(directory, 'key.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
    writeFileSync(join(directory, 'signature'), signatureOf(message).bytes)
    const options = { cwd: directory, input: baseOf(message, origin), stdio: /** @type {any} */ ('pipe') }
    return /^Verified OK/.test(
      execFileSync('openssl', ['dgst', '-sha256', '-verify', 'key.pem', '-signature', 'signature'], options).toString(),
    )
  } catch {
    return false
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/**
 * @param {string} what
 * @returns {never}
 */
function fail(what) {
  throw new Error(`no signature of the documented form: ${what}`)
}

module.exports = { baseOf, isSigned, opensslAccepts, signatureOf }
