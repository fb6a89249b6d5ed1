'use strict'

const http = require('node:http')

/**
 * @typedef {import('../../scripts/keycloak/realm.js').RealmClient} RealmClient
 * @typedef {{ [K in keyof typeof import('../../scripts/keycloak/realm.js')['clients']]: RealmClient }} RealmClients
 *
 * @typedef {object} TokenRequest
 * @property {string} method
 * @property {Record<string, string>} headers
 * @property {string} [query]  without its `?`
 * @property {string} [body]
 *
 * @typedef {object} TokenAnswer
 * @property {number} status
 * @property {string | undefined} error
 * @property {string | undefined} description  `error_description`
 * @property {boolean} json  whether the body is a JSON object
 * @property {boolean} empty  whether there is no body
 * @property {string | undefined} challenge  `WWW-Authenticate`
 * @property {string[]} members  names of the JSON body's members
 * @property {string | undefined} scope  as granted
 * @property {number | undefined} expiresIn  `expires_in`
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {string} text
 */

const FORM = 'application/x-www-form-urlencoded'
/** @type {[string, string]} */
const GRANT = ['grant_type', 'client_credentials']

/**
 * Raw token requests, good and bad, each a function of the realm's clients. What they must be answered is whatever
 * Keycloak answers: the suite holds no expectation of its own.
 *
 * @type {Record<string, (clients: RealmClients) => TokenRequest>}
 */
