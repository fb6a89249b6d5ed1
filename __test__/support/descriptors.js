'use strict'

const { closeSync, openSync } = require('node:fs')

/** Takes every file descriptor that this process may still have; gives a function that gives them back. */
function takeAllDescriptors() {
  /** @type {number[]} */
  const taken = []
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'))
  } catch {
    // There are no more.
  }
  return () => {
    for (const descriptor of taken) closeSync(descriptor)
  }
}

module.exports = { takeAllDescriptors }
