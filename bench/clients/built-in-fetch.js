'use strict'
// Its connections cannot be limited, nor an authority handed to it, without another undici beside it.

/** @type {import('../types.d.ts').ClientModule} */
module.exports = {
  load: () => fetch,

  async create({ origin, credentials }) {
    const headers = { authorization: '' }
    return {
      async authorize() {
        const { clientId, clientSecret } = credentials
        const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
        const response = await fetch(`${origin}/token`, { method: 'POST', body: new URLSearchParams(form) })
        if (!response.ok) throw new Error(`The token endpoint answered ${response.status}.`)
        const { access_token } = /** @type {{ access_token: string }} */ (await response.json())
        headers.authorization = `Bearer ${access_token}`
      },
      async get(path) {
        const response = await fetch(`${origin}${path}`, { headers })
        if (!response.ok) throw new Error(`The API answered ${response.status}.`)
        return await response.json()
      },
    }
  },
}
