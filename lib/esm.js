'use strict'
// For index.mjs. Nodes before 22 report what a CommonJS module throws while it is imported a second time, as uncaught,
// though the import was caught. A function throws where it is called.

module.exports = function load() {
  return require('../index.js')
}
