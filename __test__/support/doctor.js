'use strict'

const assert = require('node:assert/strict')
const { layer1 } = require('./command-line.js')

/** @typedef {{ check: string, target: string | null, status: string, seen: string, mend: string | null }} Finding */

const STATUSES = ['ok', 'warning', 'failed', 'not tried']

/**
 * Runs `layer1 doctor --json`, and checks what holds of every report: its form, and that its exit code fits it.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {{ args?: string[], node?: string[], secrets?: string[], launcher?: string[] }} [more]
 */
async function examine(env, { args = [], node = [], secrets = [], launcher = [] } = {}) {
  const shown = [...secrets, env.LAYER1_CLIENT_SECRET].filter((secret) => typeof secret === 'string')
  const { exitCode, stdout, stderr } = await layer1(['doctor', '--json', ...args], {
    env,
    node,
    secrets: shown,
    launcher,
  })
  /** @type {Finding[]} */
  const findings = JSON.parse(stdout)
  for (const finding of findings) {
    assert.deepEqual(Object.keys(finding), ['check', 'target', 'status', 'seen', 'mend'])
    const { target, status, seen, mend } = finding
    assert.ok(STATUSES.includes(status), status)
    assert.ok(target === null || /^.+:\d+$/.test(target), String(target))
    assert.ok(seen.length > 0)
    assert.equal(typeof mend === 'string' && mend.length > 0, status === 'warning' || status === 'failed', seen)
  }
  assert.equal(exitCode, findings.some(({ status }) => status === 'failed') ? 1 : 0)
  return { findings, stderr, exitCode, ...reader(findings) }
}

/** @param {Finding[]} findings */
function reader(findings) {
  return {
    /** The only finding of a check, or that of a host. @param {string} check @param {string} [target] */
    of(check, target) {
      const [found, another] = findings.filter((each) => each.check === check && (!target || each.target === target))
      assert.ok(found && !another, `one finding of ${check}`)
      return found
    },
    /** The checks that did not end well, with how they ended. */
    troubles: () => findings.filter(({ status }) => status !== 'ok').map(({ check, status }) => `${check} ${status}`),
  }
}

module.exports = { examine }
