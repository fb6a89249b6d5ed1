'use strict'

/** The ways in which a process ends. */
const ends = [
  'exit()',
  'exit() in a callback',
  'exit() with more calls in its handler',
  'close()',
  'abort',
  'deadline',
  'exception',
]

module.exports = { ends }
