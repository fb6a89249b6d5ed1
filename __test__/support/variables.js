'use strict'

/** The tests whose end restores what was there before. @type {WeakSet<object>} */
const restoring = new WeakSet()

/**
 * Sets environment variables, for as long as the test runs; `undefined` unsets one.
 *
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string | undefined>} variables
 */
function setVariables(t, variables) {
  if (!restoring.has(t)) {
    restoring.add(t)
    const before = { ...process.env }
    t.after(() => {
      for (const name of Object.keys({ ...process.env, ...before })) set(name, before[name])
    })
  }
  for (const [name, value] of Object.entries(variables)) set(name, value)
}

/**
 * @param {string} name
 * @param {string | undefined} value
 */
function set(name, value) {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}

module.exports = { setVariables }
