// The main job, as programs do it that have installed the package.

const assert = require('node:assert/strict')

const DONE = 'job: 3 parts, true, true, true\n'
const CHECKED = /^webhook: test\n$/
const NO_CURVE =
  /^The sandbox cannot sign webhooks here: .+ secp256k1\. .+\nERR_LAYER1_WEBHOOK: .+ does not know the curve secp256k1; check webhooks on Node\.js\.\n$/
const NODES = [20, 22, 24, 26]
const MODULES = { CommonJS: 'job.cjs', 'ES module': 'job.mjs' }

/** @typedef {InstanceType<typeof import('../world.js').World>} World */

module.exports = () => [
  ...NODES.flatMap(nodeCases),
  ...otherCases('Bun', bun, ['run']),
  ...otherCases('Deno', deno, ['run', '-A']),
  webhookCase('Deno', deno, ['run', '-A'], CHECKED),
  webhookCase('Bun', bun, ['run'], NO_CURVE),
  doctorCase('Deno', deno, ['run', '-A']),
  doctorCase('Bun', bun, ['run']),
]

/** @param {number} major */
function nodeCases(major) {
  return [
    ...Object.entries(MODULES).map(([name, file]) => ({
      name: `Node ${major}, ${name}`,
      run: async (/** @type {World} */ world) => await job(world, world.node(major), [file]),
    })),
    {
      name: `Node ${major}, both module systems give the same classes`,
      run: async (/** @type {World} */ world) => {
        assert.equal(await world.run(world.node(major), ['same.mjs']), 'same: true, true, differ: \n')
      },
    },
    {
      name: `Node ${major}, worker threads`,
      run: async (/** @type {World} */ world) => {
        const said = await world.run(world.node(major), ['worker.mjs'])
        assert.equal(said.replaceAll(DONE, ''), 'workers: 0,0\n')
        assert.ok(said.split(DONE).length >= 3, said)
      },
    },
    webhookCase(`Node ${major}`, (world) => world.node(major), [], CHECKED),
    doctorCase(`Node ${major}`, (world) => world.node(major), []),
  ]
}

/**
 * @param {string} runtime
 * @param {(world: World) => string} find
 * @param {string[]} args
 */
function otherCases(runtime, find, args) {
  return Object.entries(MODULES).map(([name, file]) => ({
    name: `${runtime}, ${name}`,
    run: async (/** @type {World} */ world) => await job(world, find(world), [...args, file]),
  }))
}

/**
 * @param {string} runtime
 * @param {(world: World) => string} find
 * @param {string[]} args
 * @param {RegExp} expected
 */
function webhookCase(runtime, find, args, expected) {
  return {
    name: `${runtime}, webhooks${expected === NO_CURVE ? ' are refused with a sentence' : ''}`,
    run: async (/** @type {World} */ world) => {
      assert.match(
        await world.run(find(world), [...args, 'webhook.cjs'], { env: { DENO_NO_UPDATE_CHECK: '1' } }),
        expected,
      )
    },
  }
}

/**
 * @param {string} runtime
 * @param {(world: World) => string} find
 * @param {string[]} args
 */
function doctorCase(runtime, find, args) {
  return {
    name: `${runtime}, layer1 doctor`,
    run: async (/** @type {World} */ world) => {
      const said = await world.run(find(world), [...args, 'doctor.cjs'], { env: { DENO_NO_UPDATE_CHECK: '1' } })
      assert.match(said, /^ok +binary +layer1 \S+, with its package layer1-\S+ \S+\.\n/)
      assert.match(said, /\n\n12 ok\.\ndoctor: 0\n$/)
    },
  }
}

/**
 * @param {World} world
 * @param {string} program
 * @param {string[]} args
 */
async function job(world, program, args) {
  assert.equal(await world.run(program, args, { env: { DENO_NO_UPDATE_CHECK: '1' } }), DONE)
  return (await world.run(program, ['--version'])).match(/\d+\.\d+\.\d+/)?.[0]
}

/** @param {World} world */
function bun(world) {
  return world.program('@oven/bun-linux-x64-baseline', 'bin/bun')
}

/** @param {World} world */
function deno(world) {
  return world.program('@deno/linux-x64-glibc', 'deno')
}
