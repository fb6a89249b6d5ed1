// Where native code cannot run, the package is a sentence.

const assert = require('node:assert/strict')
const path = require('node:path')

/** @typedef {InstanceType<typeof import('../world.js').World>} World */

const CONDITIONS = ['browser', 'workerd', 'edge-light']

module.exports = () =>
  CONDITIONS.flatMap((condition) => [
    { name: `${condition}, loaded`, run: (/** @type {World} */ world) => loaded(world, condition) },
    { name: `${condition}, bundled`, run: (/** @type {World} */ world) => bundled(world, condition) },
  ])

/**
 * @param {World} world
 * @param {string} condition
 */
async function loaded(world, condition) {
  for (const file of ['load.cjs', 'load.mjs']) {
    check(await world.run(process.execPath, ['--conditions', condition, file]))
  }
}

/**
 * @param {World} world
 * @param {string} condition
 */
async function bundled(world, condition) {
  for (const text of [
    "import { Layer1, path } from 'layer1'; export const client = [Layer1, path]",
    "import { startSandbox } from 'layer1/sandbox'; export const start = startSandbox",
    "import { redisTokenStore } from 'layer1/redis'; export const make = redisTokenStore",
  ]) {
    const { outputFiles, warnings } = await world.requireTool('esbuild').build({
      stdin: { contents: text, resolveDir: path.join(world.app) },
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'neutral',
      conditions: [condition],
      write: false,
      logLevel: 'silent',
    })
    assert.deepEqual(warnings, [])
    const url = `data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`
    const told = await import(url).catch(({ name, code, message }) => JSON.stringify({ name, code, message }))
    check(told)
  }
}

/** @param {string} told */
function check(told) {
  const { name, code, message } = JSON.parse(told)
  assert.deepEqual([name, code], ['Layer1Error', 'ERR_LAYER1_PLATFORM'])
  assert.match(message, /^layer1 cannot run in a browser or on an edge runtime: /)
}
