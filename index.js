'use strict'
// The face in one file, made of the modules in lib/ by "npm run build": scripts/bundle.js says why.

module.exports = require('./lib/face.js')
