'use strict'

require('./support/clean-env.js')

const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { after, before, describe, it } = require('node:test')
const { promisify } = require('node:util')
const { startSandbox } = require('layer1/sandbox')
const { scripts } = require('../package.json')

const root = path.join(__dirname, '..')
const run = promisify(execFile)

/**
 * @param {string} file
 * @param {string} language
 */
function codeBlocks(file, language) {
  const text = fs.readFileSync(path.join(root, file), 'utf8')
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((match) => String(match[1]))
}

describe('given the examples in README.md', () => {
  /** @type {import('layer1/sandbox').Sandbox} */
  let sandbox
  before(async () => {
    sandbox = await startSandbox()
  })
  after(() => sandbox.close())

  const examples = codeBlocks('README.md', 'js')
  const landmarks = [
    /^\d+ of 23 asset pools\na token of \d+ characters\n$/,
    /^(?:.+\n){23}1\.386770212175842462 [\d. ]+\n$/,
    /^no such pool: layer1:digital-asset:4008\n$/,
    /^GET \/digital\/v1\/networks: 200 \(fresh\)\nGET \/digital\/v1\/networks: 200 \(cache\)\n$/,
    /^layer1:digital:deposit:status-change: CONFIRMED\ndelivered\n$/,
    /GET \/digital\/v1\/networks 503\nGET \/digital\/v1\/networks 200\n$/,
  ]

  it('then every one of them is known to these tests', () => {
    assert.equal(examples.length, landmarks.length)
  })

  for (const [index, landmark] of landmarks.entries()) {
    it(`when example ${index + 1} is run as it stands, then it does what it says`, async () => {
      const variables = {
        LAYER1_CLIENT_ID: sandbox.options.clientId,
        LAYER1_CLIENT_SECRET: sandbox.options.clientSecret,
        LAYER1_BASE_URL: sandbox.baseUrl,
        LAYER1_TOKEN_URL: sandbox.tokenUrl,
      }
      const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', String(examples[index])], {
        cwd: root,
        env: { ...process.env, ...variables },
      })
      assert.match(stdout, landmark)
    })
  }
})

describe('given the commands in the documents', () => {
  for (const file of ['README.md', 'CONTRIBUTING.md']) {
    it(`when ${file} names an npm script, then there is one`, () => {
      const named = codeBlocks(file, 'sh').flatMap((block) => [...block.matchAll(/^npm (?:run )?([a-z:]+)/gm)])
      const known = new Set([...Object.keys(scripts), 'install'])
      assert.ok(named.length > 0)
      for (const [, script] of named) {
        assert.ok(known.has(String(script)), `there is no script ${script}`)
      }
    })
  }

  it('when README.md lists the options, then they are those that the client knows', () => {
    const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8')
    const table = readme.slice(readme.indexOf('| option |'), readme.indexOf('## Calls'))
    const listed = [...table.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell]) => String(cell).match(/\w+/g) ?? [])
    const { Layer1 } = require('layer1')
    assert.throws(
      () => new Layer1(/** @type {any} */ ({ nothingLikeAnyOption: 1 })),
      ({ message }) => {
        const known = message.slice(message.indexOf('There is: ')).match(/\w+/g)?.slice(2) ?? []
        assert.deepEqual([...listed].sort(), [...known].sort())
        return true
      },
    )
  })
})
