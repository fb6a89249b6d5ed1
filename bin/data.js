'use strict'
// The body that a command sends: JSON, from the command line, a file or stdin. It is sent as it is written, so that no
// number changes; parsing it only shows what is wrong with it before anything is sent.

const { buffer } = require('node:stream/consumers')
const { readFile } = require('./file.js')
const { UsageError } = require('./usage-error.js')

/**
 * @param {string | undefined} given JSON, `@FILE`, or `-` for stdin
 * @param {import('./commands/index.js').Command} command whose usage helps where it is no JSON
 * @returns {Promise<string | undefined>} JSON as it was written
 */
async function readData(given, command) {
  if (given === undefined) {
    return undefined
  }
  const { source, bytes } = await readSource(given)
  const text = decode(bytes)
  const fault = text === undefined ? 'it is no UTF-8' : faultOf(text)
  if (fault) {
    throw new UsageError(`${source} has to be JSON: ${fault}. Nothing was sent.`, command)
  }
  return text
}

/**
 * @param {string} given
 * @returns {Promise<{ source: string, bytes: Buffer }>}
 */
async function readSource(given) {
  if (given === '-' || given === '@-') {
    return { source: 'what comes by stdin for --data', bytes: await buffer(process.stdin) }
  }
  if (!given.startsWith('@')) {
    return { source: '--data', bytes: Buffer.from(given) }
  }
  const file = given.slice(1)
  return { source: `the file of --data, ${file},`, bytes: readFile('--data', file) }
}

/** @param {Buffer} bytes */
function decode(bytes) {
  try {
    // Takes a byte order mark away, which an editor may have put there, and no API expects.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** @param {string} text */
function faultOf(text) {
  if (text.trim() === '') {
    return 'it is empty'
  }
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return /** @type {Error} */ (error).message.slice(0, LONGEST_FAULT)
  }
}

/** Newer runtimes quote what is wrong, in characters. */
const LONGEST_FAULT = 200

module.exports = { readData }
