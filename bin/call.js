'use strict'
// What the commands that call the API have in common: their options, and what becomes of an answer.

const { pair } = require('./options.js')

/** By the way they are written. @type {Record<string, import('./options.js').Option>} */
const callOptions = {
  query: { name: 'query', takes: 'KEY=VALUE', repeats: true, read: pair, help: 'Add to the query; repeatable' },
}

/** For the details of a command. */
const aboutAnswers = `Every number is printed with the digits that the API sent. On a terminal the
JSON is indented; in a pipe or a file it is the API's own text. An empty answer
is printed as null.`

/**
 * Makes an answer what is printed: JSON, as it came.
 *
 * @param {string} text
 * @param {string} method
 * @param {string} path
 */
function readAnswer(text, method, path) {
  if (text === '') {
    return 'null'
  }
  try {
    JSON.parse(text)
    return text
  } catch {
    const place = `${method} ${path.replace(/\?.*/s, '')}`
    throw new Error(`${place}: the answer is no JSON. It begins: ${JSON.stringify(text.slice(0, LONGEST_SNIPPET))}`)
  }
}

/** How much of a wrong answer a message shows, in characters. */
const LONGEST_SNIPPET = 256

module.exports = { aboutAnswers, callOptions, readAnswer }
