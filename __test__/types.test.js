'use strict'
// The typings, as a program sees them that has installed the package: what must compile, what must not, and what they say.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, before, describe, it } = require('node:test')
const manifest = require('../package.json')

/** @typedef {{ file: string, line: number, code: string, message: string }} Diagnostic */
/** @typedef {{ name: string, isMethod: boolean, doc: string }} Member */
/** @typedef {{ name: string, kind: string, base: string | undefined, doc: string, members: Member[] }} Declaration */

const root = path.join(__dirname, '..')
const sources = path.join(__dirname, 'types')
const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')

const strict = {
  target: 'es2022',
  lib: ['es2022'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  noEmit: true,
}
const nodenext = { module: 'nodenext', moduleResolution: 'nodenext' }

/** Files that only a program can have which may write `require`. */
const withRequire = ['commonjs.cts', 'twins.mts']
/** A CommonJS module with import and export is not to the taste of verbatimModuleSyntax. */
const withoutVerbatim = ['interop.cts']

/** @type {{ name: string, options: object, leftOut: string[] }[]} */
const moduleSystems = [
  { name: 'node16', options: { module: 'node16', moduleResolution: 'node16' }, leftOut: [] },
  { name: 'nodenext', options: nodenext, leftOut: [] },
  { name: 'esnext and bundler', options: { module: 'esnext', moduleResolution: 'bundler' }, leftOut: withRequire },
]

/** A project that has installed the package. */
let consumer = ''
before(() => {
  consumer = fs.mkdtempSync(path.join(os.tmpdir(), 'layer1-types-'))
  installPackage(consumer)
})
after(() => fs.rmSync(consumer, { recursive: true, force: true }))

describe('given programs that must compile, and lines that must not', { concurrency: 2, timeout: 120_000 }, () => {
  for (const { name, options, leftOut } of moduleSystems) {
    for (const exactOptionalPropertyTypes of [true, false]) {
      for (const lib of [['es2022'], ['es2022', 'dom', 'dom.iterable']]) {
        const strictness = `exactOptionalPropertyTypes ${exactOptionalPropertyTypes ? 'on' : 'off'}`
        it(`given ${name}, ${strictness}, and ${lib.join(', ')}, when they are compiled, then tsc is content`, async () => {
          const all = { ...strict, ...options, exactOptionalPropertyTypes, lib }
          assert.equal(await compile('.', all, [...leftOut, ...withoutVerbatim]), '')
        })
      }
    }
  }

  it('given a bundler that knows require, when they are compiled, then tsc is content', async () => {
    const options = { ...strict, module: 'preserve', moduleResolution: 'bundler' }
    assert.equal(await compile('.', options, withoutVerbatim), '')
  })

  it('given a package of type commonjs, when they are compiled, then tsc is content', async () => {
    const options = { ...strict, ...nodenext, verbatimModuleSyntax: false }
    assert.equal(await compile(copySources('cjs', { type: 'commonjs' }), options, []), '')
  })

  it('given a program that names no types, when it is compiled, then those of Node.js come along', async () => {
    const { types, ...options } = { ...strict, ...nodenext }
    assert.equal(await compile('.', options, withoutVerbatim), '')
  })

  it('given the newest of everything, when they are compiled, then tsc is content', async () => {
    const options = { ...strict, ...nodenext, target: 'esnext', lib: ['esnext'] }
    assert.equal(await compile('.', options, withoutVerbatim), '')
  })

  it('given a program without strictness, when it is compiled, then the typings themselves are still sound', async () => {
    const { strict: _, exactOptionalPropertyTypes, ...options } = { ...strict, ...nodenext }
    const folder = writeFiles('loose', {
      'main.mts': "export { Layer1 } from 'layer1'\nexport * from 'layer1/sandbox'\nexport * from 'layer1/redis'\n",
    })
    assert.equal(await compile(folder, { ...options, strict: false }, []), '')
  })
})

describe('given a way to notice what is wrong', { concurrency: 2, timeout: 120_000 }, () => {
  it('given a deliberate error, when it is compiled, then tsc finds it', async () => {
    const folder = writeFiles('wrong', {
      'main.mts': "import { Layer1 } from 'layer1'\nexport const token: string = new Layer1().getToken()\n",
    })
    const [found, ...more] = diagnostics(await compile(folder, { ...strict, ...nodenext }, []))
    assert.deepEqual([found?.file, found?.line, found?.code, more], ['main.mts', 2, 'TS2322', []])
  })

  it('given a line that compiles though it must not, when it is compiled, then tsc finds it', async () => {
    const folder = writeFiles('needless', {
      'main.mts': "import { path } from 'layer1'\n// @ts-expect-error not so\nexport const text: string = path`/x`\n",
    })
    const found = diagnostics(await compile(folder, { ...strict, ...nodenext }, []))
    assert.deepEqual(
      found.map(({ line, code }) => [line, code]),
      [[2, 'TS2578']],
    )
  })

  it('given typings that are broken, when a program is compiled, then tsc finds it', async () => {
    const folder = writeFiles('broken', {
      'main.mts': "export * from 'layer1'\n",
      'node_modules/layer1/package.json': JSON.stringify(manifest),
      'node_modules/layer1/index.d.mts': "export * from './index.js'\n",
      'node_modules/layer1/index.d.ts': 'export class Layer1 { get(): Missing }\n',
    })
    assert.deepEqual(
      diagnostics(await compile(folder, { ...strict, ...nodenext }, [])).map(({ code }) => code),
      ['TS2304'],
    )
  })

  it('given the lines that must not compile, when nothing expects it, then each one fails, and by its types', async () => {
    const expected = /^\s*\/\/ @ts-expect-error .*$/
    const folder = copySources('bare', { type: 'module' }, (text) => text.replace(/@ts-expect-error/g, 'no longer:'))
    const found = diagnostics(await compile(folder, { ...strict, ...nodenext }, withoutVerbatim))
    const lines = fs.readdirSync(sources).flatMap((file) => {
      const text = fs.readFileSync(path.join(sources, file), 'utf8').split('\n')
      return text.flatMap((line, index) => (expected.test(line) ? [`${file}:${index + 2}`] : []))
    })
    const failing = found.map(({ file, line }) => `${file}:${line}`)
    assert.ok(lines.length > 150, `only ${lines.length} lines`)
    assert.deepEqual([...new Set(failing)].sort(), lines.sort())
    // A name or a module that is not there, or bad grammar, would fail whatever the typings say.
    const meaningless = /^TS((?!1192)1\d\d\d|2304|2307|2552|2580|2582|2584|2591)$/
    const wrong = found.filter(({ file, code }) => file !== 'refused-exports.ts' && meaningless.test(code))
    assert.deepEqual(wrong, [])
  })
})

describe('given package.json', () => {
  /** @type {Record<string, any>} */
  const entries = manifest.exports
  const typings = Object.values(entries).flatMap((entry) => [entry.types, entry.import?.types, entry.require?.types])

  for (const file of new Set(typings.filter(Boolean))) {
    it(`given ${file}, when the package is installed, then it is there`, () => {
      assert.ok(fs.existsSync(path.join(consumer, 'node_modules/layer1', file)))
    })
  }

  it('given what is exported, when the typings are compared with the module, then the names are the same', () => {
    const values = readDeclarations('index.d.ts').filter(({ kind }) => kind === 'class' || kind === 'function')
    assert.deepEqual(values.map(({ name }) => name).sort(), Object.keys(require('layer1')).sort())
  })
})

/** What nothing can go wrong with, and what is nobody's to call. */
const throwsNothing = ['Layer1.close', 'Layer1.[Symbol.asyncDispose]', 'Layer1Error.constructor']
const needsNoExample = ['Layer1Error.constructor']

/** @type {[file: string, least: number][]} */
const documented = [
  ['index.d.ts', 6],
  ['lib/sandbox/index.d.ts', 6],
  ['lib/redis/index.d.ts', 5],
]
for (const [file, least] of documented) {
  describe(`given ${file}`, () => {
    const declarations = readDeclarations(file)

    it('when its declarations are read, then there are some, with members and without', () => {
      assert.ok(declarations.length >= least)
      assert.ok(declarations.some(({ members }) => members.length >= least))
    })

    for (const declaration of declarations) {
      const { name, kind, doc, members } = declaration
      const callables = [
        ...(kind === 'function' ? [{ name, doc }] : []),
        ...members.filter(({ isMethod }) => isMethod).map((member) => ({ ...member, name: `${name}.${member.name}` })),
      ]

      it(`given ${name}, when its comments are read, then it and each of its members says what it is`, () => {
        const silent = members.filter(
          (member) => !/\w/.test(member.doc) && !isInherited(declaration, member, declarations),
        )
        assert.match(doc, /\w/)
        assert.deepEqual(silent, [])
      })

      it(`given ${name}, when its comments are read, then times and sizes have their units`, () => {
        const lacking = members.filter((member) =>
          units.some(([of, unit]) => of.test(member.name) && !unit.test(member.doc)),
        )
        assert.deepEqual(lacking, [])
      })

      it(`given ${name}, when its comments are read, then it has an example`, () => {
        assert.match(doc, /^@example$/m)
      })

      if (callables.length > 0 && file === 'index.d.ts') {
        it(`given what can be called of ${name}, when its comments are read, then each has an example`, () => {
          const lacking = callables.filter(
            ({ name, doc }) => !needsNoExample.includes(name) && !/^@example$/m.test(doc),
          )
          assert.deepEqual(lacking, [])
        })

        it(`given what can be called of ${name}, when its comments are read, then each says what it throws, if it can`, () => {
          const wrong = callables.filter(({ name, doc }) => /^@throws \{/m.test(doc) === throwsNothing.includes(name))
          assert.deepEqual(wrong, [])
        })
      }
    }
  })
}

/** What a member's name says that it is, and what its comment has to say then. @type {[of: RegExp, unit: RegExp][]} */
const units = [
  [/^(timeout|connectTimeout|latency|delay|timings|now)$/, /\bms\b/],
  [/^(tokenLifetime|retryAfter)$/, /\bseconds\b/],
  [/bytes/i, /\bbytes\b.*\bMiB\b/s],
  [/^(expiresAt|at)$/, /[Ww]hen/],
]

describe('given a reader of typings', () => {
  it('when it reads what lacks comments, then it finds that', () => {
    const text = [
      '/** Says so. */',
      'export class One extends Error {',
      '  /** Does. @throws */',
      '  does<T = unknown>(',
      '    path: string,',
      '  ): void',
      '  does(path: number): void',
      '  readonly silent?: string',
      '}',
      'interface Hidden {',
      '  member: string',
      '}',
      'export type Two =',
      '  /** Of a part. */',
      "  | 'a'",
    ]
    assert.deepEqual(parseDeclarations(text.join('\n')), [
      {
        name: 'One',
        kind: 'class',
        base: 'Error',
        doc: 'Says so.',
        members: [
          { name: 'does', isMethod: true, doc: 'Does. @throws' },
          { name: 'silent', isMethod: false, doc: '' },
        ],
      },
      { name: 'Two', kind: 'type', base: undefined, doc: '', members: [] },
    ])
  })
})

describe('given the examples in the typings', { timeout: 120_000 }, () => {
  /** @type {Diagnostic[]} */
  let found = []
  const examples = documented
    .flatMap(([file]) => readExamples(file))
    // Names differ in capitals alone, and that is not enough for a file.
    .map((example, index) => ({ ...example, file: `${index}-${example.name}.mts` }))
  const wrong = 'const token: string = layer1.getToken()'
  before(async () => {
    const files = [...examples, { file: 'wrong.mts', code: wrong }].map(({ file, code }) => [file, toModule(code)])
    const folder = writeFiles('examples', { 'around.d.ts': around, ...Object.fromEntries(files) })
    const output = await compile(folder, { ...strict, ...nodenext }, [])
    found = diagnostics(output)
  })

  for (const { name, code, file: own } of examples) {
    it(`given that of ${name}, when it is compiled, then tsc is content`, () => {
      assert.deepEqual(
        found.filter(({ file }) => file === own),
        [],
        code,
      )
    })
  }

  it('given one that is wrong, when it is compiled, then tsc finds it', () => {
    assert.ok(examples.length > 40)
    assert.deepEqual(
      found.filter(({ file }) => !examples.some(({ file: own }) => file === own)).map(({ file }) => file),
      ['wrong.mts'],
    )
  })
})

/** What an example may take for granted. */
const around = `
declare global {
  const layer1: import('layer1').Layer1
  const sandbox: import('layer1/sandbox').Sandbox
  const error: unknown
  const id: string
  interface AssetPool { readonly id: string; readonly name: string }
  function readSecret(): Promise<string>
  function currentTraceparent(): string
  function alert(text: string): void
  const raw: Buffer
  const request: import('node:http').IncomingMessage
  const response: import('node:http').ServerResponse
  const webhookKey: string
  const tokenStore: import('layer1').TokenStore
  const redis: import('layer1/redis').IoredisClient
  const key: string
  const sealed: string
  const cache: {
    read(key: string): Promise<string | null>
    write(key: string, value: string, options: { milliseconds: number }): Promise<void>
  }
}
export {}
`

/**
 * Makes a module of an example: with all names of the package, and a function around what is no import.
 *
 * @param {string} code
 */
function toModule(code) {
  const lines = code.split('\n')
  const isImport = (/** @type {string} */ line) => line.startsWith('import ')
  const imports = [
    ['layer1', 'index.d.ts'],
    ['layer1/sandbox', 'lib/sandbox/index.d.ts'],
    ['layer1/redis', 'lib/redis/index.d.ts'],
  ].map(([from, file]) => {
    const names = readDeclarations(String(file)).map(({ name, kind }) =>
      kind === 'class' || kind === 'function' ? name : `type ${name}`,
    )
    return `import { ${names.join(', ')} } from '${from}'`
  })
  const body = lines.filter((line) => !isImport(line))
  return [...imports, ...lines.filter(isImport), 'export async function example() {', ...body, '}', ''].join('\n')
}

/**
 * @param {string} file
 * @returns {{ name: string, code: string }[]}
 */
function readExamples(file) {
  const commented = readDeclarations(file).flatMap(({ name, doc, members }) => [
    { name, doc },
    ...members.map((member) => ({ name: `${name}.${member.name}`, doc: member.doc })),
  ])
  return commented.flatMap(({ name, doc }) => {
    const [, ...examples] = doc.split(/^@example\n/m)
    return examples.map((text, index) => ({
      name: index === 0 ? name : `${name}-${index + 1}`,
      code: String(text.split(/^@/m)[0]),
    }))
  })
}

/**
 * A member that only narrows one of its base class has that one's comment: editors show it.
 *
 * @param {Declaration} declaration
 * @param {Member} member
 * @param {Declaration[]} declarations
 */
function isInherited({ base }, member, declarations) {
  const inherited = declarations.find(({ name }) => name === base)?.members.find(({ name }) => name === member.name)
  return inherited !== undefined && inherited.doc !== ''
}

/** @param {string} file */
function readDeclarations(file) {
  return parseDeclarations(fs.readFileSync(path.join(root, file), 'utf8'))
}

/**
 * Reads what declarations are exported, with their comments. It relies on how Biome lays them out: a declaration begins
 * at the margin, a member two blanks from it.
 *
 * @param {string} text
 * @returns {Declaration[]}
 */
function parseDeclarations(text) {
  /** @type {Declaration[]} */
  const declarations = []
  /** @type {Member[]} */
  let members = []
  let doc = ''
  for (const part of text.match(/^ *\/\*\*[\s\S]*?\*\/$|^.*$/gm) ?? []) {
    if (part.trimStart().startsWith('/**')) {
      doc = part
        .replace(/^ *\/\*\* ?| ?\*\/$/g, '')
        .replace(/^ *\* ?/gm, '')
        .trim()
      continue
    }
    const [, exported, kind, name, base] =
      /^(export )?(?:declare )?(class|interface|type|function|const) (\w+)(?:<.*?>)?(?: extends (\w+))?/.exec(part) ??
      []
    const [, member, mark] = /^ {2}(?:readonly )?(\[[\w.]+\]|\w+)\??(?:<[^(]*>)?([(:])/.exec(part) ?? []
    if (kind && name) {
      members = []
      if (exported) declarations.push({ name, kind, base, doc, members })
    } else if (member && members.at(-1)?.name !== member) {
      members.push({ name: member, isMethod: mark === '(', doc })
    }
    doc = ''
  }
  return declarations
}

/**
 * Installs the package's typings, as far as they are published, into a project outside this repository.
 *
 * @param {string} folder
 */
function installPackage(folder) {
  const modules = path.join(folder, 'node_modules')
  fs.mkdirSync(path.join(modules, '@types'), { recursive: true })
  const nodeTypes = path.dirname(require.resolve('@types/node/package.json'))
  fs.symlinkSync(nodeTypes, path.join(modules, '@types/node'), 'junction')
  const published = ['package.json', ...manifest.files.filter((file) => !file.startsWith('!'))]
  for (const file of published) {
    fs.cpSync(path.join(root, file), path.join(modules, 'layer1', file), {
      recursive: true,
      filter: (from) => fs.statSync(from).isDirectory() || /\.d\.m?ts$|package\.json$/.test(from),
    })
  }
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }')
  fs.cpSync(sources, folder, { recursive: true })
}

/**
 * Copies the programs into a package of their own.
 *
 * @param {string} name
 * @param {object} its package.json
 * @param {(text: string) => string} [change]
 */
function copySources(name, its, change = (text) => text) {
  const files = fs.readdirSync(sources).map((file) => [file, change(fs.readFileSync(path.join(sources, file), 'utf8'))])
  return writeFiles(name, { 'package.json': JSON.stringify(its), ...Object.fromEntries(files) })
}

/**
 * Writes files into a folder of the project.
 *
 * @param {string} name
 * @param {Record<string, string>} files
 */
function writeFiles(name, files) {
  for (const [file, text] of Object.entries(files)) {
    const target = path.join(consumer, name, file)
    fs.mkdirSync(path.dirname(target), { recursive: true })
    fs.writeFileSync(target, text)
  }
  return name
}

let configurations = 0

/**
 * Compiles what is in one folder of the project.
 *
 * @param {string} folder
 * @param {object} compilerOptions
 * @param {string[]} leftOut
 * @returns {Promise<string>} what tsc says: nothing, if it is content
 */
async function compile(folder, compilerOptions, leftOut) {
  configurations += 1
  const file = path.join(consumer, folder, `tsconfig.${configurations}.json`)
  const include = ['*.ts', '*.mts', '*.cts']
  fs.writeFileSync(file, JSON.stringify({ compilerOptions, include, exclude: leftOut }))
  return await new Promise((resolve, reject) => {
    const args = [tsc, '-p', file, '--pretty', 'false', '--singleThreaded']
    execFile(process.execPath, args, { cwd: path.join(consumer, folder) }, (error, stdout, stderr) => {
      const isAnswer = error === null || (typeof error.code === 'number' && stdout !== '')
      if (isAnswer && (error === null) === (stdout === '')) resolve(stdout + stderr)
      else reject(new Error(`tsc failed: ${stdout}${stderr}`, { cause: error }))
    })
  })
}

/**
 * @param {string} output
 * @returns {Diagnostic[]}
 */
function diagnostics(output) {
  return [...output.matchAll(/^(\S.*?)\((\d+),\d+\): error (TS\d+): (.*)$/gm)].map(([, file, line, code, message]) => ({
    file: path.basename(String(file)),
    line: Number(line),
    code: String(code),
    message: String(message),
  }))
}
