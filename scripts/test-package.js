'use strict'
// `npm run test:package`: packs, installs the tarballs into projects outside of the repository, and tries them with every
// runtime, bundler, module system and TypeScript version that is to be had; prints a table of what works.
// `npm run test:package -- WORD`: only the cases that have this word in their names.

const path = require('node:path')
const { run } = require('./run.js')
const { ensureReady } = require('./setup.js')

/** @typedef {InstanceType<typeof import('../__test__/package/world.js').World>} World */
/** @typedef {{ name: string, run: (world: World) => Promise<string | undefined | void> }} Case a sentence, or nothing */
/** @typedef {{ group: string, name: string, state: 'works' | 'FAILED' | 'not run here', detail: string }} Row */

/** Groups of cases, in the order of the table. */
const GROUPS = [
  'files',
  'platforms',
  'runtimes',
  'typescript',
  'bundlers',
  'test-runners',
  'managers',
  'bad-installs',
  'nowhere',
]
/** As many at once as a small machine has cores. */
const AT_ONCE = 2

async function main() {
  await ensureReady()
  await run(process.execPath, [path.join(__dirname, 'pack.js')])
  const { openWorld } = require('../__test__/package/world.js')
  const world = await openWorld()
  try {
    const rows = await runCases(world, process.argv[2] ?? '')
    printTable(rows)
    const count = (/** @type {Row['state']} */ state) => rows.filter((row) => row.state === state).length
    console.log(`Package: ${count('works')} passed, ${count('FAILED')} failed, ${count('not run here')} skipped`)
    process.exitCode = count('works') > 0 && count('FAILED') === 0 ? 0 : 1
  } finally {
    await world.close()
  }
}

/**
 * @param {World} world
 * @param {string} word
 */
async function runCases(world, word) {
  const waiting = GROUPS.flatMap((group) =>
    /** @type {Case[]} */ (require(`../__test__/package/cases/${group}.js`)(world)).map((it) => ({ group, ...it })),
  ).filter(({ group, name }) => `${group} ${name}`.includes(word))
  /** @type {Row[]} */
  const rows = []
  const queue = waiting.entries()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const [index, it] of queue) {
        const began = performance.now()
        rows[index] = { group: it.group, name: it.name, ...(await runCase(it, world)) }
        console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${it.group}: ${it.name}`)
      }
    }),
  )
  return rows
}

/**
 * @param {Case} it
 * @param {World} world
 * @returns {Promise<Pick<Row, 'state' | 'detail'>>}
 */
async function runCase(it, world) {
  try {
    return { state: 'works', detail: (await it.run(world)) ?? '' }
  } catch (error) {
    const { message, notHere } = /** @type {Error & { notHere?: boolean }} */ (error)
    return { state: notHere ? 'not run here' : 'FAILED', detail: message }
  }
}

/** @param {Row[]} rows */
function printTable(rows) {
  const width = Math.max(...rows.map(({ name }) => name.length))
  let shown = ''
  for (const { group, name, state, detail } of rows) {
    if (group !== shown) console.log(`\n${group}`)
    shown = group
    console.log(`  ${name.padEnd(width)}  ${state}${detail && (state === 'works' ? `  (${detail})` : `: ${detail}`)}`)
  }
  console.log('')
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
