'use strict'

const fs = require('node:fs')
const path = require('node:path')

/** The length of an access token of Keycloak's with a few roles. */
const TOKEN_LENGTH = 900

/** Bytes of each body that is served, at /body/BYTES. */
const SIZES = [240, 2_400, 48_000, 480_000, 5_000_000, 20_000_000]

/**
 * Makes a page as the API sends them, of exactly so many bytes.
 *
 * @param {number} bytes
 */
function makeBody(bytes) {
  /** @type {ReturnType<typeof makeRow>[]} */
  const rows = []
  const page = { content: rows, totalElements: 1000, filler: '' }
  for (let size = JSON.stringify(page).length; ; ) {
    const row = makeRow(rows.length)
    size += JSON.stringify(row).length + 1
    if (size > bytes) break
    rows.push(row)
  }
  page.filler = 'x'.repeat(bytes - JSON.stringify(page).length)
  return JSON.stringify(page)
}

/** @param {number} index */
function makeRow(index) {
  return {
    id: `3f1c${String(index).padStart(4, '0')}-0000-4000-8000-000000000000`,
    network: 'ETHEREUM',
    amount: `${index}.19848315335156838671875`,
    confirmations: index % 40,
    tags: ['cold', 'audited'],
  }
}

/** Writes what either server serves. @param {string} directory */
function writeAnswers(directory) {
  fs.mkdirSync(path.join(directory, 'body'))
  for (const size of SIZES) {
    fs.writeFileSync(path.join(directory, 'body', String(size)), makeBody(size))
  }
  fs.writeFileSync(path.join(directory, 'token.json'), makeTokenAnswer())
}

function makeTokenAnswer() {
  return JSON.stringify({ access_token: 'a'.repeat(TOKEN_LENGTH), token_type: 'Bearer', expires_in: 300 })
}

module.exports = { SIZES, TOKEN_LENGTH, writeAnswers, makeTokenAnswer }
