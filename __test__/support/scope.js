'use strict'
// The life of a function that runs in a process of its own, so that what it uses ends with it, as with a test.

/**
 * Runs work, prints what it gives as JSON, and ends what it has started; the process ends when nothing is left to do.
 *
 * @param {(t: import('node:test').TestContext) => Promise<unknown>} work
 */
async function inScope(work) {
  /** @type {(() => unknown)[]} */
  const ends = []
  const context = { after: (/** @type {() => unknown} */ end) => void ends.push(end) }
  try {
    console.log(JSON.stringify(await work(/** @type {any} */ (context))))
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

module.exports = { inScope }
