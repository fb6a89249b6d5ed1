'use strict'
// docs/faults.md: the catalogue of what the world does, and a count of what was tried for each row of it.

/** @typedef {{ line: number, fault: string, answer: string, file: string, title: string }} Row */
/** @typedef {{ fault: string, variants: number, failures: number, isSkipped: boolean }} Count */

/** Where the tests of the catalogue are. */
const ROOM = '__test__/faults/'
const ROW = /^\| (.+?) \| (.+?) \| `([\w-]+\.test\.js)` \| `(.+)` \|$/

/**
 * Reads the rows of the catalogue.
 *
 * @param {string} text
 * @returns {{ rows: Row[], wrong: string[] }} `wrong` has lines of a table that are no row
 */
function readFaults(text) {
  /** @type {Row[]} */
  const rows = []
  /** @type {string[]} */
  const wrong = []
  for (const [index, content] of text.split('\n').entries()) {
    if (!content.startsWith('|') || content.startsWith('|---') || content.startsWith('| fault |')) continue
    const [, fault, answer, file, title] = ROW.exec(content) ?? []
    if (fault && answer && file && title) rows.push({ line: index + 1, fault, answer, file: ROOM + file, title })
    else wrong.push(`line ${index + 1}: ${content}`)
  }
  return { rows, wrong }
}

/**
 * Counts what was tried for each row, in what the tests printed: the variants that a test tells of, or, of tests that tell
 * of none, themselves.
 *
 * @param {Row[]} rows
 * @param {string} output of the spec reporter
 * @returns {Count[]}
 */
function countFaults(rows, output) {
  return rows.map(({ fault, title }) => {
    const name = patternOf(title)
    const told = new RegExp(`^\\s*ℹ Fault: (\\d+) variants, (\\d+) failures: ${name}$`, 'm').exec(output)
    const tests = [...output.matchAll(new RegExp(`^\\s*([✔✖﹣]) ${name} \\([\\d.]+ms\\)`, 'gm'))].map(
      ([, mark]) => mark,
    )
    const [passed, failed, skipped] = ['✔', '✖', '﹣'].map((mark) => tests.filter((test) => test === mark).length)
    const isSkipped = Boolean(skipped) && !passed && !failed
    if (told)
      return { fault, variants: Number(told[1]), failures: Math.max(Number(told[2]), Number(failed)), isSkipped }
    // A row of which nothing is seen has failed, too.
    const failures = tests.length > 0 ? Number(failed) : 1
    return { fault, variants: Number(passed) + failures, failures, isSkipped }
  })
}

/**
 * Gives a pattern for all titles that a title in the catalogue stands for: `${…}` is anything.
 *
 * @param {string} title
 */
function patternOf(title) {
  const parts = title.split(/\$\{[^}]*\}/)
  return parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')
}

/**
 * Lays the counts out as a table.
 *
 * @param {Count[]} counts
 */
function faultTable(counts) {
  const width = Math.max(...counts.map(({ fault }) => fault.length))
  const sum = (/** @type {'variants' | 'failures'} */ of) => counts.reduce((total, count) => total + count[of], 0)
  const lines = counts.map(({ fault, variants, failures, isSkipped }) => {
    const numbers = isSkipped ? '  skipped here' : String(variants).padStart(8) + String(failures).padStart(10)
    return `${fault.padEnd(width)} ${numbers}`
  })
  return [
    `${'Faults'.padEnd(width)}  variants  failures`,
    ...lines,
    `Faults: ${counts.length} rows, ${sum('variants')} variants tried, failures ${sum('failures')}`,
  ].join('\n')
}

module.exports = { countFaults, faultTable, readFaults }
