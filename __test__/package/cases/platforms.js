// Each platform that has a package: tried on this machine, or why not.

const assert = require('node:assert/strict')
const { hostTarget, listTargets } = require('../../../scripts/package/targets.js')
const { NotHere } = require('../world.js')

/** @typedef {InstanceType<typeof import('../world.js').World>} World */

module.exports = () =>
  listTargets().map((target) => ({
    name: target.suffix,
    run: async (/** @type {World} */ world) => {
      if (target.suffix !== hostTarget()?.suffix) {
        throw new NotHere(`this machine is ${hostTarget()?.suffix}; the release builds and tries it on its own runner`)
      }
      assert.match(await world.run(process.execPath, ['job.cjs']), /^job: /)
    },
  }))
