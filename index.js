'use strict'
// The face in one file, made of the modules in lib/ by "npm run build": scripts/bundle.js says why.

const fs = require('node:fs')
const path = require('node:path')

// In a clone that is not built, the modules say what is missing and how to get it.
const isBuilt = fs.existsSync(path.join(__dirname, 'lib', 'face.js'))
module.exports = isBuilt ? require('./lib/face.js') : require('./lib/index.js')
