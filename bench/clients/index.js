'use strict'
// The clients that are compared. A key names the client's file here.

/**
 * @typedef {object} ClientEntry
 * @property {string} key
 * @property {string} name
 * @property {string} [package] whose version the report tells
 * @property {boolean} [trustsByVariable] it can be told of an authority only by NODE_EXTRA_CA_CERTS
 * @property {boolean} [isPrincipal] it is measured everywhere, the others only where all are
 */

/** @type {ClientEntry[]} */
const clients = [
  { key: 'layer1', name: 'layer1', isPrincipal: true },
  { key: 'undici-request', name: 'undici request', package: 'undici', isPrincipal: true },
  { key: 'undici-fetch', name: 'undici fetch', package: 'undici' },
  { key: 'built-in-fetch', name: 'built-in fetch', trustsByVariable: true, isPrincipal: true },
  { key: 'axios', name: 'axios', package: 'axios', isPrincipal: true },
  { key: 'got', name: 'got', package: 'got' },
  { key: 'ky', name: 'ky', package: 'ky', trustsByVariable: true },
  { key: 'impit', name: 'impit', package: 'impit' },
  { key: 'node-http', name: 'node:http(s)', isPrincipal: true },
]

const principals = clients.filter(({ isPrincipal }) => isPrincipal)

/** @param {string} key */
function clientOf(key) {
  const client = clients.find((client) => client.key === key)
  if (!client) {
    throw new Error(`There is no client "${key}".`)
  }
  return client
}

module.exports = { clients, principals, clientOf }
