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
    write: false,
    banner: { js: '// Made of the modules in lib/ of the repository.' },
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
