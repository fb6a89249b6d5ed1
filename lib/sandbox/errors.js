'use strict'

const { STATUS_CODES } = require('node:http')
const { JSON_TYPE } = require('./answer')

/** @typedef {import('./answer').Answer} Answer */

const DOCUMENTATION = 'https://docs.layer1.com'

/** What Keycloak says of credentials, whatever is wrong with them. */
const REFUSED = 'Invalid client or Invalid client credentials'

/** Layer1's codes, as far as they are documented; 1000 stands for all others. */
const CODE_UNKNOWN = 1000
const CODE_NOT_FOUND = 4008

/**
 * Make an answer of Layer1's error shape; its `status` is a name such as `NOT_FOUND`, not a number.
 *
 * @param {number} status
 * @param {string} message
 * @param {{ code?: number, errors?: Record<string, string[]>, headers?: Record<string, string> }} [more]
 * @returns {Answer}
 */
function apiError(status, message, { code = CODE_UNKNOWN, errors = {}, headers = {} } = {}) {
  const body = {
    code: `layer1:digital-asset:${code}`,
    status: statusName(status),
    message,
    details: { documentLink: DOCUMENTATION, errors },
  }
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: JSON.stringify(body) }
}

/**
 * Make Layer1's answer for an id that names nothing.
 *
 * @param {string} what such as `Asset pool`
 * @param {string} id
 */
function unknownId(what, id) {
  return apiError(404, `${what} ${id} was not found.`, { code: CODE_NOT_FOUND })
}

/**
 * Make an answer of OAuth's error shape (RFC 6749 §5.2), with Keycloak's words.
 *
 * @param {number} status
 * @param {string} error
 * @param {string} [description]
 * @returns {Answer}
 */
function oauthError(status, error, description) {
  const body = JSON.stringify({ error, error_description: description })
  return { status, headers: { 'content-type': JSON_TYPE }, body }
}

/**
 * Make the answer of Keycloak's web server, which puts the HTTP status where OAuth has its error.
 *
 * @param {number} status
 */
function keycloakHttpError(status) {
  return oauthError(status, `HTTP ${status} ${STATUS_CODES[status]}`)
}

/** @param {number} status */
function statusName(status) {
  return (STATUS_CODES[status] ?? 'Unknown').toUpperCase().replaceAll(/[^A-Z]+/g, '_')
}

module.exports = { REFUSED, apiError, keycloakHttpError, oauthError, unknownId }
