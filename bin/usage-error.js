'use strict'

/** A command line that cannot be understood; its usage is shown with it. */
class UsageError extends Error {
  /**
   * @param {string} message
   * @param {import('./commands/index.js').Command} [command] the one whose usage helps
   */
  constructor(message, command) {
    super(message)
    this.name = 'UsageError'
    this.command = command
  }
}

module.exports = { UsageError }
