'use strict'
// `npm test`: makes the clone ready, then runs the Rust tests, the model of the token cache and the Node tests, and prints
// the counts of all, of guarantees and code blocks, and of what was tried for each row of docs/faults.md.
// `npm test -- __test__/client.test.js` runs only the files named.

const { spawn } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { countFaults, faultTable, readFaults } = require('./faults.js')
const { unsteered } = require('./environment.js')
const { ensureReady } = require('./setup.js')

const root = path.join(__dirname, '..')

async function main() {
  const named = process.argv.slice(2)
  await ensureReady()
  const rust = named.length > 0 ? undefined : await testRust([])
  const model = named.length > 0 ? undefined : await testRust(['--features', 'model', 'model', '--', '--nocapture'])
  const node = await testNode(named.length > 0 ? named : listTests())
  if (rust && model) {
    console.log(`Rust: ${rust.passed} passed, ${rust.failed} failed`)
    console.log(model.output.match(/^Model: .*$/m)?.[0] ?? 'Model: it did not come to its end')
  }
  const faults = named.length > 0 ? [] : countFaults(readFaults(readCatalogue()).rows, node.output)
  if (faults.length > 0) console.log(faultTable(faults))
  for (const [, count] of node.output.matchAll(/^\s*ℹ ((?:Guarantees|Code blocks): .*)$/gm)) console.log(count)
  for (const reason of node.skips) console.log(`NOT RUN: ${reason}`)
  console.log(`Node: ${node.passed} passed, ${node.failed} failed, ${node.skipped} skipped`)
  const runs = [node, rust, model].filter((run) => run !== undefined)
  const isGood =
    runs.every(({ passed, failed, exitCode }) => passed > 0 && failed === 0 && exitCode === 0) &&
    faults.every(({ failures }) => failures === 0)
  process.exitCode = isGood ? 0 : 1
}

/** Tests that need nothing but this repository: at the top of __test__, and the catalogue of faults. */
function listTests() {
  const rooms = ['__test__', path.join('__test__', 'faults')]
  const files = rooms.flatMap((room) => fs.readdirSync(path.join(root, room)).map((name) => path.join(room, name)))
  return files.filter((file) => /\.test\.m?js$/.test(file))
}

function readCatalogue() {
  return fs.readFileSync(path.join(root, 'docs', 'faults.md'), 'utf8')
}

/** @param {string[]} args */
async function testRust(args) {
  const { output, exitCode } = await capture('cargo', ['test', '--locked', ...args], process.env)
  const results = [...output.matchAll(/^test result: .* (\d+) passed; (\d+) failed/gm)]
  return {
    passed: sum(results.map((result) => result[1])),
    failed: sum(results.map((result) => result[2])),
    exitCode,
    output,
  }
}

/** @param {string[]} files */
async function testNode(files) {
  // Two at a time: enough to use the cores of a small machine, and few enough for the time-outs in the tests.
  const args = ['--test', '--test-concurrency=2', '--test-reporter=spec', ...files]
  const { output, exitCode } = await capture(process.execPath, args, unsteered(process.env))
  /** @param {string} name */
  const count = (name) => Number(output.match(new RegExp(`^ℹ ${name} (\\d+)$`, 'm'))?.[1] ?? 0)
  // A suite that is skipped is not in the runner's count: the reasons are told once more, below everything else.
  const skips = new Set([...output.matchAll(/^\s*﹣ .*# (.+)$/gm)].map((skip) => String(skip[1])))
  return {
    passed: count('pass'),
    failed: count('fail') + count('cancelled'),
    skipped: count('skipped'),
    skips: [...skips],
    exitCode,
    output,
  }
}

/**
 * Runs a command, shows its output, and gives it.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ output: string, exitCode: number }>}
 */
function capture(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text
      process.stdout.write(text)
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ output, exitCode: code ?? 1 }))
  })
}

/** @param {(string | undefined)[]} counts */
function sum(counts) {
  return counts.reduce((total, count) => total + Number(count), 0)
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
