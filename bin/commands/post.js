'use strict'

const { aboutAnswers, callOptions, readAnswer } = require('../call.js')
const { withClient } = require('../client.js')
const { readData } = require('../data.js')

/** @type {import('./index.js').Command} */
const post = {
  name: 'post',
  summary: 'Send JSON to the API, and print the JSON of its answer',
  details: `The body is sent as it is written, as application/json: no number in it changes.
What is no JSON is refused before anything is sent. Without --data there is no
body.

It is sent again only if nothing was sent before, after 429, or once after 401:
never when it may have been done.

${aboutAnswers}

Examples: layer1 post /digital/v1/asset-pools --data '{"name":"Ours"}'
          layer1 post /digital/v1/asset-pools --data @pool.json
          jq '.name = "Ours"' pool.json | layer1 post /digital/v1/asset-pools --data -`,
  operands: ['PATH'],
  callsLayer1: true,
  options: {
    data: { name: 'data', takes: 'JSON|@FILE|-', isDashValue: true, help: 'Send this, a file, or what comes by stdin' },
    ...callOptions,
  },
  async run({ operands, options, printJson }) {
    const path = /** @type {string} */ (operands[0])
    const query = new URLSearchParams(options.query)
    const body = await readData(options.data, post)
    /** @type {import('../../index.d.ts').CallOptions} */
    const how = { query, responseType: 'text', ...(body !== undefined && { headers: { 'content-type': JSON_TYPE } }) }
    const text = await withClient(options, (layer1) => layer1.post(path, body, how))
    await printJson(readAnswer(String(text), 'POST', path))
  },
}

const JSON_TYPE = 'application/json'

module.exports = post
