'use strict'

/** @type {import('../types.d.ts').ClientModule} */
module.exports = {
  load: () => require('node:https'),

  async create({ origin, credentials, ca, connections }) {
    const { Agent, request } = ca === undefined ? require('node:http') : require('node:https')
    const agent = new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections, ca })
    const headers = { authorization: '' }

    /**
     * @param {string} path
     * @param {import('node:https').RequestOptions} options
     * @param {string} [body]
     * @returns {Promise<any>}
     */
    const call = (path, options, body) =>
      new Promise((resolve, reject) => {
        const outgoing = request(`${origin}${path}`, { ...options, agent }, (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk) => {
            text += chunk
          })
          response.on('error', reject)
          response.on('end', () => {
            if (response.statusCode === 200) resolve(JSON.parse(text))
            else reject(new Error(`${path} answered ${response.statusCode}.`))
          })
        })
        outgoing.on('error', reject)
        outgoing.end(body)
      })

    return {
      async authorize() {
        const { clientId, clientSecret } = credentials
        const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
        const body = new URLSearchParams(form).toString()
        const contentType = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
        const { access_token } = await call('/token', { method: 'POST', headers: contentType }, body)
        headers.authorization = `Bearer ${access_token}`
      },
      get: (path) => call(path, { headers }),
    }
  },
}
