'use strict'
// What guards a release. The packages themselves are tried by "npm run test:package".

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, before, describe, it } = require('node:test')
const { promisify } = require('node:util')
const { checkBinary } = require('../scripts/package/check-binary.js')
const { listTargets } = require('../scripts/package/targets.js')
const manifest = require('../package.json')

const root = path.join(__dirname, '..')
const run = promisify(execFile)

let folder = ''
before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'layer1-binaries-'))
})
after(() => fs.rmSync(folder, { recursive: true }))

/**
 * Makes the header of a Linux library that needs a version of glibc's symbols, with the sections that say so.
 *
 * @param {{ machine?: number, library?: string, version?: string }} needs
 */
function library({ machine = 0x3e, library: name = 'libc.so.6', version }) {
  const strings = Buffer.from(`\0${name}\0${version ?? ''}\0`)
  const [dynamic, versions, names] = [512, 640, 1024]
  const bytes = Buffer.alloc(2048)
  bytes.writeUInt32BE(0x7f454c46, 0)
  bytes.writeUInt16LE(machine, 18)
  bytes.writeBigUInt64LE(1536n, 0x28)
  bytes.writeUInt16LE(64, 0x3a)
  bytes.writeUInt16LE(3, 0x3c)
  strings.copy(bytes, names)
  section(bytes, 1536, { type: 3, offset: names, size: strings.length })
  section(bytes, 1600, { type: 6, offset: dynamic, size: 32 })
  section(bytes, 1664, { type: 0x6ffffffe, offset: versions, size: 32, info: version ? 1 : 0 })
  bytes.writeBigUInt64LE(1n, dynamic)
  bytes.writeBigUInt64LE(1n, dynamic + 8)
  bytes.writeUInt16LE(1, versions + 2)
  bytes.writeUInt32LE(16, versions + 8)
  bytes.writeUInt32LE(1 + name.length + 1, versions + 16 + 8)
  return bytes
}

/**
 * @param {Buffer} bytes
 * @param {number} at
 * @param {{ type: number, offset: number, size: number, info?: number }} values
 */
function section(bytes, at, { type, offset, size, info = 0 }) {
  bytes.writeUInt32LE(type, at + 4)
  bytes.writeBigUInt64LE(BigInt(offset), at + 24)
  bytes.writeBigUInt64LE(BigInt(size), at + 32)
  bytes.writeUInt32LE(info, at + 44)
}

/**
 * @param {string} suffix
 * @param {Buffer} content
 */
function check(suffix, content) {
  const file = path.join(folder, `layer1.${suffix}.node`)
  fs.writeFileSync(file, content)
  const target = listTargets().find((each) => each.suffix === suffix)
  assert.ok(target)
  return checkBinary(file, target)
}

describe('the check of a binary that is to be published', () => {
  it('given one that needs an old glibc, then it passes, and the newest symbol is told', () => {
    const told = check('linux-x64-gnu', library({ version: 'GLIBC_2.16' }))
    assert.equal(told, 'linux-x64, nothing above GLIBC_2.16')
  })

  it('given one that needs a glibc above 2.17, then it is refused', () => {
    const content = library({ version: 'GLIBC_2.34' })
    assert.throws(() => check('linux-x64-gnu', content), /needs glibc 2\.34, and may need 2\.17 at most/)
  })

  it('given one for another CPU, then it is refused', () => {
    const content = library({ machine: 0xb7, version: 'GLIBC_2.17' })
    assert.throws(() => check('linux-x64-gnu', content), /has to be for linux-x64, and is for linux-arm64/)
  })

  it('given one for musl that needs glibc, then it is refused', () => {
    const content = library({ version: 'GLIBC_2.17' })
    assert.throws(() => check('linux-x64-musl', content), /is for musl, and needs glibc/)
  })

  it('given one for musl, then it passes', () => {
    const told = check('linux-x64-musl', library({ library: 'libc.musl-x86_64.so.1' }))
    assert.equal(told, 'linux-x64, no glibc (needs libc.musl-x86_64.so.1)')
  })

  it('given what is no binary, then it is refused', () => {
    assert.throws(() => check('win32-x64-msvc', Buffer.from('no binary')), /has to be for win32-x64, and is no binary/)
  })
})

describe('the release', () => {
  it('given the workflows, when actionlint looks at them, then it finds nothing', async () => {
    const { stdout } = await run(process.execPath, ['scripts/lint-workflows.js'], { cwd: root })
    assert.match(stdout, /^actionlint: \d+ workflows? looked at\n$/)
  })

  it('given a tag of this version, then it passes', async () => {
    const tag = `refs/tags/v${manifest.version}`
    await run(process.execPath, ['scripts/release/check-tag.js', tag], { cwd: root })
  })

  it('given a tag of another version, then it is refused', async () => {
    const refused = run(process.execPath, ['scripts/release/check-tag.js', 'refs/tags/v99.0.0'], { cwd: root })
    await assert.rejects(refused, /The tag is v99\.0\.0, and package\.json says version/)
  })

  it('given packages that are incomplete, when they are to be published, then none is', async () => {
    const refused = run(process.execPath, ['scripts/release/publish.js', folder], { cwd: root })
    await assert.rejects(refused, /Nothing was published: there is no .*layer1-linux-x64-gnu/)
  })
})
