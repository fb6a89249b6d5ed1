'use strict'
// Token requests with assertions, good and bad. What they must be answered is whatever Keycloak answers: the suite holds no
// expectation of its own.

const { ASSERTION_TYPE, makeAssertion, otherAlgorithms } = require('./assertions.js')

/**
 * @typedef {import('./token-requests.js').TokenRequest} TokenRequest
 * @typedef {import('./assertions.js').Departure} Departure
 * @typedef {import('../../scripts/keycloak/realm.js').RealmClient} RealmClient
 * @typedef {{ clientId: string, privateKey: string }} KeyedClient
 * @typedef {{ issuer: string, tokenUrl: string, keyed: KeyedClient, disabled: KeyedClient, stranger: string, service: RealmClient }} Target a realm and its clients; `stranger` is a key that nobody knows
 * @typedef {[name: string, value: string][]} Parameters
 */

/** @type {[string, string]} */
const GRANT = ['grant_type', 'client_credentials']

/** A signature of nobody. @type {Departure} */
const forged = { sign: () => Buffer.alloc(256, 1) }

/**
 * Sets of requests that are sent one after the other: the last is the one that counts.
 *
 * @type {Record<string, (target: Target) => TokenRequest | TokenRequest[]>}
 */
const requests = {
  // What is right.
  'right, with the client id': (target) => post([GRANT, ['client_id', target.keyed.clientId], ...assertion(target)]),
  'right, without the client id': (target) => post([GRANT, ...assertion(target)]),
  'for a scope': (target) => post([GRANT, ...assertion(target), ['scope', 'exports:create']]),
  'for an unknown scope': (target) => post([GRANT, ...assertion(target), ['scope', 'moon:walk']]),
  'with claims nobody knows': (target) => claims(target, { 'urn:x': [1] }),
  'with a kid': (target) => departing(target, { header: { kid: 'layer1' } }),
  'without typ': (target) => departing(target, { header: { typ: undefined } }),
  'beside a secret': (target) => post([GRANT, ...assertion(target), ['client_secret', 'any']]),
  'beside Basic of the same client': (target) => post([GRANT, ...assertion(target)], basic(target.keyed.clientId)),
  'beside Basic of another client': (target) => post([GRANT, ...assertion(target)], basic(target.service.clientId)),

  // For whom it is.
  'aud: the token URL': (target) => claims(target, { aud: target.tokenUrl }),
  'aud: the issuer, in an array': (target) => claims(target, { aud: [target.issuer] }),
  'aud: issuer and token URL': (target) => claims(target, { aud: [target.issuer, target.tokenUrl] }),
  'aud: the issuer with a slash': (target) => claims(target, { aud: `${target.issuer}/` }),
  'aud: another': (target) => claims(target, { aud: 'https://elsewhere.invalid' }),
  'aud: none': (target) => claims(target, { aud: undefined }),
  'aud: empty array': (target) => claims(target, { aud: [] }),
  'aud: a number': (target) => claims(target, { aud: 1 }),

  // Whose it is.
  'iss: another': (target) => claims(target, { iss: 'nobody' }),
  'iss: none': (target) => claims(target, { iss: undefined }),
  'sub: another': (target) => claims(target, { sub: 'nobody' }),
  'sub: none': (target) => claims(target, { sub: undefined }),
  'sub: empty': (target) => claims(target, { sub: '' }),
  'sub and iss: an unknown client': (target) => claims(target, { sub: 'nobody', iss: 'nobody' }),
  'sub and iss: a client with a secret': (target) =>
    claims(target, { sub: target.service.clientId, iss: target.service.clientId }),
  'sub and iss: a client with a secret, and the secret': (target) =>
    post([
      GRANT,
      ['client_id', target.service.clientId],
      ['client_secret', String(target.service.clientSecret)],
      ...assertion(target, { claims: { sub: target.service.clientId, iss: target.service.clientId } }),
    ]),
  'client_id: another': (target) => post([GRANT, ['client_id', target.service.clientId], ...assertion(target)]),
  'client_id: unknown': (target) => post([GRANT, ['client_id', 'nobody'], ...assertion(target)]),
  'client_id: empty': (target) => post([GRANT, ['client_id', ''], ...assertion(target)]),
  'a disabled client': (target) => post([GRANT, ...assertion({ ...target, keyed: target.disabled })]),

  // How long it is good.
  'exp: passed': (target) => claims(target, { iat: now() - 90, exp: now() - 30 }),
  'exp: a second ago': (target) => claims(target, { iat: now() - 61, exp: now() - 1 }),
  'exp: none': (target) => claims(target, { exp: undefined }),
  'exp and iat: none': (target) => claims(target, { exp: undefined, iat: undefined }),
  'exp: none, and iat a minute ago': (target) => claims(target, { exp: undefined, iat: now() - 90 }),
  'exp: in an hour': (target) => claims(target, { exp: now() + 3_600 }),
  'exp: in an hour, without iat': (target) => claims(target, { exp: now() + 3_600, iat: undefined }),
  'exp: in a minute, without iat': (target) => claims(target, { exp: now() + 50, iat: undefined }),
  'exp: in an hour, iat two minutes ago': (target) => claims(target, { exp: now() + 3_600, iat: now() - 120 }),
  'exp: in ten seconds, iat an hour ago': (target) => claims(target, { exp: now() + 10, iat: now() - 3_600 }),
  'exp: text': (target) => claims(target, { exp: 'soon' }),
  'exp: digits as text': (target) => claims(target, { exp: String(now() + 60) }),
  'exp: a fraction': (target) => claims(target, { exp: now() + 60.5 }),
  'nbf: passed': (target) => claims(target, { nbf: now() - 60 }),
  'nbf: to come': (target) => claims(target, { nbf: now() + 60 }),
  'iat: to come': (target) => claims(target, { iat: now() + 100, exp: now() + 160 }),
  'iat: some seconds to come': (target) => claims(target, { iat: now() + 8, exp: now() + 60 }),

  // Once only.
  'jti: none': (target) => claims(target, { jti: undefined }),
  'jti: empty': (target) => claims(target, { jti: '' }),
  'the same twice': (target) => twice(post([GRANT, ...assertion(target)])),
  'jti: that of another': (target) => [
    claims(target, { jti: `once-${target.issuer}` }),
    claims(target, { jti: `once-${target.issuer}`, exp: now() + 30 }),
  ],
  'jti: that of one that was refused': (target) => [
    departing(target, { claims: { jti: `refused-${target.issuer}` }, sign: () => Buffer.alloc(256) }),
    claims(target, { jti: `refused-${target.issuer}` }),
  ],

  // Named by the form as well.
  'named, iss: another': (target) => named(target, text(target, { claims: { iss: 'nobody' } })),
  'named, sub: another': (target) => named(target, text(target, { claims: { sub: 'nobody' } })),
  'named, sub and iss: another': (target) => named(target, text(target, { claims: { sub: 'nobody', iss: 'nobody' } })),
  'named, sub: none': (target) => named(target, text(target, { claims: { sub: undefined } })),
  'named, sub and iss: none': (target) => named(target, text(target, { claims: { sub: undefined, iss: undefined } })),
  'named, exp: text': (target) => named(target, text(target, { claims: { exp: 'soon' } })),
  'named, alg: XY1': (target) => named(target, text(target, { header: { alg: 'XY1' } })),
  'named, four parts': (target) => named(target, `${text(target)}.AAAA`),
  'named, parts that are no JSON': (target) => named(target, 'aGVsbG8.aGVsbG8.aGVsbG8'),
  'named, signed by another': (target) =>
    named(target, text({ ...target, keyed: { ...target.keyed, privateKey: target.stranger } })),
  'named, disabled': (target) =>
    named({ ...target, keyed: target.disabled }, text({ ...target, keyed: target.disabled })),
  'named disabled, assertion of another': (target) => named({ ...target, keyed: target.disabled }, text(target)),
  'named disabled, no JWT': (target) => named({ ...target, keyed: target.disabled }, 'hello'),
  'named, another type': (target) =>
    post([GRANT, ['client_id', target.keyed.clientId], ['client_assertion_type', 'x'], ['client_assertion', 'y']]),

  // What comes first.
  'first: signature or aud': (target) => departing(target, { ...forged, claims: { aud: 'x' } }),
  'first: signature or exp': (target) => departing(target, { ...forged, claims: { exp: now() - 30 } }),
  'first: signature or jti': (target) => departing(target, { ...forged, claims: { jti: undefined } }),
  'first: aud or exp': (target) => claims(target, { aud: 'x', exp: now() - 30 }),
  'first: aud twice or exp': (target) => claims(target, { aud: [target.issuer, 'x'], exp: now() - 30 }),
  'first: aud twice or aud': (target) => claims(target, { aud: ['x', 'y'] }),
  'first: jti or exp': (target) => claims(target, { jti: undefined, exp: now() - 30 }),
  'first: jti or no exp': (target) => claims(target, { jti: undefined, exp: undefined }),
  'first: jti or aud': (target) => claims(target, { jti: undefined, aud: 'x' }),
  'first: alg or exp': (target) =>
    departing(target, { ...otherAlgorithms.RS512?.(target.keyed.privateKey), claims: { exp: now() - 30 } }),
  'first: alg or aud': (target) =>
    departing(target, { ...otherAlgorithms.RS512?.(target.keyed.privateKey), claims: { aud: 'x' } }),
  'first: alg or kid': (target) => departing(target, { header: { alg: 'RS512', kid: 'x' } }),
  'first: kid or aud': (target) => departing(target, { header: { kid: 'x' }, claims: { aud: 'x' } }),
  'first: kid or exp': (target) => departing(target, { header: { kid: 'x' }, claims: { exp: now() - 30 } }),
  'first: iat to come or too far': (target) => claims(target, { iat: now() + 100, exp: now() + 3_600 }),
  'first: nbf or iat': (target) => claims(target, { iat: now() + 100, nbf: now() + 100 }),
  'first: old or jti again': (target) => [
    claims(target, { jti: `old-${target.issuer}` }),
    claims(target, { jti: `old-${target.issuer}`, iat: now() - 3_600 }),
  ],

  // Near the limits.
  'limit: iat 12 s to come': (target) => claims(target, { iat: now() + 12, exp: now() + 60 }),
  'limit: iat 18 s to come': (target) => claims(target, { iat: now() + 18, exp: now() + 60 }),
  'limit: nbf 5 s to come': (target) => claims(target, { nbf: now() + 5 }),
  'limit: exp in 70 s, without iat': (target) => claims(target, { exp: now() + 70, iat: undefined }),
  'limit: exp in 80 s, without iat': (target) => claims(target, { exp: now() + 80, iat: undefined }),
  'limit: iat 55 s ago': (target) => claims(target, { iat: now() - 55, exp: now() + 30 }),
  'limit: iat 65 s ago': (target) => claims(target, { iat: now() - 65, exp: now() + 30 }),
  'limit: iat 80 s ago': (target) => claims(target, { iat: now() - 80, exp: now() + 30 }),
  'limit: exp 0': (target) => claims(target, { exp: 0 }),

  // What it is signed with.
  'another key': (target) =>
    post([GRANT, ...assertion({ ...target, keyed: { ...target.keyed, privateKey: target.stranger } })]),
  'a signature that was altered': (target) => departing(target, { sign: () => Buffer.alloc(256, 1) }),
  'a signature that was cut': (target) => departing(target, { sign: () => Buffer.alloc(10, 1) }),
  'no signature': (target) => departing(target, { sign: () => Buffer.alloc(0) }),
  ...Object.fromEntries(
    Object.entries(otherAlgorithms).map(([name, departure]) => [
      `alg: ${name}`,
      (/** @type {Target} */ target) => departing(target, departure(target.keyed.privateKey)),
    ]),
  ),
  'alg: missing': (target) => departing(target, { header: { alg: undefined } }),

  // Its shape.
  'no JWT': (target) => named(target, 'hello'),
  'no JWT, without the client id': () => post([GRANT, ...given('hello')]),
  'two parts': (target) => post([GRANT, ...given(text(target).split('.').slice(0, 2).join('.'))]),
  'four parts': (target) => post([GRANT, ...given(`${text(target)}.AAAA`)]),
  'parts that are no JSON': () => post([GRANT, ...given('aGVsbG8.aGVsbG8.aGVsbG8')]),
  'claims that are no object': (target) =>
    post([GRANT, ...given([text(target).split('.')[0], 'WzFd', text(target).split('.')[2]].join('.'))]),
  'an empty assertion': (target) => post([GRANT, ['client_id', target.keyed.clientId], ...given('')]),
  'a type, and no assertion': (target) =>
    post([GRANT, ['client_id', target.keyed.clientId], ['client_assertion_type', ASSERTION_TYPE]]),
  'an assertion, and no type': (target) => post([GRANT, ['client_assertion', text(target)]]),
  'an assertion, and no type, with the client id': (target) =>
    post([GRANT, ['client_id', target.keyed.clientId], ['client_assertion', text(target)]]),
  'another type': (target) =>
    post([
      GRANT,
      ['client_assertion_type', ASSERTION_TYPE.replace('jwt', 'saml2')],
      ['client_assertion', text(target)],
    ]),
  'an empty type': (target) =>
    post([
      GRANT,
      ['client_id', target.keyed.clientId],
      ['client_assertion_type', ''],
      ['client_assertion', text(target)],
    ]),
  'the assertion twice': (target) => post([GRANT, ...assertion(target), ['client_assertion', text(target)]]),
  'the type twice': (target) => post([GRANT, ...assertion(target), ['client_assertion_type', ASSERTION_TYPE]]),
  'the id alone': (target) => post([GRANT, ['client_id', target.keyed.clientId]]),
  'a secret alone': (target) => post([GRANT, ['client_id', target.keyed.clientId], ['client_secret', 'any']]),
  'without grant_type': (target) => post(assertion(target)),
  'another grant': (target) => post([['grant_type', 'password'], ...assertion(target)]),
}

