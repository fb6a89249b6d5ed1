'use strict'
// Its connections cannot be limited. Nor can it be told of an authority: over TLS it verifies nothing here.

/** @type {import('../types.d.ts').ClientModule} */
module.exports = {
  load: () => require('impit'),

  async create({ origin, credentials, ca }) {
    const { Impit } = require('impit')
    const impit = new Impit({ ignoreTlsErrors: ca !== undefined })
    const headers = { authorization: '' }
    return {
      async authorize() {
        const { clientId, clientSecret } = credentials
        const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
        const response = await impit.fetch(`${origin}/token`, { method: 'POST', body: new URLSearchParams(form) })
        if (!response.ok) throw new Error(`The token endpoint answered ${response.status}.`)
        headers.authorization = `Bearer ${(await response.json()).access_token}`
      },
      async get(path) {
        const response = await impit.fetch(`${origin}${path}`, { headers })
        if (!response.ok) throw new Error(`The API answered ${response.status}.`)
        return await response.json()
      },
    }
  },
}