const requests = {
  // Credentials in the form.
  'post: right credentials': ({ service }) => post([GRANT, ...credentials(service)]),
  'post: id and secret with : % + space and non-ASCII': ({ awkward }) => post([GRANT, ...credentials(awkward)]),
  'post: the same, with %20 for the space': ({ awkward }) => {
    const { body = '', ...rest } = post([GRANT, ...credentials(awkward)])
    return { ...rest, body: body.replaceAll('+', '%20') }
  },
  'post: the 60 s client': ({ shortLived }) => post([GRANT, ...credentials(shortLived)]),
  'post: parameters in another order': ({ service }) => post([...credentials(service).reverse(), GRANT]),
  'post: charset in content-type': ({ service }) => ({
    ...post([GRANT, ...credentials(service)]),
    headers: { 'content-type': `${FORM}; charset=UTF-8` },
  }),
  'post: wrong secret': ({ service }) => post([GRANT, ...credentials({ ...service, clientSecret: 'wrong' })]),
  'post: secret in the wrong case': ({ service }) =>
    post([GRANT, ...credentials({ ...service, clientSecret: service.clientSecret?.toLowerCase() ?? '' })]),
  'post: secret with a trailing space': ({ service }) =>
    post([GRANT, ...credentials({ ...service, clientSecret: `${service.clientSecret} ` })]),
  'post: no secret': ({ service }) => post([GRANT, ['client_id', service.clientId]]),
  'post: empty secret': ({ service }) => post([GRANT, ...credentials({ ...service, clientSecret: '' })]),
  'post: unknown client': ({ service }) => post([GRANT, ...credentials({ ...service, clientId: 'nobody' })]),
  'post: client id in the wrong case': ({ service }) =>
    post([GRANT, ...credentials({ ...service, clientId: service.clientId.toUpperCase() })]),
  'post: client id with a trailing space': ({ service }) =>
    post([GRANT, ...credentials({ ...service, clientId: `${service.clientId} ` })]),
  'post: no client id': ({ service }) => post([GRANT, ['client_secret', service.clientSecret ?? '']]),
  'post: empty client id': ({ service }) => post([GRANT, ...credentials({ ...service, clientId: '' })]),
  'post: no credentials': () => post([GRANT]),

  // Credentials in Basic.
  'basic: right credentials': ({ service }) => post([GRANT], basic(service)),
  'basic: id and secret with : % + space and non-ASCII, form-encoded': ({ awkward }) => post([GRANT], basic(awkward)),
  'basic: the same, with %20 for the space': ({ awkward }) => post([GRANT], basic(awkward, encodeURIComponent)),
  'basic: the same, not form-encoded': ({ awkward }) => post([GRANT], basic(awkward, String)),
  'basic: scheme in lower case': ({ service }) =>
    post([GRANT], { authorization: basic(service).authorization.replace('Basic', 'basic') }),
  'basic: wrong secret': ({ service }) => post([GRANT], basic({ ...service, clientSecret: 'wrong' })),
  'basic: empty secret': ({ service }) => post([GRANT], basic({ ...service, clientSecret: '' })),
  'basic: empty id and secret': ({ service }) => post([GRANT], basic({ ...service, clientId: '', clientSecret: '' })),
  'basic: unknown client': ({ service }) => post([GRANT], basic({ ...service, clientId: 'nobody' })),
  'basic: not base64, no id in the form': () => post([GRANT], { authorization: 'Basic !!!' }),
  'basic: no colon inside, no id in the form': () =>
    post([GRANT], { authorization: `Basic ${Buffer.from('nocolon').toString('base64')}` }),
  'basic: broken percent-escape inside, no id in the form': ({ service }) =>
    post([GRANT], { authorization: `Basic ${Buffer.from(`${service.clientId}:%zz`).toString('base64')}` }),
  'basic: nothing after the scheme, no id in the form': () => post([GRANT], { authorization: 'Basic' }),
  'basic: another scheme, no id in the form': () => post([GRANT], { authorization: 'Bearer abc' }),
  'basic: another scheme, right form': ({ service }) =>
    post([GRANT, ...credentials(service)], { authorization: 'Bearer abc' }),
  'basic: not base64, right form': ({ service }) =>
    post([GRANT, ...credentials(service)], { authorization: 'Basic !!!' }),
  'basic: not base64, id in the form': ({ service }) =>
    post([GRANT, ['client_id', service.clientId]], { authorization: 'Basic !!!' }),
  'both: right in Basic and in the form': ({ service }) => post([GRANT, ...credentials(service)], basic(service)),
  'both: right in Basic, wrong secret in the form': ({ service }) =>
    post([GRANT, ...credentials({ ...service, clientSecret: 'wrong' })], basic(service)),
  'both: wrong secret in Basic, right in the form': ({ service }) =>
    post([GRANT, ...credentials(service)], basic({ ...service, clientSecret: 'wrong' })),
  'both: right in Basic, another client in the form': ({ service, shortLived }) =>
    post([GRANT, ...credentials(shortLived)], basic(service)),
  'both: right in Basic, another id in the form': ({ service, shortLived }) =>
    post([GRANT, ['client_id', shortLived.clientId]], basic(service)),

  // Clients that may not.
  'client: disabled, right secret': ({ disabled }) => post([GRANT, ...credentials(disabled)]),
  'client: disabled, wrong secret': ({ disabled }) =>
    post([GRANT, ...credentials({ ...disabled, clientSecret: 'wrong' })]),
  'client: disabled, by Basic': ({ disabled }) => post([GRANT], basic(disabled)),
  'client: service account off, right secret': ({ noServiceAccount }) =>
    post([GRANT, ...credentials(noServiceAccount)]),
  'client: service account off, wrong secret': ({ noServiceAccount }) =>
    post([GRANT, ...credentials({ ...noServiceAccount, clientSecret: 'wrong' })]),
  'client: service account off, unknown scope': ({ noServiceAccount }) =>
    post([GRANT, ...credentials(noServiceAccount), ['scope', 'moon:walk']]),
  'client: public': (clients) => post([GRANT, ['client_id', clients.public.clientId]]),
  'client: public, with a secret': (clients) =>
    post([GRANT, ...credentials({ ...clients.public, clientSecret: 'any' })]),

  // Scope.
  'scope: a default one': ({ service }) => post([GRANT, ...credentials(service), ['scope', 'tenants:view']]),
  'scope: the optional one': ({ service }) => post([GRANT, ...credentials(service), ['scope', 'exports:create']]),
  'scope: known ones in another order': ({ service }) =>
    post([GRANT, ...credentials(service), ['scope', 'exports:create networks:view tenants:view']]),
  'scope: the same twice': ({ service }) =>
    post([GRANT, ...credentials(service), ['scope', 'exports:create exports:create']]),
  'scope: empty': ({ service }) => post([GRANT, ...credentials(service), ['scope', '']]),
  'scope: spaces around and between': ({ service }) =>
    post([GRANT, ...credentials(service), ['scope', '  tenants:view   networks:view ']]),
  'scope: two spaces between': ({ service }) =>
    post([GRANT, ...credentials(service), ['scope', 'tenants:view  networks:view']]),
  'scope: a leading space': ({ service }) => post([GRANT, ...credentials(service), ['scope', ' tenants:view']]),
  'scope: a trailing space': ({ service }) => post([GRANT, ...credentials(service), ['scope', 'tenants:view ']]),
  'scope: a space': ({ service }) => post([GRANT, ...credentials(service), ['scope', ' ']]),
  'scope: unknown': ({ service }) => post([GRANT, ...credentials(service), ['scope', 'moon:walk']]),
  'scope: one known, one unknown': ({ service }) =>
    post([GRANT, ...credentials(service), ['scope', 'tenants:view moon:walk']]),
  'scope: in the wrong case': ({ service }) => post([GRANT, ...credentials(service), ['scope', 'Tenants:View']]),
  'scope: openid': ({ service }) => post([GRANT, ...credentials(service), ['scope', 'openid']]),
  'scope: unknown, with a wrong secret': ({ service }) =>
    post([GRANT, ...credentials({ ...service, clientSecret: 'wrong' }), ['scope', 'moon:walk']]),

  // Grant type.
  'grant: missing': ({ service }) => post(credentials(service)),
  'grant: missing, with a wrong secret': ({ service }) => post(credentials({ ...service, clientSecret: 'wrong' })),
  'grant: empty': ({ service }) => post([['grant_type', ''], ...credentials(service)]),
  'grant: one that does not exist': ({ service }) => post([['grant_type', 'foo'], ...credentials(service)]),
  'grant: one that does not exist, with a wrong secret': ({ service }) =>
    post([['grant_type', 'foo'], ...credentials({ ...service, clientSecret: 'wrong' })]),
  'grant: in the wrong case': ({ service }) => post([['grant_type', 'Client_Credentials'], ...credentials(service)]),
  'grant: with a trailing space': ({ service }) =>
    post([['grant_type', 'client_credentials '], ...credentials(service)]),
  'grant: password, without user and password': ({ service }) =>
    post([['grant_type', 'password'], ...credentials(service)]),
  'grant: authorization_code, without a code': ({ service }) =>
    post([['grant_type', 'authorization_code'], ...credentials(service)]),
  'grant: refresh_token, without one': ({ service }) =>
    post([['grant_type', 'refresh_token'], ...credentials(service)]),

  // The shape of the request.
  'twice: client_id': ({ service }) => post([GRANT, ['client_id', service.clientId], ...credentials(service)]),
  'twice: client_secret': ({ service }) =>
    post([GRANT, ...credentials(service), ['client_secret', service.clientSecret ?? '']]),
  'twice: grant_type': ({ service }) => post([GRANT, GRANT, ...credentials(service)]),
  'twice: scope': ({ service }) =>
    post([GRANT, ...credentials(service), ['scope', 'tenants:view'], ['scope', 'networks:view']]),
  'twice: grant_type, once unknown': ({ service }) => post([['grant_type', 'foo'], GRANT, ...credentials(service)]),
  'twice: scope, without grant_type': ({ service }) =>
    post([...credentials(service), ['scope', 'tenants:view'], ['scope', 'networks:view']]),
  'twice: scope, once unknown': ({ service }) =>
    post([GRANT, ...credentials(service), ['scope', 'moon:walk'], ['scope', 'networks:view']]),
  'twice: client_id, by Basic': ({ service }) =>
    post([GRANT, ['client_id', service.clientId], ['client_id', service.clientId]], basic(service)),
  'twice: a parameter nobody knows': ({ service }) =>
    post([GRANT, ...credentials(service), ['foo', '1'], ['foo', '2']]),
  'twice: grant_type, with a wrong secret': ({ service }) =>
    post([GRANT, GRANT, ...credentials({ ...service, clientSecret: 'wrong' })]),
  'shape: a parameter nobody knows': ({ service }) => post([GRANT, ...credentials(service), ['foo', 'bar']]),
  'shape: parameters in the query, no body': ({ service }) => ({
    method: 'POST',
    headers: { 'content-type': FORM },
    query: form([GRANT, ...credentials(service)]),
    body: '',
  }),
  'shape: no body, no content-type': () => ({ method: 'POST', headers: {} }),
  'shape: no body, right Basic': ({ service }) => ({
    method: 'POST',
    headers: { 'content-type': FORM, ...basic(service) },
    body: '',
  }),
  'shape: JSON instead of a form': ({ service: { clientId, clientSecret } }) => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }),
  }),
  'shape: JSON instead of a form, right Basic': ({ service }) => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...basic(service) },
    body: JSON.stringify({ grant_type: 'client_credentials' }),
  }),
  'shape: broken percent-escape in the form': ({ service }) => {
    const { body, ...rest } = post([GRANT, ...credentials(service)])
    return { ...rest, body: `${body}&foo=%zz` }
  },
  'shape: a name without a value': ({ service }) => {
    const { body, ...rest } = post([GRANT, ...credentials(service)])
    return { ...rest, body: `${body}&foo` }
  },
  'shape: a form without content-type': ({ service }) => ({ ...post([GRANT, ...credentials(service)]), headers: {} }),
  'method: GET': () => ({ method: 'GET', headers: {} }),
  'method: GET, right Basic': ({ service }) => ({ method: 'GET', headers: basic(service) }),
  'method: PUT': ({ service }) => ({ ...post([GRANT, ...credentials(service)]), method: 'PUT' }),
  'method: DELETE': () => ({ method: 'DELETE', headers: {} }),
}

