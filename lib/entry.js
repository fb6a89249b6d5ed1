'use strict'
// In a clone: the face as the build put it into one file (scripts/bundle.js says why). In the published package this
// file is that face itself.

const fs = require('node:fs')
const path = require('node:path')

// In a clone that is not built, the modules say what is missing and how to get it.
const isBuilt = fs.existsSync(path.join(__dirname, 'face.js'))
module.exports = isBuilt ? require('./face.js') : require('./index.js')
