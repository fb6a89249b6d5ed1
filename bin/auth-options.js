'use strict'
// How a command that calls Layer1 says who it is. Keys come from files: an argument can be seen by every user of a machine.

const { oneOf } = require('./options.js')
const { readFile } = require('./file.js')

/** By the way they are written. @type {Record<string, import('./options.js').Option>} */
const authOptions = {
  auth: {
    name: 'auth',
    takes: 'HOW',
    read: oneOf(['oauth2', 'signature', 'both']),
    help: 'Show a token ("oauth2", default), a "signature", or "both"; LAYER1_AUTH',
  },
  'client-auth': {
    name: 'clientAuth',
    takes: 'HOW',
    read: oneOf(['client_secret_post', 'client_secret_basic', 'private_key_jwt']),
    help: 'Get the token by "client_secret_post" (default), "client_secret_basic" or "private_key_jwt"',
  },
  'private-key': {
    name: 'privateKey',
    takes: 'FILE',
    help: 'Sign with the RSA key in FILE; LAYER1_PRIVATE_KEY, LAYER1_PRIVATE_KEY_FILE',
  },
  'key-id': { name: 'keyId', takes: 'ID', help: 'Name that key so in signatures (default: the client id)' },
  cert: { name: 'cert', takes: 'FILE', help: 'Present the client certificate in FILE, PEM' },
  key: { name: 'key', takes: 'FILE', help: 'The key of that certificate, PEM' },
}

/**
 * Makes what `new Layer1()` takes of what was given.
 *
 * @param {Record<string, any>} options
 * @returns {Pick<import('../index.d.ts').Layer1Options, 'auth' | 'clientAuth' | 'privateKey' | 'keyId' | 'cert' | 'key'>}
 */
function readAuth({ auth, clientAuth, privateKey, keyId, cert, key }) {
  return {
    auth,
    clientAuth,
    keyId,
    ...(privateKey !== undefined && { privateKey: readFile('--private-key', privateKey) }),
    ...(cert !== undefined && { cert: readFile('--cert', cert) }),
    ...(key !== undefined && { key: readFile('--key', key) }),
  }
}

module.exports = { authOptions, readAuth }
