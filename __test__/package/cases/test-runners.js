// The package in its users' own tests.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')

/** @typedef {InstanceType<typeof import('../world.js').World>} World */

const BODY = `
test('a call to the sandbox', async () => {
  const sandbox = await startSandbox()
  const layer1 = new Layer1(sandbox.options)
  const wrong = new Layer1({ ...sandbox.options, clientSecret: 'wrong' })
  expect((await layer1.get('/api/v1/asset-pools', { query: { pageSize: 5 } })).content.length).toBe(5)
  await expect(wrong.getToken()).rejects.toThrow(Layer1AuthError)
  await layer1.close()
  await wrong.close()
  await sandbox.close()
})
`
const REQUIRE = `const { Layer1, Layer1AuthError } = require('layer1')\nconst { startSandbox } = require('layer1/sandbox')\n`
const IMPORT = REQUIRE.replaceAll(/const (.*) = require\((.*)\)/g, 'import $1 from $2')

module.exports = () => [
  { name: 'Vitest', run: vitest },
  { name: 'Jest', run: jest },
  { name: 'Jest with the conditions of a browser: the sentence', run: jestInBrowser },
]

/** @param {World} world */
async function vitest(world) {
  const text = `import { expect, test } from 'vitest'\n${IMPORT}${BODY}`
  const folder = project(world, 'vitest', { 'one.test.mjs': text, 'two.test.mjs': text })
  const program = path.join(world.tools, 'node_modules', 'vitest', 'vitest.mjs')
  const said = await world.run(world.node(24), [program, 'run', '--root', folder], { cwd: folder })
  assert.match(said, /Tests +2 passed \(2\)/)
}

/** @param {World} world */
async function jest(world) {
  const said = await runJest(world, 'jest', `${REQUIRE}${BODY}`)
  assert.match(said, /Tests: +2 passed, 2 total/)
}

/** @param {World} world */
async function jestInBrowser(world) {
  const text = `
test('require throws the sentence', () => {
  expect(() => require('layer1')).toThrow(/cannot run in a browser .* testEnvironment 'node'/)
})
`
  const said = await runJest(world, 'jest-browser', text, {
    testEnvironmentOptions: { customExportConditions: ['browser'] },
  })
  assert.match(said, /Tests: +2 passed, 2 total/)
}

/**
 * @param {World} world
 * @param {string} name
 * @param {string} text
 * @param {object} [config]
 */
async function runJest(world, name, text, config = {}) {
  const folder = project(world, name, {
    'one.test.js': text,
    'two.test.js': text,
    'jest.config.json': JSON.stringify({ testEnvironment: 'node', watchman: false, ...config }),
  })
  const program = path.join(world.tools, 'node_modules', 'jest', 'bin', 'jest.js')
  const { stdout, stderr, code } = await world.outcome(process.execPath, [program, '--rootDir', folder], {
    cwd: folder,
  })
  assert.equal(code, 0, `${stdout}${stderr}`)
  return stderr
}

/**
 * @param {World} world
 * @param {string} name
 * @param {Record<string, string>} files
 */
function project(world, name, files) {
  const folder = world.copy(name)
  for (const [file, text] of Object.entries(files)) {
    fs.writeFileSync(path.join(folder, file), text)
  }
  return folder
}
