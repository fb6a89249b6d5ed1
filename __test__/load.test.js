'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { describe, it } = require('node:test')
const { installedBinaries, packageManager } = require('../lib/install.js')
const load = require('../lib/load.js')
const oldNode = require('../lib/old-node.js')
const manifest = require('../package.json')
const { Layer1Error } = require('layer1')

const here = `${process.platform}-${process.arch}`

/**
 * @param {string} platform
 * @param {string[]} suffixes
 */
function refusal(platform, ...suffixes) {
  const loaders = suffixes.map((suffix) => [suffix, () => require(`layer1-${suffix}`)])
  try {
    load({ [platform]: Object.fromEntries(loaders) })
  } catch (error) {
    assert.ok(error instanceof Layer1Error)
    assert.equal(error.code, 'ERR_LAYER1_PLATFORM')
    return error.message
  }
  throw new assert.AssertionError({ message: 'a binary was loaded' })
}

/**
 * Makes the beginning of a binary for another platform.
 *
 * @param {'elf' | 'mach' | 'pe'} format
 * @param {number} [machine]
 */
function header(format, machine = 0) {
  const bytes = Buffer.alloc(512)
  if (format === 'elf') {
    bytes.writeUInt32BE(0x7f454c46, 0)
    bytes.writeUInt16LE(machine, 18)
  } else if (format === 'mach') {
    bytes.writeUInt32LE(0xfeedfacf, 0)
    bytes.writeUInt32LE(0x0100000c, 4)
  } else {
    bytes.write('MZ')
    bytes.writeUInt32LE(0x80, 0x3c)
    bytes.write('PE', 0x80)
    bytes.writeUInt16LE(0xaa64, 0x84)
  }
  return bytes
}

describe('loading where no binary fits', () => {
  it('given a platform without one, then the error names it, its libc, and those that have one', () => {
    const message = refusal('plan9-mips', 'plan9-mips')
    assert.ok(message.includes(here) && message.includes('plan9-mips') && message.includes(process.version), message)
    if (process.platform === 'linux') assert.match(message, /with (glibc \d|musl)/)
  })

  it('given a binary that is not installed, then the error says how to get it in a clone', () => {
    const message = refusal(here, 'none-such')
    assert.match(message, /not installed/)
    assert.match(message, /npm run build/)
  })

  for (const { name, content, fault } of [
    { name: 'text', content: Buffer.from('no library'), fault: /its binary is damaged: .+/ },
    {
      name: 'a binary for another CPU',
      content: header('elf', 0xf3),
      fault: /its binary was made for linux-riscv64: .+/,
    },
    { name: 'a binary for macOS', content: header('mach'), fault: /its binary was made for darwin-arm64: .+/ },
    { name: 'a binary for Windows', content: header('pe'), fault: /its binary was made for win32-arm64: .+/ },
  ]) {
    it(`given ${name} in place of the binary, then the error says so, and what repairs it`, (t) => {
      const suffix = `broken-${process.pid}`
      const file = path.join(__dirname, '..', 'lib', `layer1.${suffix}.node`)
      fs.writeFileSync(file, content)
      t.after(() => fs.rmSync(file))
      const message = refusal(here, suffix)
      assert.match(message, fault)
      assert.match(message, /"npm run build"/)
    })
  }

  it('given a clone that is not built, when the package is loaded, then the error says which command builds it', (t) => {
    const root = path.join(__dirname, '..')
    const clone = fs.mkdtempSync(path.join(os.tmpdir(), 'layer1-clone-'))
    t.after(() => fs.rmSync(clone, { recursive: true }))
    const isBuilt = (/** @type {string} */ file) => file.endsWith('.node') || file.endsWith('face.js')
    for (const name of ['index.js', 'package.json', 'lib']) {
      fs.cpSync(path.join(root, name), path.join(clone, name), { recursive: true, filter: (file) => !isBuilt(file) })
    }
    assert.throws(() => require(clone), { code: 'ERR_LAYER1_PLATFORM', message: /npm run build/ })
  })
})

describe('the package manager that the error names', () => {
  for (const { mark, manager } of [
    { mark: 'node_modules/.package-lock.json', manager: 'npm' },
    { mark: 'node_modules/.modules.yaml', manager: 'pnpm' },
    { mark: 'node_modules/.yarn-integrity', manager: 'yarn' },
    { mark: 'bun.lock', manager: 'bun' },
    { mark: 'node_modules/.deno', manager: 'deno' },
  ]) {
    it(`given ${mark}, then it is ${manager}`, (t) => {
      const project = fs.mkdtempSync(path.join(os.tmpdir(), 'layer1-install-'))
      t.after(() => fs.rmSync(project, { recursive: true }))
      const folder = path.join(project, 'node_modules', 'layer1', 'lib')
      fs.mkdirSync(folder, { recursive: true })
      fs.writeFileSync(path.join(project, mark), '')
      assert.equal(packageManager(folder), manager)
    })
  }

  it('given binaries of other platforms beside the package, then they are found', (t) => {
    const project = fs.mkdtempSync(path.join(os.tmpdir(), 'layer1-install-'))
    t.after(() => fs.rmSync(project, { recursive: true }))
    for (const name of ['layer1', 'layer1-darwin-arm64', 'layer1-other']) {
      fs.mkdirSync(path.join(project, 'node_modules', name, 'lib'), { recursive: true })
    }
    assert.deepEqual(installedBinaries(path.join(project, 'node_modules/layer1/lib')), ['darwin-arm64'])
  })
})

describe('an old Node', () => {
  const [major, minor] = manifest.engines.node.replace('>=', '').split('.').map(Number)

  for (const version of ['12.22.12', '18.20.8', `${major}.${Number(minor) - 1}.0`]) {
    it(`given Node ${version}, then the error names it and the oldest that will do`, () => {
      const error = oldNode(version)
      assert.ok(error instanceof Layer1Error && error.code === 'ERR_LAYER1_PLATFORM')
      assert.ok(error.message.includes(version) && error.message.includes(`${major}.${minor} or newer`), error.message)
    })
  }

  for (const version of [`${major}.${minor}.0`, '22.0.0', '26.1.0']) {
    it(`given Node ${version}, then nothing is wrong`, () => assert.equal(oldNode(version), undefined))
  }
})