const tokenRequests = Object.entries(requests).map(([name, request]) => ({ name, request }))

/**
 * Send one request as it is, on a connection of its own.
 *
 * @param {string} url
 * @param {TokenRequest} request
 * @returns {Promise<TokenAnswer>}
 */
function sendTokenRequest(url, { method, headers, query, body }) {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const target = query === undefined ? url : `${url}?${query}`
    const req = http.request(target, { method, headers: { ...headers, ...length }, agent: false }, (res) => {
      let text = ''
      res.setEncoding('utf8')
      res.on('data', (chunk) => {
        text += chunk
      })
      res.on('end', () => resolve(answer(res, text)))
      res.on('error', reject)
    })
    req.on('error', reject)
    req.end(body)
  })
}

/**
 * @param {import('node:http').IncomingMessage} res
 * @param {string} text
 * @returns {TokenAnswer}
 */
function answer(res, text) {
  const body = jsonObject(text)
  return {
    status: res.statusCode ?? 0,
    error: body?.error,
    description: body?.error_description,
    json: body !== undefined,
    empty: text === '',
    challenge: res.headers['www-authenticate'],
    members: Object.keys(body ?? {}),
    scope: body?.scope,
    expiresIn: body?.expires_in,
    headers: res.headers,
    text,
  }
}

/** @param {string} text @returns {Record<string, any> | undefined} */
function jsonObject(text) {
  try {
    const value = JSON.parse(text)
    return value !== null && typeof value === 'object' ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * @param {[string, string][]} parameters
 * @param {Record<string, string>} [headers]
 * @returns {TokenRequest}
 */
function post(parameters, headers = {}) {
  return { method: 'POST', headers: { 'content-type': FORM, ...headers }, body: form(parameters) }
}

/** @param {[string, string][]} parameters */
function form(parameters) {
  return new URLSearchParams(parameters).toString()
}

/** @param {RealmClient} client @returns {[string, string][]} */
function credentials({ clientId, clientSecret = '' }) {
  return [
    ['client_id', clientId],
    ['client_secret', clientSecret],
  ]
}

/**
 * RFC 6749 §2.3.1: id and secret are form-encoded before they are joined.
 *
 * @param {RealmClient} client
 * @param {(value: string) => string} [encode]
 */
function basic({ clientId, clientSecret = '' }, encode = formEncode) {
  return { authorization: `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}` }
}

/** @param {string} value */
function formEncode(value) {
  return form([['', value]]).slice(1)
}

module.exports = { tokenRequests, sendTokenRequest }
