'use strict'
// This file and what it loads on an old Node are in the JavaScript of old Nodes, so that they can say what is wrong.

var oldNode = require('./lib/old-node.js')
var complaint = oldNode(process.versions.node)
if (complaint) throw complaint

module.exports = require('./lib/entry.js')
