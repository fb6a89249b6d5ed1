'use strict'
// Where what is installed and built comes from. scripts/deny.sh looks closer at the Rust side, where cargo-deny is there.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, it } = require('node:test')

const root = path.join(__dirname, '..')

/** @param {string} file */
const read = (file) => fs.readFileSync(path.join(root, file), 'utf8')
/** @param {string} file */
const readJson = (file) => JSON.parse(read(file))

/** What npm runs by itself when a package is installed, as a dependency or from its repository. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare', 'prepublish']

describe('the npm package', () => {
  it('given package.json, when it is installed, then no script of ours runs and nothing else is installed', () => {
    const { scripts, dependencies, bundleDependencies, gypfile } = readJson('package.json')
    assert.deepEqual(
      Object.keys(scripts).filter((name) => INSTALL_SCRIPTS.includes(name)),
      [],
    )
    assert.deepEqual([dependencies, bundleDependencies, gypfile], [undefined, undefined, undefined])
    // npm would build a package with such a file by itself.
    assert.equal(fs.existsSync(path.join(root, 'binding.gyp')), false)
  })

  for (const file of ['package-lock.json', 'bench/package-lock.json']) {
    it(`given ${file}, when it is read, then it names no address and has a digest of every package`, () => {
      const packages = Object.entries(readJson(file).packages).filter(([name]) => name !== '')
      assert.ok(packages.length > 0)
      for (const [name, entry] of packages) {
        const { version, integrity, resolved, link, dependencies = {}, optionalDependencies = {} } = entry
        assert.deepEqual([resolved, link], [undefined, undefined], name)
        // What is bundled in another package came with it, and is in its digest.
        if (!entry.inBundle) assert.match(String(integrity), /^sha512-/, name)
        assert.match(version, /^\d+\.\d+\.\d+/, name)
        for (const wanted of Object.values({ ...dependencies, ...optionalDependencies })) {
          assert.doesNotMatch(String(wanted), /[:/](?!.*@)|^git|^file/, `${name} wants ${wanted}`)
        }
      }
    })
  }
})

describe('the crates', () => {
  const crates = read('Cargo.lock')
    .split('[[package]]')
    .slice(1)
    .map((entry) => Object.fromEntries([...entry.matchAll(/^(\w+) = "(.*)"$/gm)].map(([, key, value]) => [key, value])))

  it('given Cargo.lock, when it is read, then every crate is of the registry and has its digest', () => {
    assert.ok(crates.length > 1)
    for (const { name, source, checksum } of crates.filter(({ name }) => name !== 'layer1')) {
      assert.match(String(source), /^registry\+/, name)
      assert.match(String(checksum), /^[0-9a-f]{64}$/, name)
    }
  })

  for (const name of ['rustls', 'ring', 'hyper', 'reqwest', 'h2', 'webpki-roots']) {
    it(`given Cargo.lock, when versions of ${name} are counted, then there is ${name === 'h2' ? 'none' : 'one'}`, () => {
      assert.equal(crates.filter((crate) => crate.name === name).length, name === 'h2' ? 0 : 1)
    })
  }

  it('given Cargo.lock, when it is searched for other TLS and HTTP stacks, then there is none', () => {
    const others =
      /^(openssl.*|native-tls|.*-native-tls|hyper-tls|boring.*|aws-lc.*|s2n-.*|curl.*|isahc|ureq|attohttpc|quinn.*)$/
    assert.deepEqual(
      crates.map(({ name }) => String(name)).filter((name) => others.test(name) && name !== 'openssl-probe'),
      [],
    )
  })
})
