'use strict'
// bench/RESULTS.md: everything of one run.

const { toMarkdown } = require('./tables.js')

/** @typedef {import('../types.d.ts').Table} Table */

/**
 * @param {object} parts
 * @param {[name: string, value: string][]} parts.facts
 * @param {Table} parts.goals
 * @param {string[]} parts.lost
 * @param {Table[]} parts.tables
 * @param {Map<string, string>} parts.failures
 */
function toResults({ facts, goals, lost, tables, failures }) {
  const sections = [
    '# Results',
    'Written by `npm run bench -- --write`; [README.md](README.md) says how it is measured and what it does not prove.',
    '![Calls a second and JS-thread time of each client](results.svg)',
    facts.map(([name, value]) => `- ${name}: ${value}`).join('\n'),
    toMarkdown(goals),
    '## Where layer1 loses',
    lost.length > 0 ? lost.map((sentence) => `- ${sentence}`).join('\n') : 'Nowhere in this run.',
    ...tables.map(toMarkdown),
    ...(failures.size > 0 ? ['## Not measured', listFailures(failures)] : []),
  ]
  return `${sections.join('\n\n')}\n`
}

/** @param {Map<string, string>} failures */
function listFailures(failures) {
  return [...failures].map(([what, why]) => `- ${what}: ${why.split('\n').at(-1)}`).join('\n')
}

module.exports = { toResults, listFailures }
