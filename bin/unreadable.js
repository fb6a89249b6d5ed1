'use strict'

/** @type {Record<string, string>} */
const reasons = { ENOENT: 'there is no such file', EISDIR: 'it is a directory', EACCES: 'it may not be read' }

/**
 * Says why a file cannot be read.
 *
 * @param {unknown} error of `node:fs`
 */
function reasonOf(error) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
  return reasons[code ?? ''] ?? code ?? message
}

module.exports = { reasonOf }
