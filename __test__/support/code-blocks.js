'use strict'
// Reads the code blocks of the documents.

const fs = require('node:fs')
const path = require('node:path')

/** @typedef {{ file: string, line: number, language: string, text: string }} Block where its fence opens, and what is in it */

const root = path.join(__dirname, '..', '..')
/** Folders with documents, besides the root itself. */
const FOLDERS = ['docs', 'examples', 'bench']

/** Lists the documents of the repository. */
function listDocuments() {
  const nested = FOLDERS.flatMap((folder) =>
    fs.readdirSync(path.join(root, folder), { recursive: true }).map((file) => path.posix.join(folder, slashed(file))),
  )
  const all = [...fs.readdirSync(root), ...nested]
  return all.filter((file) => file.endsWith('.md') && !/(^|\/)node_modules\/|^docs\/api\//.test(file)).sort()
}

/** @param {string | Buffer} file */
function slashed(file) {
  return String(file).replaceAll('\\', '/')
}

/**
 * Reads the blocks of a document, one whose fence is never closed too.
 *
 * @param {string} file
 * @param {string} [text]
 * @returns {Block[]}
 */
function readBlocks(file, text = fs.readFileSync(path.join(root, file), 'utf8')) {
  /** @type {Block[]} */
  const blocks = []
  /** @type {Block | undefined} */
  let open
  for (const [index, line] of text.split('\n').entries()) {
    const [, language] = /^\s*```(.*)$/.exec(line) ?? []
    if (open !== undefined && language === '') open = undefined
    else if (open !== undefined) open.text += `${line}\n`
    else if (language !== undefined) {
      open = { file, line: index + 1, language, text: '' }
      blocks.push(open)
    }
  }
  return blocks
}

module.exports = { listDocuments, readBlocks, root }
