'use strict'

const { build } = require('esbuild')
const { settings } = require('../bundle.js')

/**
 * Makes the one file of the face as it is published: without the local builds of a clone.
 *
 * @returns {Promise<string>}
 */
async function publishedFace() {
  const { outputFiles } = await build({
    ...settings,
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

module.exports = { publishedFace }
