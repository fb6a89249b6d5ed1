'use strict'
// `npm run lint:workflows`: actionlint over the workflows, and what it does not look at: every action is pinned to a
// commit, and every permission is a job's own.

const fs = require('node:fs')
const path = require('node:path')
const { createLinter } = require('actionlint')

const root = path.join(__dirname, '..')
const folder = path.join('.github', 'workflows')

async function main() {
  const lint = await createLinter()
  const labels = readLabels()
  const files = fs.readdirSync(path.join(root, folder)).map((name) => path.join(folder, name))
  for (const file of files) {
    const text = fs.readFileSync(path.join(root, file), 'utf8')
    const faults = lint(text, file).filter(
      ({ message }) => !labels.some((label) => message.startsWith(`label "${label}"`)),
    )
    const found = faults.map(({ line, column, message }) => `${line}:${column}: ${message}`)
    const loose = [...text.matchAll(/uses: (?!\S+@[0-9a-f]{40} # v)(.*)/g)].map(([, uses]) => `${uses} is not pinned`)
    const wide = /^permissions: \{\}$/m.test(text) ? [] : ['say "permissions: {}" at the top, and the rest in jobs']
    for (const fault of [...found, ...loose, ...wide]) {
      console.error(`${file}:${fault}`)
      process.exitCode = 1
    }
  }
  console.log(`actionlint: ${files.length} ${files.length === 1 ? 'workflow' : 'workflows'} looked at`)
}

/** The runners that actionlint is told of in its configuration, which the build for npm cannot read by itself. */
function readLabels() {
  const text = fs.readFileSync(path.join(root, '.github', 'actionlint.yaml'), 'utf8')
  return [...text.matchAll(/^ {4}- (\S+)$/gm)].map(([, label]) => label)
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
