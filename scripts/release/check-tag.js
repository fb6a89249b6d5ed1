'use strict'
// Whether a tag names the version in package.json and Cargo.toml: `node scripts/release/check-tag.js REF`.

const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..', '..')
const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
const [, crate] = fs.readFileSync(path.join(root, 'Cargo.toml'), 'utf8').match(/^version = "(.*)"$/m) ?? []
const [, tag] = (process.argv[2] ?? '').match(/^refs\/tags\/v(.*)$/) ?? []

if (crate !== version) {
  console.error(`Cargo.toml says version ${crate}, and package.json ${version}: make them the same.`)
  process.exitCode = 1
} else if (tag !== undefined && tag !== version) {
  console.error(`The tag is v${tag}, and package.json says version ${version}: tag what is to be published.`)
  process.exitCode = 1
} else {
  console.log(`Version ${version}${tag === undefined ? ', without a tag' : ''}.`)
}
