'use strict'
// It stands on the built-in fetch: its connections cannot be limited either.

/** @type {import('../types.d.ts').ClientModule} */
module.exports = {
  load: () => import('ky'),

  async create({ origin, credentials }) {
    const { default: ky } = await import('ky')
    const api = ky.create({ prefixUrl: origin })
    const headers = { authorization: '' }
    return {
      async authorize() {
        const { clientId, clientSecret } = credentials
        const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
        const { access_token } = await api.post('token', { body: new URLSearchParams(form) }).json()
        headers.authorization = `Bearer ${access_token}`
      },
      get: (path) => api.get(path.slice(1), { headers }).json(),
    }
  },
}
