'use strict'

/**
 * Indents JSON without parsing it, so that every number keeps its digits and every key its place.
 *
 * @param {string} text valid JSON
 */
function indentJson(text) {
  const pieces = []
  let depth = 0
  let before = ''
  for (const token of tokens(text)) {
    const closes = token === '}' || token === ']'
    const afterOpening = before === '{' || before === '['
    if (closes) {
      depth--
    }
    if (before === ',' || closes !== afterOpening) {
      pieces.push('\n', '  '.repeat(depth))
    } else if (before === ':') {
      pieces.push(' ')
    }
    if (token === '{' || token === '[') {
      depth++
    }
    pieces.push(token)
    before = token
  }
  return pieces.join('').replace(/[\u007f-\u009f]/g, escaped)
}

/**
 * @param {string} text valid JSON
 * @returns {Generator<string>} brackets, commas, colons, strings in their quotes, and the bare values
 */
function* tokens(text) {
  const token = /[[\]{},:]|[^\s[\]{},:"]+|"/g
  for (let match = token.exec(text); match; match = token.exec(text)) {
    if (match[0] === '"') {
      token.lastIndex = endOfString(text, match.index)
      yield text.slice(match.index, token.lastIndex)
    } else {
      yield match[0]
    }
  }
}

/**
 * @param {string} text
 * @param {number} start the index of the opening quote
 * @returns {number} the index after the closing one
 */
function endOfString(text, start) {
  let index = start + 1
  while (index < text.length && text[index] !== '"') {
    index += text[index] === '\\' ? 2 : 1
  }
  return index + 1
}

/** JSON lets these control characters stand in strings; a terminal would obey them. @param {string} character */
function escaped(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

module.exports = { indentJson }
