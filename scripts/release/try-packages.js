'use strict'
// Installs packed tarballs on this machine and does the main job with them: `node scripts/release/try-packages.js FOLDER`.

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { run } = require('../run.js')
const { readTarballs, serveRegistry } = require('../package/registry.js')

const programs = path.join(__dirname, '..', '..', '__test__', 'package', 'programs')

/** @param {string} folder */
async function main(folder) {
  const registry = await serveRegistry(await readTarballs(folder))
  const project = fs.mkdtempSync(path.join(os.tmpdir(), 'layer1-try-'))
  try {
    fs.writeFileSync(path.join(project, 'package.json'), '{ "private": true }\n')
    fs.cpSync(programs, project, { recursive: true })
    const settings = [`--registry=${registry.url}`, `--cache=${path.join(project, 'cache')}`, '--no-audit', '--no-fund']
    await run('npm', ['install', 'layer1', ...settings], { cwd: project })
    for (const program of ['job.cjs', 'job.mjs', 'same.mjs', 'worker.mjs']) {
      await run(process.execPath, [program], { cwd: project })
    }
  } finally {
    await registry.close()
    fs.rmSync(project, { recursive: true, force: true })
  }
}

main(process.argv[2] ?? 'artifacts').catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
