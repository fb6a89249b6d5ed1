'use strict'

const querystring = require('node:querystring')

/** @typedef {Map<string, [string, ...string[]]>} Form every value of every name, in order of arrival */

/** Keycloak reads a body as a form if its type begins like this, in lower case and with any parameters. */
const FORM_TYPE = 'application/x-www-form-urlencoded'

/**
 * Read a form as Keycloak's server does; throws a `URIError` for a broken percent-escape.
 * An empty pair counts as a parameter without a name, except at the very end.
 *
 * @param {string | undefined} contentType
 * @param {string} body
 * @returns {Form}
 */
function parseForm(contentType, body) {
  /** @type {Form} */
  const form = new Map()
  if (!contentType?.startsWith(FORM_TYPE) || body === '') return form
  for (const pair of body.replace(/&$/, '').split('&')) {
    const equals = pair.indexOf('=')
    const name = decodeFormText(equals === -1 ? pair : pair.slice(0, equals))
    const value = equals === -1 ? '' : decodeFormText(pair.slice(equals + 1))
    const values = form.get(name)
    if (values) values.push(value)
    else form.set(name, [value])
  }
  return form
}

/**
 * Decode one name or value of a form; invalid UTF-8 becomes U+FFFD, a broken percent-escape throws a `URIError`.
 *
 * @param {string} text
 */
function decodeFormText(text) {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) throw new URIError('There is a broken percent-escape in the form.')
  return querystring.unescape(text.replaceAll('+', ' '))
}

module.exports = { decodeFormText, parseForm }
