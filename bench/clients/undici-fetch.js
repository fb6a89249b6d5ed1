'use strict'

/** @type {import('../types.d.ts').ClientModule} */
module.exports = {
  load: () => require('undici'),

  async create({ origin, credentials, ca, connections }) {
    const { Agent, fetch } = require('undici')
    const dispatcher = new Agent({ connections, connect: { ca } })
    const headers = { authorization: '' }
    return {
      async authorize() {
        const { clientId, clientSecret } = credentials
        const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
        const body = new URLSearchParams(form)
        const response = await fetch(`${origin}/token`, { method: 'POST', body, dispatcher })
        if (!response.ok) throw new Error(`The token endpoint answered ${response.status}.`)
        headers.authorization = `Bearer ${(await response.json()).access_token}`
      },
      async get(path) {
        const response = await fetch(`${origin}${path}`, { headers, dispatcher })
        if (!response.ok) throw new Error(`The API answered ${response.status}.`)
        return await response.json()
      },
    }
  },
}
