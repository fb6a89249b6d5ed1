'use strict'

const { build } = require('esbuild')
const { settings } = require('../bundle.js')

/**
 * Makes one file of a module and what it needs, as it is published: without the local builds of a clone.
 *
 * @param {string} entry
 * @returns {Promise<string>}
 */
async function publishedFile(entry) {
  const { outputFiles } = await build({
    ...settings,
    entryPoints: [entry],
    // What an old Node cannot read is a file that it does not come to.
    external: [...settings.external, './lib/entry.js'],
    write: false,
    banner: { js: '// Made of modules of the repository: each file costs a part of a millisecond to load.' },
    plugins: [
      {
        name: 'no-local-builds',
        setup(bundler) {
          bundler.onLoad({ filter: /[\\/]lib[\\/]local-builds\.js$/ }, () => ({ contents: 'module.exports = []' }))
        },
      },
    ],
  })
  return outputFiles[0]?.text ?? ''
}

module.exports = { publishedFile }
