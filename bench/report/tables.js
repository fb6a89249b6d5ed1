'use strict'

/** @typedef {import('../types.d.ts').Table} Table */

/**
 * For a terminal: the first column to the left, the others to the right.
 *
 * @param {Table} table
 */
function toText({ title, note, columns, rows }) {
  const lines = [columns, ...rows]
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => [...(line[column] ?? '')].length)))
  const laidOut = lines.map((line) =>
    line
      .map((text, column) => pad(text, widths[column] ?? 0, column === 0))
      .join('  ')
      .trimEnd(),
  )
  return [`\n${title}`, ...(note ? [note] : []), ...laidOut].join('\n')
}

/**
 * @param {string} text
 * @param {number} width
 * @param {boolean} isLeft
 */
function pad(text, width, isLeft) {
  const blanks = ' '.repeat(width - [...text].length)
  return isLeft ? text + blanks : blanks + text
}

/** @param {Table} table */
function toMarkdown({ title, note, columns, rows }) {
  const rule = columns.map((_, column) => (column === 0 ? '---' : '---:'))
  const lines = [columns, rule, ...rows].map((line) => `| ${line.join(' | ')} |`)
  return [`## ${title}`, ...(note ? [note] : []), lines.join('\n')].join('\n\n')
}

module.exports = { toText, toMarkdown }