const assertionRequests = Object.entries(requests).map(([name, request]) => ({ name, request }))

/**
 * @param {Target} target
 * @param {Departure} [departure]
 */
function text({ issuer, keyed }, departure) {
  return makeAssertion({ ...keyed, audience: issuer }, departure)
}

/**
 * @param {Target} target
 * @param {Departure} [departure]
 */
function assertion(target, departure) {
  return given(text(target, departure))
}

/**
 * @param {string} assertion
 * @returns {Parameters}
 */
function given(assertion) {
  return [
    ['client_assertion_type', ASSERTION_TYPE],
    ['client_assertion', assertion],
  ]
}

/**
 * @param {Target} target
 * @param {Departure} departure
 */
function departing(target, departure) {
  return post([GRANT, ...assertion(target, departure)])
}

/**
 * @param {Target} target
 * @param {Record<string, unknown>} claims
 */
function claims(target, claims) {
  return departing(target, { claims })
}

/**
 * @param {Target} target
 * @param {string} assertion
 */
function named(target, assertion) {
  return post([GRANT, ['client_id', target.keyed.clientId], ...given(assertion)])
}

/** @param {TokenRequest} request */
function twice(request) {
  return [request, request]
}

/**
 * @param {Parameters} parameters
 * @param {Record<string, string>} [headers]
 * @returns {TokenRequest}
 */
function post(parameters, headers = {}) {
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  return { method: 'POST', headers: { ...type, ...headers }, body: new URLSearchParams(parameters).toString() }
}

/** @param {string} clientId */
function basic(clientId) {
  return { authorization: `Basic ${Buffer.from(`${clientId}:any`).toString('base64')}` }
}

/** Seconds since the epoch. */
function now() {
  return Math.floor(Date.now() / 1_000)
}

module.exports = { assertionRequests }
