// The main job after each bundler: with the package left outside, and taken in whole, far from any node_modules.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { hostTarget } = require('../../../scripts/package/targets.js')

const DONE = 'job: 3 parts, true, true, true\n'
const suffix = hostTarget()?.suffix ?? ''
const binaryPackage = `layer1-${suffix}`

/** @typedef {InstanceType<typeof import('../world.js').World>} World */
/** @typedef {{ folder: string, entry: string, out: string, isWhole: boolean }} Job */

module.exports = () => [
  ...pair('esbuild, CommonJS', 'job.cjs', 'job-bundled.cjs', esbuild),
  ...pair('esbuild, ES module to CommonJS', 'job.mjs', 'job-bundled.cjs', esbuild),
  bundled('esbuild, ES module, external', 'job.mjs', 'job-bundled.mjs', false, esbuild),
  ...pair('webpack', 'job.mjs', 'job-bundled.cjs', webpack),
  ...pair('Rollup', 'job.mjs', 'job-bundled.cjs', rollup),
  bundled('Rollup, ES module, external', 'job.mjs', 'job-bundled.mjs', false, rollup),
  {
    name: '@vercel/nft: what it traces is enough, CommonJS',
    run: (/** @type {World} */ world) => trace(world, 'job.cjs'),
  },
  {
    name: '@vercel/nft: what it traces is enough, ES module',
    run: (/** @type {World} */ world) => trace(world, 'job.mjs'),
  },
]

/**
 * @param {string} name
 * @param {string} entry
 * @param {string} out
 * @param {(world: World, job: Job) => Promise<unknown>} bundle
 */
function pair(name, entry, out, bundle) {
  return [bundled(`${name}, external`, entry, out, false, bundle), bundled(`${name}, whole`, entry, out, true, bundle)]
}

/**
 * @param {string} name
 * @param {string} entry
 * @param {string} out
 * @param {boolean} isWhole
 * @param {(world: World, job: Job) => Promise<unknown>} bundle
 */
function bundled(name, entry, out, isWhole, bundle) {
  return {
    name,
    run: async (/** @type {World} */ world) => {
      const folder = isWhole ? world.project(`bundle ${name}`) : world.copy(`bundle ${name}`)
      await bundle(world, { folder, entry: path.join(world.app, entry), out: path.join(folder, out), isWhole })
      assert.equal(fs.existsSync(path.join(folder, 'node_modules', 'layer1')), !isWhole)
      assert.equal(await world.run(process.execPath, [path.join(folder, out)], { cwd: folder }), DONE)
    },
  }
}

/**
 * @param {World} world
 * @param {Job} job
 */
async function esbuild({ requireTool }, { entry, out, isWhole }) {
  const settings = isWhole ? { loader: { '.node': 'copy' } } : { external: ['layer1', 'layer1/*'] }
  const { warnings } = await requireTool('esbuild').build({
    entryPoints: [entry],
    outfile: out,
    bundle: true,
    platform: 'node',
    format: out.endsWith('.mjs') ? 'esm' : 'cjs',
    logLevel: 'silent',
    ...settings,
  })
  assert.deepEqual(warnings, [])
}

/**
 * @param {World} world
 * @param {Job} job
 */
async function webpack({ requireTool }, { entry, out, isWhole }) {
  const rules = [{ test: /\.node$/, loader: nodeLoader(requireTool) }]
  const externals = { layer1: 'commonjs layer1', 'layer1/sandbox': 'commonjs layer1/sandbox' }
  const compiler = requireTool('webpack')({
    mode: 'production',
    target: 'node',
    entry,
    output: { path: path.dirname(out), filename: path.basename(out) },
    ...(isWhole ? { module: { rules }, ignoreWarnings: [/Can't resolve 'layer1-/] } : { externals }),
  })
  const stats = await new Promise((resolve, reject) => {
    compiler.run((/** @type {Error} */ error, /** @type {any} */ result) => (error ? reject(error) : resolve(result)))
  })
  await new Promise((resolve) => compiler.close(resolve))
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true })
  assert.deepEqual(
    [...errors, ...warnings].map(({ message }) => message),
    [],
  )
}

/** @param {any} requireTool */
function nodeLoader(requireTool) {
  return requireTool.resolve('node-loader')
}

/**
 * Rollup takes the JavaScript in; the package with the binary goes beside the bundle.
 *
 * @param {World} world
 * @param {Job} job
 */
async function rollup({ app, requireTool }, { folder, entry, out, isWhole }) {
  const plugins = isWhole
    ? [
        requireTool('@rollup/plugin-node-resolve').default({ preferBuiltins: true }),
        requireTool('@rollup/plugin-commonjs').default(),
      ]
    : []
  const external = isWhole ? [/^node:/, /^layer1-/] : [/^node:/, /^layer1/]
  const bundle = await requireTool('rollup').rollup({ input: entry, external, plugins, logLevel: 'silent' })
  await bundle.write({ file: out, format: out.endsWith('.mjs') ? 'es' : 'cjs', inlineDynamicImports: true })
  await bundle.close()
  if (isWhole) {
    const beside = path.join('node_modules', binaryPackage)
    fs.cpSync(path.join(app, beside), path.join(folder, beside), { recursive: true })
  }
}

/**
 * Copies what the tracer of Vercel, Next.js and others finds to an empty place, and runs it there.
 *
 * @param {World} world
 * @param {string} entry
 */
async function trace(world, entry) {
  const { nodeFileTrace } = world.requireTool('@vercel/nft')
  const { fileList, warnings } = await nodeFileTrace([path.join(world.app, entry)], { base: world.app })
  assert.deepEqual(
    [...warnings].map(({ message }) => message).filter((message) => !/layer1-/.test(message)),
    [],
  )
  const folder = path.join(world.projects, `traced-${entry}`)
  for (const file of fileList) {
    fs.cpSync(path.join(world.app, file), path.join(folder, file))
  }
  assert.equal(await world.run(process.execPath, [entry], { cwd: folder }), DONE)
  return `${fileList.size} files`
}
