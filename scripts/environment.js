'use strict'

/** Variables that would steer the client, Node's own TLS and proxy handling, the test runner, or Keycloak. */
const STEERING =
  /^(LAYER1_.*|NODE_EXTRA_CA_CERTS|NODE_TLS_REJECT_UNAUTHORIZED|NODE_DEBUG|NODE_OPTIONS|NODE_TEST_CONTEXT|SSL_CERT_.*|.*_PROXY|KC_.*|KEYCLOAK_.*|QUARKUS_.*)$/i

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv} the same without what would make a run here differ from a run elsewhere
 */
function unsteered(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !STEERING.test(name)))
}

module.exports = { unsteered }
