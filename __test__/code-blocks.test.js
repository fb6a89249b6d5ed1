'use strict'
// Every code block of every document: JavaScript is executed, TypeScript compiled, and the rest read by its own parser.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, before, describe, it } = require('node:test')
const { promisify } = require('node:util')
const { startSandbox } = require('layer1/sandbox')
const yaml = require('js-yaml')
const { scripts } = require('../package.json')
const { listDocuments, readBlocks, root } = require('./support/code-blocks.js')
const { variablesOf } = require('./support/examples.js')
const { withoutOpenssl } = require('./support/openssl.js')

/** @typedef {import('./support/code-blocks.js').Block} Block */
/** @typedef {import('node:test').TestContext} TestContext */

const run = promisify(execFile)

/** What the JavaScript of each document has to print, in its order; a new block needs its line. @type {Record<string, RegExp[]>} */
const landmarks = {
  'README.md': [
    /^\d+ of 23 asset pools\na token of \d+ characters\n$/,
    /^(?:.+\n){23}1\.386770212175842462 [\d. ]+\n$/,
    /^no such pool: layer1:digital-asset:4008\n$/,
    /^GET \/digital\/v1\/networks: 200 \(fresh\)\nGET \/digital\/v1\/networks: 200 \(cache\)\n$/,
    /^layer1:digital:deposit:status-change: CONFIRMED\ndelivered\n$/,
    /an overload that passes is not noticed[\s\S]*a refusal is passed on[\s\S]* pass 2\n/,
  ],
  'examples/lambda/README.md': [/^$/],
}

/** What a block of TypeScript may take for granted: modules that are not installed here, and the stack of a CDK program. */
const around = `
declare module 'aws-cdk-lib/aws-lambda'
declare module 'aws-cdk-lib/aws-lambda-nodejs'
declare const stack: unknown
`

/**
 * Shell blocks that are run too, by how they begin: against the sandbox, in the repository or in a folder of their own.
 *
 * @type {{ begin: string, skip?: string | boolean, isApart?: boolean, prints: RegExp }[]}
 */
const runnable = [
  { begin: 'openssl genpkey', skip: withoutOpenssl, isApart: true, prints: /^-----BEGIN PUBLIC KEY-----\n/ },
  { begin: 'NODE_DEBUG=layer1 node examples/', prints: /^23 asset pools, the first of them:\n/ },
  { begin: "echo '{", prints: /^\{"init":"done"\}\n\{"statusCode":200,"body":".*settlement 02.*"\}\n$/ },
]

/** How each language is checked: the word it is counted under, and the check. @type {Record<string, [way: string, check: (block: Block, t: TestContext) => unknown]>} */
const ways = {
  js: ['executed', execute],
  ts: ['compiled', compile],
  sh: ['checked by the shell', checkShell],
  json: ['parsed', ({ text }) => JSON.parse(text)],
  yaml: ['parsed', parseYaml],
  text: ['compared', compareLines],
}

const documents = listDocuments()
const blocks = documents.flatMap((file) => readBlocks(file))

/** @type {import('layer1/sandbox').Sandbox} */
let sandbox
before(async () => {
  sandbox = await startSandbox()
})
after(() => sandbox.close())

describe('given the documents', { timeout: 120_000 }, () => {
  it('when their code blocks are counted, then there is a way to check each', (t) => {
    const unknown = blocks.filter(({ language }) => !Object.hasOwn(ways, language))
    assert.deepEqual(unknown, [])
    const counts = count(blocks.map(wayOf))
    const told = Object.entries(counts).map(([way, number]) => `${way} ${number}`)
    t.diagnostic(`Code blocks: ${blocks.length}, ${told.sort().join(', ')}`)
    assert.ok(blocks.length >= 20)
  })

  it('when the JavaScript in them is counted, then what each block prints is known here', () => {
    const counts = count(blocks.filter(({ language }) => language === 'js').map(({ file }) => file))
    const known = Object.entries(landmarks).map(([file, { length }]) => [file, length])
    assert.deepEqual(counts, Object.fromEntries(known))
  })

  for (const block of blocks) {
    const { file, line, language } = block
    const [, check] = ways[language] ?? []
    if (check !== undefined) {
      it(`given the ${language} at ${file}:${line}, when it is ${wayOf(block)}, then it is as it should be`, async (t) => {
        await check(block, t)
      })
    }
  }
})

describe('given a reader of code blocks', () => {
  it('when a document has them, then it finds each, its language and its line', () => {
    const text = 'a\n```sh\nnpm test\n```\n\n- item\n\n  ```\n  bare\n  ```\n```js\nopen\n'
    assert.deepEqual(readBlocks('a.md', text), [
      { file: 'a.md', line: 2, language: 'sh', text: 'npm test\n' },
      { file: 'a.md', line: 8, language: '', text: '  bare\n' },
      { file: 'a.md', line: 11, language: 'js', text: 'open\n\n' },
    ])
  })

  it('when the repository is listed, then its documents are there, and nobody else’s', () => {
    assert.ok(
      ['README.md', 'docs/guarantees.md', 'examples/lambda/README.md'].every((file) => documents.includes(file)),
    )
    assert.ok(!documents.some((file) => file.includes('node_modules')))
  })
})

