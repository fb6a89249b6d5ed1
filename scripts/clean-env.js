'use strict'

/** Variables that would steer the client or Node's own TLS, and so make a test depend on the machine. */
const steering =
  /^(LAYER1_.*|NODE_EXTRA_CA_CERTS|NODE_TLS_REJECT_UNAUTHORIZED|NODE_DEBUG|NODE_OPTIONS|SSL_CERT_(FILE|DIR)|(HTTPS?|ALL|NO)_PROXY)$/i

/**
 * Copies an environment without what would steer the tests.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
function cleanEnv(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !steering.test(name)))
}

module.exports = { cleanEnv }
