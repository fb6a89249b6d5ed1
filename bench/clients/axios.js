'use strict'

const http = require('node:http')
const https = require('node:https')

/** @type {import('../types.d.ts').ClientModule} */
module.exports = {
  load: () => require('axios'),

  async create({ origin, credentials, ca, connections }) {
    const axios = require('axios')
    const settings = { keepAlive: true, maxSockets: connections, maxFreeSockets: connections }
    const api = axios.create({
      baseURL: origin,
      httpAgent: new http.Agent(settings),
      httpsAgent: new https.Agent({ ...settings, ca }),
    })
    const headers = { Authorization: '' }
    return {
      async authorize() {
        const { clientId, clientSecret } = credentials
        const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
        const { data } = await api.post('/token', new URLSearchParams(form))
        headers.Authorization = `Bearer ${data.access_token}`
      },
      async get(path) {
        const { data } = await api.get(path, { headers })
        return data
      },
    }
  },
}