describe('given blocks that are wrong', () => {
  const wrong = { file: 'README.md', line: 1 }
  /** @type {[language: string, text: string, what: RegExp][]} */
  const cases = [
    ['ts', 'const token: string = 1\n', /TS2322/],
    ['sh', 'if true; then\n', /syntax error/],
    ['sh', 'npm run nothing-like-it\n', /no script nothing-like-it/],
    ['sh', 'node examples/nothing.js\n', /no file examples\/nothing\.js/],
    ['json', '{', /JSON/],
    ['yaml', 'a: [', /./],
    ['text', 'LAYER1 is quiet\n', /./],
  ]
  for (const [language, text, what] of cases) {
    const skip = language === 'sh' && process.platform === 'win32'
    it(`given ${JSON.stringify(text)} as ${language}, when it is checked, then that is found`, { skip }, async (t) => {
      const [, check] = ways[language] ?? []
      await assert.rejects(async () => check?.({ ...wrong, language, text }, t), what)
    })
  }
})

/** Gives the word that a block is counted under. @param {Block} block */
function wayOf({ language, text }) {
  const isRun = language === 'sh' && runnable.some(({ begin, skip }) => text.startsWith(begin) && !skip)
  return isRun ? 'executed' : String(ways[language]?.[0])
}

/**
 * @param {string[]} words
 * @returns {Record<string, number>} how often each is there
 */
function count(words) {
  /** @type {Record<string, number>} */
  const counts = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

/** Runs it as a module of its own, against the sandbox. @param {Block} block */
async function execute({ file, text, line }) {
  const those = blocks.filter((each) => each.file === file && each.language === 'js')
  const landmark = landmarks[file]?.[those.findIndex((each) => each.line === line)]
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env
  const env = { ...inherited, ...variablesOf(sandbox.options) }
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', text], { cwd: root, env })
  assert.match(stdout, /** @type {RegExp} */ (landmark))
}

/**
 * Compiles it as strictly as there is, in a project that has the package.
 *
 * @param {Block} block
 * @param {TestContext} t
 */
async function compile({ text }, t) {
  const folder = temporaryFolder(t)
  fs.mkdirSync(path.join(folder, 'node_modules', '@types'), { recursive: true })
  fs.symlinkSync(root, path.join(folder, 'node_modules', 'layer1'), 'junction')
  const nodeTypes = path.dirname(require.resolve('@types/node/package.json'))
  fs.symlinkSync(nodeTypes, path.join(folder, 'node_modules', '@types', 'node'), 'junction')
  fs.writeFileSync(path.join(folder, 'around.d.ts'), around)
  fs.writeFileSync(path.join(folder, 'block.mts'), `${text}\nexport {}\n`)
  const compilerOptions = { target: 'es2023', module: 'nodenext', types: ['node'], strict: true, noEmit: true }
  fs.writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')
  await run(process.execPath, [tsc, '-p', folder, '--pretty', 'false']).catch((error) => assert.fail(error.stdout))
}

/**
 * Has it read by the shell, looks up what it names of this repository, and runs it where that needs nothing else.
 *
 * @param {Block} block
 * @param {TestContext} t
 */
async function checkShell({ text }, t) {
  if (process.platform === 'win32') return t.skip('the bash of Windows is that of another system')
  const folder = temporaryFolder(t)
  const script = path.join(folder, 'block.sh')
  fs.writeFileSync(script, text)
  await run('bash', ['-n', script]).catch((error) => assert.fail(error.stderr))
  for (const [, name] of text.matchAll(/^npm (?:run )?([a-z:-]+)/gm)) {
    assert.ok(['install', ...Object.keys(scripts)].includes(String(name)), `there is no script ${name}`)
  }
  for (const [, file] of text.matchAll(/(?:node |^|-- )((?:scripts|examples|__test__|bench)\/[\w./-]+)/gm)) {
    assert.ok(fs.existsSync(path.join(root, String(file))), `there is no file ${file}`)
  }
  const { skip, isApart, prints } = runnable.find(({ begin }) => text.startsWith(begin)) ?? {}
  if (prints === undefined || skip) return
  const env = { ...process.env, ...variablesOf(sandbox.options) }
  const { stdout } = await run('bash', ['-e', script], { cwd: isApart ? folder : root, env })
  assert.match(stdout, prints)
}

/** @param {Block} block */
function parseYaml({ text }) {
  assert.equal(typeof yaml.load(text), 'object')
}

/**
 * It is what NODE_DEBUG=layer1 shows of an example whose first attempt fails, but for its figures.
 *
 * @param {Block} block
 * @param {TestContext} t
 */
async function compareLines({ text }, t) {
  const failing = await startSandbox()
  t.after(() => failing.close())
  failing.fail({ status: 503, retryAfter: 0 })
  const env = { ...process.env, ...variablesOf(failing.options), NODE_DEBUG: 'layer1' }
  const { stderr } = await run(process.execPath, ['examples/quick-start.js'], { cwd: root, env })
  const unify = (/** @type {string} */ lines) => lines.replace(/\d+\.\d/g, '0.0').replace(/^LAYER1 \d+/gm, 'LAYER1 0')
  assert.equal(unify(text), unify(stderr))
}

/** @param {TestContext} t */
function temporaryFolder(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'layer1-blocks-'))
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }))
  return folder
}
