'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { parseTriple } = require('@napi-rs/cli')

const root = path.join(__dirname, '..', '..')

/** @typedef {{ triple: string, platform: string, arch: string, abi: string | undefined, suffix: string }} Target */

/**
 * Lists the platforms that have a binary, from package.json. `suffix` is what names of files and packages end in.
 *
 * @returns {Target[]}
 */
function listTargets() {
  const { napi } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
  return napi.targets.map((/** @type {string} */ triple) => {
    const { platform, arch, abi } = parseTriple(triple)
    const suffix = [platform, arch, abi].filter(Boolean).join('-')
    return { triple, platform, arch, abi: abi ?? undefined, suffix }
  })
}

/** Gives the target of this machine, if it has one. @returns {Target | undefined} */
function hostTarget() {
  const { platform, arch } = process
  const report = platform === 'linux' ? /** @type {any} */ (process.report.getReport()) : undefined
  const abi = report && (report.header.glibcVersionRuntime ? 'gnu' : 'musl')
  return listTargets().find(
    (target) => target.platform === platform && target.arch === arch && (abi === undefined || target.abi === abi),
  )
}

module.exports = { listTargets, hostTarget }
