'use strict'

const fs = require('node:fs')
const path = require('node:path')

/**
 * Puts the package beside the other clients, as it is published: its binary is the one that was just built.
 *
 * @param {string} root
 */
async function installPackage(root) {
  const { stageRoot, stagePlatforms } = require('../../scripts/package/stage.js')
  const { hostTarget } = require('../../scripts/package/targets.js')
  const target = hostTarget()
  if (!target) throw new Error(`There is no package for ${process.platform}-${process.arch}.`)
  const modules = path.join(root, 'bench', 'node_modules')
  const binary = `layer1.${target.suffix}.node`
  const platform = path.join(modules, `layer1-${target.suffix}`)
  const platforms = await stagePlatforms()
  replace(path.join(modules, 'layer1'), await stageRoot())
  replace(platform, platforms[target.suffix] ?? '')
  fs.copyFileSync(path.join(root, 'lib', binary), path.join(platform, binary))
}

/** @param {string} folder @param {string} source */
function replace(folder, source) {
  fs.rmSync(folder, { recursive: true, force: true })
  fs.cpSync(source, folder, { recursive: true })
}

module.exports = { installPackage }
