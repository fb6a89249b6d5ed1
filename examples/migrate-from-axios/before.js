'use strict'
// Layer1's token and first call as its documentation shows them, with axios.
// LAYER1_CLIENT_ID=… LAYER1_CLIENT_SECRET=… node examples/migrate-from-axios/before.js

const { default: axios } = require('axios')

const tokenUrl =
  process.env.LAYER1_TOKEN_URL || 'https://auth.sandbox.layer1.com/auth/realms/bvnk/protocol/openid-connect/token'
const baseUrl = process.env.LAYER1_BASE_URL || 'https://api.sandbox.layer1.com'

/** Gets a token; it lives for five minutes, and the caller has to see to that. */
async function getToken() {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: process.env.LAYER1_CLIENT_ID ?? '',
    client_secret: process.env.LAYER1_CLIENT_SECRET ?? '',
  })
  const response = await axios.post(tokenUrl, form)
  return response.data.access_token
}

/** @param {number} pageSize */
async function listPools(pageSize) {
  const token = await getToken()
  const response = await axios.get(`${baseUrl}/api/v1/asset-pools`, {
    headers: { Authorization: `Bearer ${token}` },
    params: { pageSize },
  })
  return response.data
}

async function main() {
  for (const pageSize of [1, 2, 3]) {
    const { content, totalElements } = await listPools(pageSize)
    console.log(`${content.length} of ${totalElements} asset pools`)
  }
}

main().catch((error) => {
  // Not the error itself: it holds the secret, in error.config.
  console.error(error.message)
  process.exitCode = 1
})
