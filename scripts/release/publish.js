'use strict'
// Publishes tarballs: `node scripts/release/publish.js FOLDER`. A dry run unless PUBLISH=true. The platforms' packages
// come first: whoever installs the root package at once finds them.

const { execFile } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { run } = require('../run.js')
const { listTargets } = require('../package/targets.js')

const root = path.join(__dirname, '..', '..')

/** @param {string} folder */
async function main(folder) {
  const { name, version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
  const names = [...listTargets().map(({ suffix }) => `${name}-${suffix}`), name]
  const files = names.map((each) => path.join(folder, `${each}-${version}.tgz`))
  const missing = files.filter((file) => !fs.existsSync(file))
  if (missing.length > 0) {
    throw new Error(`Nothing was published: there is no ${missing.join(', ')}.`)
  }
  const isReal = process.env.PUBLISH === 'true'
  const tag = version.includes('-') ? 'next' : 'latest'
  for (const [index, file] of files.entries()) {
    if (isReal && (await isPublished(`${names[index]}@${version}`))) {
      console.log(`${names[index]}@${version} is published already.`)
      continue
    }
    const flags = isReal ? ['--provenance'] : ['--dry-run']
    await run('npm', ['publish', path.resolve(file), '--access', 'public', '--tag', tag, ...flags])
  }
  console.log(
    isReal ? `Published ${version}.` : `A dry run: ${files.length} packages of ${version} would be published.`,
  )
}

/**
 * Tells whether a run before this one came as far as this package.
 *
 * @param {string} spec
 */
async function isPublished(spec) {
  return await new Promise((resolve) => {
    execFile('npm', ['view', spec, 'version'], (error, stdout) => resolve(error === null && stdout.trim() !== ''))
  })
}

main(process.argv[2] ?? 'artifacts').catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
