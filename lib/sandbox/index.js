'use strict'

const { startSandbox } = require('./server')

module.exports = { startSandbox }
