'use strict'
// What is fixed about a client's settings. The command line reads it too, where the binary does not load.

/** Where Layer1 is. */
const environments = {
  sandbox: {
    baseUrl: 'https://api.sandbox.layer1.com',
    tokenUrl: 'https://auth.sandbox.layer1.com/auth/realms/bvnk/protocol/openid-connect/token',
  },
  production: {
    baseUrl: 'https://api.layer1.com',
    tokenUrl: 'https://auth.layer1.com/auth/realms/bvnk/protocol/openid-connect/token',
  },
}

/** The variable of each option that has one. @type {Record<string, string>} */
const variableNames = {
  clientId: 'LAYER1_CLIENT_ID',
  clientSecret: 'LAYER1_CLIENT_SECRET',
  environment: 'LAYER1_ENVIRONMENT',
  baseUrl: 'LAYER1_BASE_URL',
  tokenUrl: 'LAYER1_TOKEN_URL',
  scope: 'LAYER1_SCOPE',
  auth: 'LAYER1_AUTH',
  privateKey: 'LAYER1_PRIVATE_KEY',
}

module.exports = { environments, variableNames }
