#!/usr/bin/env node
'use strict'

const { main } = require('./main.js')

// The exit code is set and the process left to end by itself, so that what was written is also delivered.
main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode
})
