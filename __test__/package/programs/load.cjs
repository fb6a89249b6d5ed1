'use strict'
// Loads the package with require, and tells how that ended as a caller sees it. In the JavaScript of old Nodes.

if (process.argv[2]) Object.defineProperty(process, 'platform', { value: process.argv[2] })
try {
  console.log(JSON.stringify({ loaded: typeof require('layer1').Layer1 }))
} catch (error) {
  console.log(JSON.stringify({ name: error.name, code: error.code, message: error.message }))
}
