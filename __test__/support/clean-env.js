'use strict'
// Loaded first by every test file: what the developer's shell says must decide no test.

const foreign = /^(LAYER1_.*|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|NODE_TLS_REJECT_UNAUTHORIZED|NODE_DEBUG)$/
const proxies = /^[a-z]+_proxy$/i

for (const name of Object.keys(process.env)) {
  if (foreign.test(name) || proxies.test(name)) {
    delete process.env[name]
  }
}
