'use strict'
// docs/faults.md: each row of it has its test, and each test that tells of a row is in it.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, it } = require('node:test')
const { countFaults, faultTable, readFaults } = require('../scripts/faults.js')
const { readNodeTests } = require('./support/guarantees.js')

const root = path.join(__dirname, '..')
/** @param {string} file */
const readFile = (file) => fs.readFileSync(path.join(root, file), 'utf8')
const FEWEST = 26

describe('given docs/faults.md', () => {
  const { rows, wrong } = readFaults(readFile('docs/faults.md'))

  it('given its rows, when their tests are looked up, then each has one of its own, which is run', () => {
    assert.deepEqual(wrong, [])
    assert.ok(rows.length >= FEWEST, `${rows.length} rows, at least ${FEWEST} are due`)
    for (const { line, file, title } of rows) {
      assert.ok(fs.existsSync(path.join(root, file)), `line ${line}: there is no ${file}`)
      const tests = readNodeTests(readFile(file)).filter((test) => test.title === title)
      assert.equal(tests.length, 1, `line ${line}: ${file} has ${tests.length} tests of this title: ${title}`)
      assert.equal(tests[0]?.mark, undefined, `line ${line}: its test is marked`)
    }
    assert.equal(new Set(rows.map(({ title }) => title)).size, rows.length, 'two rows have the same test')
  })

  it('given the tests that tell of a row, when the rows are looked up, then each is there', () => {
    const titles = new Set(rows.map(({ title }) => title))
    for (const name of fs.readdirSync(path.join(__dirname, 'faults'))) {
      const source = readFile(path.join('__test__', 'faults', name))
      if (!source.includes('faults/ledger.js') && !source.includes('faults/ways.js')) continue
      for (const { title } of readNodeTests(source)) assert.ok(titles.has(title), `${name}: no row names: ${title}`)
    }
  })
})

describe('given what tests printed', () => {
  const file = '__test__/faults/a.test.js'
  const row = (/** @type {string} */ title) => ({ line: 1, fault: title, answer: '', file, title })
  const output = `
▶ a suite
  ✔ told (12.5ms)
  ℹ Fault: 40 variants, 0 failures: told
  ✖ told and failed (1ms)
  ℹ Fault: 40 variants, 2 failures: told and failed
  ✔ given a (b), when it is tried (1ms)
  ✔ given a c, when it is tried (1ms)
  ✖ given a d, when it is tried (1ms)
  ﹣ skipped (0.1ms) # no openssl
`

  it('given a row of each kind, when it is counted, then the variants and failures are those that were printed', () => {
    const rows = ['told', 'told and failed', `given a $\{b}, when it is tried`, 'skipped', 'never run'].map(row)
    const counts = countFaults(rows, output).map(({ variants, failures, isSkipped }) => [variants, failures, isSkipped])
    assert.deepEqual(counts, [
      [40, 0, false],
      [40, 2, false],
      [3, 1, false],
      [0, 0, true],
      [1, 1, false],
    ])
  })

  it('given counts, when they are laid out, then the last line sums them up', () => {
    const table = faultTable(countFaults([row('told'), row('told and failed')], output))
    assert.match(table, /\nFaults: 2 rows, 80 variants tried, failures 2$/)
  })

  it('given a line of a table that is no row, when the catalogue is read, then it is told', () => {
    const { rows, wrong } = readFaults('| fault | a |\n|---|---|\n| x | y | `a.test.js` | `t` |\n| x | y | z |\n')
    assert.deepEqual([rows.length, wrong], [1, ['line 4: | x | y | z |']])
  })
})
