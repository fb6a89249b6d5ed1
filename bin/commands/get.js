'use strict'

const { withClient } = require('../client.js')
const { pair } = require('../options.js')

/** @type {import('./index.js').Command} */
module.exports = {
  name: 'get',
  summary: 'Get a resource of the API, and print its JSON',
  details: `Every number is printed with the digits that the API sent. On a terminal the
JSON is indented; in a pipe or a file it is the API's own text. An empty answer
is printed as null.

Example: layer1 get /api/v1/asset-pools --query pageSize=50`,
  operands: ['PATH'],
  callsLayer1: true,
  options: {
    query: { name: 'query', takes: 'KEY=VALUE', repeats: true, read: pair, help: 'Add to the query; repeatable' },
  },
  async run({ operands, options, printJson }) {
    const path = /** @type {string} */ (operands[0])
    const query = new URLSearchParams(options.query)
    const text = await withClient(options, (layer1) => layer1.get(path, { query, responseType: 'text' }))
    await printJson(text === '' ? 'null' : checked(text, path))
  },
}

/**
 * @param {string} text
 * @param {string} path
 */
function checked(text, path) {
  try {
    JSON.parse(text)
    return text
  } catch {
    const place = `GET ${path.replace(/\?.*/s, '')}`
    throw new Error(`${place}: the answer is no JSON. It begins: ${JSON.stringify(text.slice(0, LONGEST_SNIPPET))}`)
  }
}

/** How much of a wrong answer a message shows, in characters. */
const LONGEST_SNIPPET = 256
