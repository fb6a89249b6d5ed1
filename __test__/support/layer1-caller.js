'use strict'

const { Layer1, Layer1ApiError } = require('layer1')

/** @typedef {import('layer1').Layer1Options} Layer1Options */
/** @typedef {import('./signed-calls.js').Caller} Caller */

/**
 * Makes a caller that signs with this package's client.
 *
 * @param {'signature' | 'both'} auth
 * @returns {Caller}
 */
function layer1Caller(auth) {
  return async (baseUrl, { privateKey, keyId }, { method, path, body, headers }) => {
    const client = new Layer1({
      clientId: 'layer1-sandbox',
      clientSecret: 'layer1-sandbox-secret',
      baseUrl,
      tokenUrl: `${baseUrl}/auth/realms/bvnk/protocol/openid-connect/token`,
      auth,
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      keyId,
      maxRetries: 0,
    })
    try {
      const { status, data, headers: answered } = await client.request(method, path, { body, headers })
      return { status, json: data, headers: answered }
    } catch (error) {
      if (!(error instanceof Layer1ApiError)) throw error
      return { status: error.status, json: error.body, headers: error.headers }
    } finally {
      await client.close()
    }
  }
}

module.exports = { layer1Caller }
