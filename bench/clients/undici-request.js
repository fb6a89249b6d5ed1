'use strict'

/** @type {import('../types.d.ts').ClientModule} */
module.exports = {
  load: () => require('undici'),

  async create({ origin, credentials, ca, connections }) {
    const { Pool } = require('undici')
    const pool = new Pool(origin, { connections, connect: { ca } })
    const headers = { authorization: '' }
    return {
      async authorize() {
        const { clientId, clientSecret } = credentials
        const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
        const { statusCode, body } = await pool.request({
          method: 'POST',
          path: '/token',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams(form).toString(),
        })
        if (statusCode !== 200) throw new Error(`The token endpoint answered ${statusCode}.`)
        headers.authorization = `Bearer ${(await body.json()).access_token}`
      },
      async get(path) {
        const { statusCode, body } = await pool.request({ method: 'GET', path, headers })
        if (statusCode !== 200) throw new Error(`The API answered ${statusCode}.`)
        return await body.json()
      },
    }
  },
}
