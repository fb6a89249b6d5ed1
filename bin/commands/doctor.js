'use strict'

const { Examination } = require('../doctor/examination.js')
const { lineOf, summaryOf, wantsColours } = require('../doctor/report.js')

/** @type {import('./index.js').Command} */
module.exports = {
  name: 'doctor',
  summary: 'Check installation, settings, network and credentials; say what to mend',
  details: `One line a check: ok, warning, failed, or not tried, because it depends on one
that failed. Secrets are told as "set". Nothing is changed at Layer1: it gets a
token, and makes one GET of a list. Each step on the network may take 5 s, or
what --timeout says.

Where a proxy leads to a host, name, port and certificate are not looked at:
the calls through it tell.

With --json it is one array, whose items have check, target, status, seen, mend.

Exit codes: 0 nothing failed (there may be warnings), 1 something failed,
2 wrong usage.`,
  operands: [],
  callsLayer1: true,
  options: {
    json: { name: 'json', help: 'Print JSON, for machines' },
  },
  async run({ options, print, printJson }) {
    const isColoured = wantsColours(process.stdout, process.env)
    /** @type {import('../doctor/finding.js').Finding[]} */
    const findings = []
    for await (const { check, target, status, seen, mend } of new Examination(options, process.env).findings()) {
      const finding = { check, target, status, seen, mend }
      findings.push(finding)
      if (!options.json) {
        await print(lineOf(finding, isColoured))
      }
    }
    await (options.json ? printJson(JSON.stringify(findings)) : print(`\n${summaryOf(findings)}`))
    return findings.some(({ status }) => status === 'failed') ? FAILURE : SUCCESS
  },
}

const SUCCESS = 0
const FAILURE = 1
