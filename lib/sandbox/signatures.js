'use strict'

const { createHash, verify } = require('node:crypto')
const { parseDictionary, serializeList } = require('./structured-fields')

/** @typedef {import('node:crypto').KeyObject} KeyObject */
/** @typedef {import('./options').Client} Client */
/** @typedef {import('./structured-fields').Item} Item */
/** @typedef {import('./structured-fields').Member} Member */

/**
 * @typedef {object} SignedRequest what of a request is looked at
 * @property {string} method
 * @property {string} url as it came: path and query
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {Buffer} body
 */

/** @typedef {{ components: string[], keyId: string, params: string, value: Buffer }} Claim what a signature says of itself */

const ALGORITHM = 'rsa-v1_5-sha256'
const DIGEST = 'content-digest'

/** Why a signature is refused: a sentence, and what may help to find the defect. */
class Refused extends Error {
  /**
   * @param {string} message
   * @param {Record<string, string[]>} [details]
   */
  constructor(message, details = {}) {
    super(message)
    this.details = details
  }
}

/** Checks signatures of requests (RFC 9421) by Layer1's profile: what is signed is what its documentation says, no less. */
class Signatures {
  #clients
  #maxAge
  #now

  /**
   * @param {Iterable<Client>} clients
   * @param {number} maxAge seconds
   * @param {() => number} now ms since the epoch
   */
  constructor(clients, maxAge, now) {
    this.#clients = new Map([...clients].filter(({ publicKey }) => publicKey).map((client) => [client.keyId, client]))
    this.#maxAge = maxAge
    this.#now = now
  }

  /**
   * Find out whose signature a request has.
   *
   * @param {SignedRequest} request
   * @returns {{ client: Client, refused?: undefined } | { client?: undefined, refused: Refused }}
   */
  check(request) {
    try {
      return { client: this.#signer(request) }
    } catch (error) {
      if (error instanceof Refused) return { refused: error }
      throw error
    }
  }

  /** @param {SignedRequest} request */
  #signer(request) {
    const claim = this.#claim(request)
    checkDigest(request, claim.components)
    const client = this.#clients.get(claim.keyId)
    if (!client?.publicKey || !client.enabled)
      throw new Refused('The keyid of the signature names no key that is known.')

    const base = signatureBase(request, claim)
    if (!verify('sha256', Buffer.from(base), client.publicKey, claim.value)) {
      throw new Refused(
        'The signature does not fit: with the key of this keyid, something else was signed than what came.',
        { signatureBase: base.split('\n') },
      )
    }
    return client
  }

  /**
   * @param {SignedRequest} request
   * @returns {Claim}
   */
  #claim({ headers, body }) {
    const { label, input, value } = onlySignature(headers)
    const components = readComponents(input, body)
    const created = parameter(input, 'created', 'integer')
    const keyId = parameter(input, 'keyid', 'string')
    const algorithm = parameter(input, 'alg', 'string')
    if (algorithm !== ALGORITHM) throw new Refused(`The alg of the signature ${label} has to be ${ALGORITHM}.`)
    this.#checkAge(Number(created), input.parameters.get('expires'))
    return { components, keyId, params: serializeList(input), value }
  }

  /**
   * @param {number} created seconds since the epoch
   * @param {Item | undefined} expires
   */
  #checkAge(created, expires) {
    const age = this.#now() / 1000 - created
    // Rounded away from zero, so that what is refused is never said to be within the limit.
    const seconds = Math.ceil(Math.abs(age))
    if (age > this.#maxAge) {
      throw new Refused(`The signature was created ${seconds} s ago, and may be ${this.#maxAge} s old.`)
    }
    if (age < -this.#maxAge) {
      throw new Refused(`The signature was created ${seconds} s in the future, and may be ${this.#maxAge} s ahead.`)
    }
    if (expires && !(expires.type === 'integer' && Number(expires.value) > this.#now() / 1000)) {
      throw new Refused('The signature has expired.')
    }
  }
}

/**
 * Read the one signature that a request has.
 *
 * @param {import('node:http').IncomingHttpHeaders} headers
 */
function onlySignature(headers) {
  const inputs = readHeader(headers, 'signature-input')
  const signatures = readHeader(headers, 'signature')
  const [label = ''] = inputs.keys()
  const input = inputs.get(label)
  const value = signatures.get(label)?.item
  if (inputs.size !== 1 || signatures.size !== 1 || !input || !value) {
    throw new Refused('Signature-Input and Signature have to hold one signature, under one label.')
  }
  if (!input.list) throw new Refused('Signature-Input has to be a list of what is signed.')
  return { label, input, value: bytesOf(value, 'Signature') }
}

/**
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {string} name
 */
function readHeader(headers, name) {
  const text = headers[name]
  if (!text) throw new Refused(`There is no header ${name}.`)
  try {
    return parseDictionary(String(text))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new Refused(`The header ${name} is no dictionary of RFC 8941: ${error.message}.`)
  }
}

/**
 * Read what is signed: method and target, and the digest if there is a body; in any order.
 *
 * @param {Member} input
 * @param {Buffer} body
 */
function readComponents(input, body) {
  const due = ['@method', '@target-uri', ...(body.length > 0 ? [DIGEST] : [])]
  const names = (input.list ?? []).map(({ type, value, parameters }) =>
    type === 'string' && parameters.size === 0 ? value : undefined,
  )
  const isRight = names.length === due.length && due.every((name) => names.includes(name))
  if (!isRight) {
    const list = due.map((name) => `"${name}"`).join(' ')
    throw new Refused(`Of a request ${body.length > 0 ? 'with a' : 'without a'} body has to be signed: (${list}).`)
  }
  return names.filter((name) => name !== undefined)
}

/**
 * @param {Member} input
 * @param {string} name
 * @param {Item['type']} type
 */
function parameter(input, name, type) {
  const found = input.parameters.get(name)
  if (found?.type !== type) throw new Refused(`The signature has to have the parameter ${name}, as ${type}.`)
  return found.value
}

/**
 * Check that the digest (RFC 9530) is that of the body that came.
 *
 * @param {SignedRequest} request
 * @param {string[]} components
 */
function checkDigest({ headers, body }, components) {
  if (!components.includes(DIGEST)) {
    if (headers[DIGEST] === undefined) return
    throw new Refused('A request without a body has no content-digest.')
  }
  const digest = readHeader(headers, DIGEST).get('sha-256')?.item
  if (!digest) throw new Refused('The content-digest has no sha-256.')
  if (!bytesOf(digest, DIGEST).equals(createHash('sha256').update(body).digest())) {
    throw new Refused('The content-digest is not that of the body that came.')
  }
}

/**
 * @param {Item} item
 * @param {string} where
 */
function bytesOf({ type, value }, where) {
  const bytes = Buffer.from(value, 'base64')
  if (type !== 'bytes' || bytes.toString('base64') !== value) {
    throw new Refused(`The value in ${where} has to be base64 between colons.`)
  }
  return bytes
}

/**
 * Write down what has to have been signed (RFC 9421 §2.5), from what came.
 *
 * @param {SignedRequest} request
 * @param {Claim} claim
 */
function signatureBase({ method, url, headers }, { components, params }) {
  /** @type {Record<string, string>} */
  const values = {
    '@method': method,
    '@target-uri': url.startsWith('/') ? `http://${String(headers.host).toLowerCase()}${url}` : url,
    [DIGEST]: String(headers[DIGEST] ?? '').trim(),
  }
  return [...components.map((name) => `"${name}": ${values[name]}`), `"@signature-params": ${params}`].join('\n')
}

exports.Signatures = Signatures
