'use strict'
// node scripts/paths.js [--paths 1000000] [--seed 1]: calls generated paths, and tells whether any left the base URL. What
// arrives at a server is judged by Node's URL; the URLs that Rust makes of paths of the same kind, by reqwest's.

const { parseArgs } = require('node:util')
const path = require('node:path')
const { unsteered } = require('./environment.js')
const { run } = require('./run.js')

async function main() {
  const { values } = parseArgs({ options: { paths: { type: 'string' }, seed: { type: 'string' } } })
  const [paths, seed] = [Number(values.paths ?? 1_000_000), Number(values.seed ?? 1)]
  if (!Number.isSafeInteger(paths) || paths < 1 || !Number.isSafeInteger(seed)) {
    throw new Error('--paths and --seed have to be whole numbers.')
  }
  await require('./setup.js').ensureReady()
  // Loaded only now: on a fresh machine there was no addon before.
  const { drivePaths } = require('./paths/drive.js')
  const began = performance.now()
  const { tried, refused, sent, escaped, escapes } = await drivePaths(paths, seed)
  for (const told of escapes.slice(0, 20)) console.log(`  ${told}`)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const counts = `tried ${tried}, refused ${refused}, sent ${sent}, escaped ${escaped}`
  console.log(`Paths by Node's URL: ${counts} (seed ${seed}, ${seconds} s)`)
  const env = { ...unsteered(process.env), PATHS: String(paths), PATHS_SEED: String(seed) }
  await run('cargo', ['test', '--locked', '--quiet', 'target::paths', '--', '--nocapture'], {
    cwd: path.join(__dirname, '..'),
    env,
  })
  process.exitCode = escaped === 0 ? 0 : 1
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
