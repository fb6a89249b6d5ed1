'use strict'
// Reads docs/guarantees.md, and the tests that it names. Of JavaScript it relies on how Biome lays it out: a test or a
// suite begins a line, and the line on which it ends is indented like that.

/** @typedef {{ line: number, sentence: string, file?: string, title?: string }} Guarantee */
/** @typedef {{ title: string, mark: string | undefined }} Test a test, and what keeps it from counting */
/** @typedef {(file: string) => string | undefined} ReadSource gives the text of a file of the repository, if it is there */

const SENTENCE = /^- (\S.*\.)$/
const PLACE = /^ {2}`((?:__test__|src)\/[\w./-]+\.(?:test\.m?js|rs))` › (\S.*)$/

/**
 * Checks a document of guarantees against the tests it names.
 *
 * @param {string} text
 * @param {ReadSource} readSource
 * @returns {{ guarantees: number, tests: number, faults: string[] }}
 */
function checkGuarantees(text, readSource) {
  const { guarantees, faults } = parse(text)
  /** @type {Map<string, number>} */
  const named = new Map()
  for (const { line, sentence, file, title } of guarantees) {
    if (file === undefined || title === undefined) {
      faults.push(`line ${line}: no test keeps it: ${sentence}`)
      continue
    }
    const place = `${file} › ${title}`
    const fault = lookUp(readSource(file), file, title)
    const before = named.get(place)
    if (fault) faults.push(`line ${line}: ${fault}`)
    else if (before !== undefined) faults.push(`line ${line}: its test keeps line ${before} already: ${place}`)
    else named.set(place, line)
  }
  return { guarantees: guarantees.length, tests: named.size, faults }
}

/**
 * Reads the guarantees: under each heading a sentence to a line, and below it the test that keeps it.
 *
 * @param {string} text
 */
function parse(text) {
  /** @type {Guarantee[]} */
  const guarantees = []
  /** @type {string[]} */
  const faults = []
  /** @type {Guarantee | undefined} */
  let open
  let isBelowHeading = false
  for (const [index, content] of text.split('\n').entries()) {
    const line = index + 1
    if (content.startsWith('## ')) isBelowHeading = true
    const [, sentence] = SENTENCE.exec(content) ?? []
    const [, file, title] = PLACE.exec(content) ?? []
    if (sentence !== undefined && isBelowHeading) {
      if (/[.!?] [A-Z`]/.test(sentence)) faults.push(`line ${line}: it is more than one sentence: ${sentence}`)
      open = { line, sentence }
      guarantees.push(open)
    } else if (file !== undefined && title !== undefined && open !== undefined) {
      Object.assign(open, { file, title })
      open = undefined
    } else {
      open = undefined
      if (isBelowHeading && content !== '' && !content.startsWith('## ')) {
        faults.push(`line ${line}: it has not the form of a promise: ${content}`)
      }
    }
  }
  return { guarantees, faults }
}

/**
 * Says what is wrong with a test, if anything is.
 *
 * @param {string | undefined} source
 * @param {string} file
 * @param {string} title
 */
function lookUp(source, file, title) {
  if (source === undefined) return `there is no file ${file}`
  const tests = file.endsWith('.rs') ? readRustTests(source) : readNodeTests(source)
  const [test, another] = tests.filter((each) => each.title === title)
  if (!test) return `${file} has no test of this title: ${title}`
  if (another) return `${file} has more than one test of this title: ${title}`
  return test.mark && `${file} has this test marked as ${test.mark}: ${title}`
}

/**
 * Reads the titles of Node tests: with their escapes resolved, or, of templates, as they are written.
 *
 * @param {string} source
 * @returns {Test[]}
 */
function readNodeTests(source) {
  /** @type {Test[]} */
  const tests = []
  /** Those that the place is in. @type {{ end: number, mark: string | undefined }[]} */
  let suites = []
  const calls = source.matchAll(/^( *)(it|test|describe)(?:\.(\w+))?\(\s*/gm)
  for (const { index, 0: opening, 1: indent, 2: kind, 3: method } of calls) {
    const begin = index + opening.length
    const isLiteral = /['"`]/.test(source.charAt(begin))
    const end = isLiteral ? endOf(source, begin) : begin + source.slice(begin).search(/[,)]/)
    const mark = method ?? markOf(source, end)
    suites = suites.filter((suite) => index < suite.end)
    if (kind === 'describe') {
      suites.push({ end: source.indexOf(`\n${indent}})`, index), mark })
    } else if (isLiteral) {
      const marks = [mark, ...suites.map((suite) => suite.mark)]
      tests.push({ title: titleOf(source.slice(begin, end)), mark: marks.find(Boolean) })
    }
  }
  return tests
}

/** @param {string} literal */
function titleOf(literal) {
  const inner = literal.slice(1, -1)
  return literal.startsWith('`') ? inner : inner.replace(/\\(.)/g, '$1')
}

/**
 * Tells whether the options after a title keep the test from being run, or its failure from being one. To be skipped on
 * a machine that lacks what the test needs is no such mark: that is said by an expression.
 *
 * @param {string} source
 * @param {number} after where the title ends
 */
function markOf(source, after) {
  const [lead] = /^,\s*(?=\{)/.exec(source.slice(after)) ?? []
  if (lead === undefined) return undefined
  const begin = after + lead.length
  const options = source.slice(begin, endOf(source, begin))
  if (/\btodo\b(?!: false)/.test(options)) return 'todo'
  return /\bskip: (true|['"`])/.test(options) ? 'skip' : undefined
}

/**
 * Gives the place behind a literal, or behind what is in brackets.
 *
 * @param {string} source
 * @param {number} begin the place of its quote or bracket
 * @returns {number}
 */
function endOf(source, begin) {
  const opening = source.charAt(begin)
  const isText = /['"`]/.test(opening)
  const closing = isText ? opening : { '{': '}', '[': ']', '(': ')' }[opening]
  let index = begin + 1
  while (index < source.length) {
    const character = source.charAt(index)
    if (character === closing) return index + 1
    if (isText && character === '\\') index += 2
    else if (opening === '`' && source.startsWith('${', index)) index = endOf(source, index + 1)
    else if (!isText && /['"`{[(]/.test(character)) index = endOf(source, index)
    else index += 1
  }
  return index
}

/**
 * Reads the names of Rust tests: functions right below an attribute that makes them one.
 *
 * @param {string} source
 * @returns {Test[]}
 */
function readRustTests(source) {
  /** @type {Test[]} */
  const tests = []
  for (const [, attributes, name] of source.matchAll(/^((?: *#\[.*\]\n)+) *(?:async )?fn (\w+)\(/gm)) {
    const lines = String(attributes).trimEnd().split('\n')
    if (!/^ *#\[(?:test|tokio::test(?:\(.*\))?)\]$/.test(String(lines.at(-1)))) continue
    const isIgnored = lines.some((line) => /#\[ignore\b/.test(line))
    tests.push({ title: String(name), mark: isIgnored ? 'ignore' : undefined })
  }
  return tests
}

module.exports = { checkGuarantees, readNodeTests }
