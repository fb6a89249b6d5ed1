'use strict'
// `npm run docs`: makes the API reference of the typings, in docs/api. A warning of TypeDoc is an error: a link to nothing,
// a name that is used and not exported, anything exported without a word on it.

const fs = require('node:fs')
const path = require('node:path')
const { installTools } = require('./package/tools.js')
const { run } = require('./run.js')
const { installIfStale } = require('./setup.js')

const settings = path.join(__dirname, 'typedoc')
const output = path.join(__dirname, '..', 'docs', 'api')

async function main() {
  // The typings need those of Node.js.
  await installIfStale()
  const tools = await installTools(settings, 'docs')
  const typedoc = path.join(tools, 'node_modules', 'typedoc', 'bin', 'typedoc')
  await run(process.execPath, [typedoc, '--options', path.join(settings, 'typedoc.jsonc'), '--logLevel', 'Warn'])
  const pages = fs.readdirSync(output, { recursive: true }).filter((file) => String(file).endsWith('.html'))
  console.log(`API reference: ${pages.length} pages in docs/api, no warnings`)
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
