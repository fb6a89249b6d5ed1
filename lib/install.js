'use strict'
// What can be seen of the installation, for the error of a package that does not load. Nothing here runs otherwise.

const fs = require('node:fs')
const path = require('node:path')

/** @typedef {'npm' | 'pnpm' | 'yarn' | 'bun' | 'deno'} PackageManager */

/** How each manager gets what is missing, or gets anew what is broken. @type {Record<PackageManager, { missing: string, broken: string }>} */
const REPAIRS = {
  npm: {
    missing: 'npm install --include=optional',
    broken: 'rm -rf node_modules/layer1-* && npm install --include=optional',
  },
  pnpm: { missing: 'pnpm install --force', broken: 'rm -rf node_modules && pnpm install --force' },
  yarn: { missing: 'yarn install', broken: 'rm -rf node_modules && yarn install' },
  bun: { missing: 'bun install --force', broken: 'rm -rf node_modules && bun install --force' },
  deno: { missing: 'deno install', broken: 'rm -rf node_modules && deno install' },
}

/** What a manager leaves in node_modules, and beside it. @type {[PackageManager, string][]} */
const MARKS = [
  ['pnpm', 'node_modules/.modules.yaml'],
  ['yarn', 'node_modules/.yarn-state.yml'],
  ['yarn', 'node_modules/.yarn-integrity'],
  ['yarn', '.pnp.cjs'],
  ['deno', 'node_modules/.deno'],
  ['bun', 'bun.lock'],
  ['bun', 'bun.lockb'],
  ['npm', 'node_modules/.package-lock.json'],
  ['pnpm', 'pnpm-lock.yaml'],
  ['yarn', 'yarn.lock'],
]

/**
 * Tells which package manager installed this package, as far as its marks show; npm, if none does.
 *
 * @param {string} from
 * @returns {PackageManager}
 */
function packageManager(from) {
  for (const folder of ancestors(from)) {
    const mark = MARKS.find(([, file]) => fs.existsSync(path.join(folder, file)))
    if (mark) {
      return mark[0]
    }
  }
  return 'npm'
}

/**
 * Lists the binaries of other platforms that lie beside this package: node_modules was made on one of them.
 *
 * @param {string} from
 * @returns {string[]} their suffixes
 */
function installedBinaries(from) {
  const modules = ancestors(from).map((folder) => path.join(folder, 'node_modules'))
  const names = modules.flatMap((folder) => (fs.existsSync(folder) ? fs.readdirSync(folder) : []))
  return [...new Set(names)].flatMap((name) => name.match(/^layer1-((?:linux|darwin|win32)-.+)$/)?.[1] ?? [])
}

/** @param {string} from */
function ancestors(from) {
  const folders = [from]
  for (let folder = from; folder !== path.dirname(folder); ) {
    folder = path.dirname(folder)
    folders.push(folder)
  }
  return folders
}

module.exports = { REPAIRS, packageManager, installedBinaries }
