'use strict'

const { aboutAnswers, callOptions, readAnswer } = require('../call.js')
const { withClient } = require('../client.js')

/** @type {import('./index.js').Command} */
module.exports = {
  name: 'get',
  summary: 'Get a resource of the API, and print its JSON',
  details: `${aboutAnswers}

Example: layer1 get /api/v1/asset-pools --query pageSize=50`,
  operands: ['PATH'],
  callsLayer1: true,
  options: callOptions,
  async run({ operands, options, printJson }) {
    const path = /** @type {string} */ (operands[0])
    const query = new URLSearchParams(options.query)
    const text = await withClient(options, (layer1) => layer1.get(path, { query, responseType: 'text' }))
    await printJson(readAnswer(text, 'GET', path))
  },
}
