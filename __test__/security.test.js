'use strict'
// SECURITY.md: each promise in it is kept by a test, which is there and is run.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, it } = require('node:test')
const { checkGuarantees } = require('./support/guarantees.js')

const root = path.join(__dirname, '..')
const FEWEST = 20

/** @param {string} file */
function readFile(file) {
  const place = path.join(root, file)
  return fs.existsSync(place) ? fs.readFileSync(place, 'utf8') : undefined
}

/**
 * Gives the section of the promises, on the lines where it is, in the form of docs/guarantees.md.
 *
 * @param {string} text
 */
function promisesOf(text) {
  const lines = text.split('\n')
  const begin = lines.indexOf('## What is promised')
  const first = lines.findIndex((line, at) => at > begin && line.startsWith('### '))
  const end = lines.findIndex((line, at) => at > begin && line.startsWith('## '))
  assert.ok(begin >= 0 && first > begin && end > first, 'SECURITY.md has its section of promises')
  return lines
    .slice(0, end)
    .map((line, at) => (at < first ? '' : line.replace(/^###/, '##')))
    .join('\n')
}

describe('given SECURITY.md', () => {
  const text = String(readFile('SECURITY.md'))

  it('given the promises in it, when their tests are looked up, then each has one of its own', (t) => {
    const { guarantees, tests, faults } = checkGuarantees(promisesOf(text), readFile)
    t.diagnostic(`Promises: ${guarantees}, tests named: ${tests}`)
    assert.deepEqual(faults, [])
    assert.equal(tests, guarantees)
    assert.ok(guarantees >= FEWEST, `${guarantees} promises, at least ${FEWEST} are due`)
  })

  it('given a promise in it whose test is gone, when it is checked, then its line is named', () => {
    // The sentence is on the line above: the first line is 1.
    const at = text.split('\n').findIndex((line) => line.includes('› a_secret_is_never_printed'))
    const { faults } = checkGuarantees(promisesOf(text.replace('a_secret_is_never_printed', 'gone')), readFile)
    assert.deepEqual(faults, [`line ${at}: src/secret.rs has no test of this title: gone`])
  })

  it('given its reader, when it is read, then it says how to report, who is trusted, what is promised and what is not', () => {
    const headings = [...text.matchAll(/^##+ (.*)$/gm)].map(([, heading]) => heading)
    for (const heading of [
      'Report a weakness',
      'Supported versions',
      'Threat model',
      'Who is trusted',
      'Who is not',
      'What is promised',
      'What is out of scope',
    ]) {
      assert.ok(headings.includes(heading), heading)
    }
  })
})
