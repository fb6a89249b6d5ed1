// What is in the tarballs.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const zlib = require('node:zlib')
const { checkBinary } = require('../../../scripts/package/check-binary.js')
const { hostTarget, listTargets } = require('../../../scripts/package/targets.js')

/** Bytes that a user downloads and keeps may grow to, before somebody looks at why. */
const MOST = { binary: 3_300_000, gzipped: 1_660_000, install: 3_700_000 }

module.exports = () => [
  { name: 'the root package has its files and no others', run: rootFiles },
  { name: "a platform's package has its binary and no code", run: platformFiles },
  { name: 'every platform has a package in the same version', run: versions },
  { name: 'no package runs anything when it is installed', run: scripts },
  { name: 'binary: architecture and libc', run: binary },
  { name: 'sizes: binary, gzipped, whole install', run: sizes },
  { name: 'publint --strict', run: publint },
  { name: 'are the types wrong (attw)', run: attw },
  { name: 'the command line is installed', run: commandLine },
]

/** @typedef {InstanceType<typeof import('../world.js').World>} World */

/** @param {World} world */
async function rootFiles({ app }) {
  const folder = path.join(app, 'node_modules', 'layer1')
  const files = listFiles(folder).sort()
  const known =
    /^(index\.(m?js|d\.m?ts)|package\.json|README\.md|LICENSE|lib\/(entry|esm|old-node|machine|nearest|presets|unsupported)\.js|lib\/unsupported\.mjs|lib\/sandbox\/.+\.(js|d\.ts)|lib\/redis\/index\.(js|d\.ts)|bin\/.+\.js)$/
  assert.deepEqual(
    files.filter((file) => !known.test(file)),
    [],
    'files that nobody expects',
  )
  for (const file of files.filter((name) => /\.m?js$/.test(name))) {
    const text = fs.readFileSync(path.join(folder, file), 'utf8')
    for (const [, wanted = ''] of text.matchAll(/(?:require\(|from |import )['"](\.[^'"]+)['"]/g)) {
      const place = path.join(folder, path.dirname(file), wanted)
      assert.ok(
        [place, `${place}.js`].some((name) => fs.existsSync(name)),
        `${file} needs ${wanted}: add it to "files"`,
      )
    }
  }
  return `${files.length} files`
}

/** @param {World} world */
async function platformFiles({ app }) {
  const { suffix = '' } = hostTarget() ?? {}
  const files = listFiles(path.join(app, 'node_modules', `layer1-${suffix}`)).sort()
  assert.deepEqual(files, ['LICENSE', 'README.md', `layer1.${suffix}.node`, 'package.json'])
}

/** @param {World} world */
async function versions({ packages }) {
  const [main, ...platforms] = packages.map(({ manifest }) => manifest)
  assert.ok(main)
  const named = Object.fromEntries(platforms.map(({ name, version }) => [name, version]))
  assert.deepEqual(main.optionalDependencies, named)
  assert.deepEqual(
    Object.keys(named).sort(),
    listTargets()
      .map(({ suffix }) => `layer1-${suffix}`)
      .sort(),
  )
  assert.ok(platforms.every(({ version, os, cpu }) => version === main.version && os && cpu))
  const libc = Object.fromEntries(platforms.map((manifest) => [manifest.name, manifest.libc]))
  assert.deepEqual(libc['layer1-linux-arm64-musl'], ['musl'])
  assert.deepEqual(libc['layer1-linux-x64-gnu'], ['glibc'])
  return `${platforms.length} platforms, ${main.version}`
}

/** @param {World} world */
async function scripts({ packages }) {
  for (const { manifest } of packages) {
    assert.equal(manifest.scripts, undefined, manifest.name)
    assert.equal(manifest.dependencies, undefined, manifest.name)
    assert.equal(manifest.devDependencies, undefined, manifest.name)
  }
}

/** @param {World} world */
async function binary({ app }) {
  const target = hostTarget()
  assert.ok(target)
  return checkBinary(binaryFile(app), target)
}

/** @param {World} world */
async function sizes({ app }) {
  const content = fs.readFileSync(binaryFile(app))
  const found = {
    binary: content.length,
    gzipped: zlib.gzipSync(content, { level: 9 }).length,
    install: listFiles(path.join(app, 'node_modules'))
      .filter((file) => file.startsWith('layer1'))
      .reduce((total, file) => total + fs.statSync(path.join(app, 'node_modules', file)).size, 0),
  }
  for (const name of /** @type {(keyof typeof MOST)[]} */ (Object.keys(MOST))) {
    assert.ok(found[name] <= MOST[name], `${name}: ${found[name]} bytes, and may be ${MOST[name]}`)
  }
  return Object.entries(found)
    .map(([name, size]) => `${name} ${(size / 1e6).toFixed(2)} MB`)
    .join(', ')
}

/** @param {World} world */
async function publint({ packages, requireTool }) {
  const { publint: lint } = await importTool(requireTool, 'publint')
  const { formatMessage } = await importTool(requireTool, 'publint/utils')
  for (const { manifest, tarball } of packages.filter((found) => found.tarball.length > 0)) {
    const bytes = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length)
    const { messages, pkg } = await lint({ pack: { tarball: bytes }, strict: true })
    const said = messages.map((/** @type {unknown} */ message) => formatMessage(message, pkg, { color: false }))
    assert.deepEqual(said, [], manifest.name)
  }
}

/** @param {World} world */
async function attw({ packages, requireTool }) {
  const { checkPackage, createPackageFromTarballData } = await importTool(requireTool, '@arethetypeswrong/core')
  const { problems, types } = await checkPackage(
    createPackageFromTarballData(new Uint8Array(packages[0]?.tarball ?? [])),
  )
  assert.ok(types, 'no types were found')
  assert.deepEqual(problems, [])
}

/** @param {World} world */
async function commandLine(world) {
  const out = await world.run(path.join(world.app, 'node_modules', '.bin', 'layer1'), ['--version'])
  assert.equal(out.trim(), world.packages[0]?.manifest.version)
}

/**
 * @param {(name: string) => any} requireTool
 * @param {string} name
 */
async function importTool(requireTool, name) {
  return await import(/** @type {any} */ (requireTool).resolve(name))
}

/** @param {string} app */
function binaryFile(app) {
  const { suffix = '' } = hostTarget() ?? {}
  return path.join(app, 'node_modules', `layer1-${suffix}`, `layer1.${suffix}.node`)
}

/** @param {string} folder @returns {string[]} */
function listFiles(folder) {
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
}
