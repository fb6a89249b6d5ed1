'use strict'

const http = require('node:http')
const https = require('node:https')

/** @type {import('../types.d.ts').ClientModule} */
module.exports = {
  load: () => import('got'),

  async create({ origin, credentials, ca, connections }) {
    const { default: got } = await import('got')
    const settings = { keepAlive: true, maxSockets: connections, maxFreeSockets: connections }
    const api = got.extend({
      prefixUrl: origin,
      agent: { http: new http.Agent(settings), https: new https.Agent(settings) },
      https: { certificateAuthority: ca },
    })
    const headers = { authorization: '' }
    return {
      async authorize() {
        const { clientId, clientSecret } = credentials
        const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
        const { access_token } = await api.post('token', { form }).json()
        headers.authorization = `Bearer ${access_token}`
      },
      // Under a prefix, got wants paths without their first slash.
      get: (path) => api.get(path.slice(1), { headers }).json(),
    }
  },
}
