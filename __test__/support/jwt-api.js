'use strict'

const { once } = require('node:events')
const http = require('node:http')

const TOTAL = 3

/**
 * Start an API that believes nothing but the issuer's signature: it verifies every Bearer JWT (RS256, `iss`, expiry, `aud` if
 * told) through the JWKS, and serves `GET /api/v1/asset-pools`.
 *
 * @param {{ jwksUrl: string, issuer: string, audience?: string, clockTolerance?: number }} options `clockTolerance` in seconds
 */
async function startJwtApi({ jwksUrl, issuer, audience, clockTolerance = 0 }) {
  const { createRemoteJWKSet, jwtVerify } = await import('jose')
  const keys = createRemoteJWKSet(new URL(jwksUrl))
  const expected = {
    issuer,
    algorithms: ['RS256'],
    requiredClaims: ['exp'],
    clockTolerance,
    ...(audience ? { audience } : {}),
  }
  /** @type {Map<string, import('jose').JWTPayload>} tokens that were good, by themselves */
  const seen = new Map()
  /** @type {Set<string>} */
  const rejected = new Set()
  const counts = { requests: 0, refused: 0 }

  /** @param {string} token @returns {Promise<import('jose').JWTPayload>} */
  async function verify(token) {
    const { payload } = await jwtVerify(token, keys, expected)
    return payload
  }

  /** @param {http.IncomingMessage} req @returns {Promise<boolean>} */
  async function isAuthorized(req) {
    const token = /^Bearer (\S+)$/.exec(req.headers.authorization ?? '')?.[1]
    if (token === undefined || rejected.has(token)) return false
    try {
      seen.set(token, await verify(token))
      return true
    } catch {
      return false
    }
  }

  const server = http.createServer(async (req, res) => {
    counts.requests += 1
    const url = new URL(req.url ?? '/', 'http://127.0.0.1')
    if (!(await isAuthorized(req))) {
      counts.refused += 1
      res.setHeader('www-authenticate', 'Bearer realm="bvnk", error="invalid_token"')
      return sendError(res, 401, 'UNAUTHORIZED', 'The access token is missing, expired, revoked or not ours.')
    }
    if (req.method !== 'GET' || url.pathname !== '/api/v1/asset-pools') {
      return sendError(res, 404, 'NOT_FOUND', 'There is no such resource.')
    }
    send(res, 200, assetPools(url.searchParams))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())

  return {
    baseUrl: `http://127.0.0.1:${port}`,
    /** Verify a token as the API does, and give its claims. */
    verify,
    /** How many requests came. */
    requests: () => counts.requests,
    /** How many of them were answered 401. */
    refused: () => counts.refused,
    /** How many different tokens were accepted. */
    tokensSeen: () => seen.size,
    /** Answer 401 from now on to every token that was accepted so far. */
    rejectCurrent() {
      for (const token of seen.keys()) rejected.add(token)
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/**
 * A page in the shape of the digital API.
 *
 * @param {URLSearchParams} query
 */
function assetPools(query) {
  const pageNumber = Number(query.get('pageNumber') ?? 0)
  const pageSize = Number(query.get('pageSize') ?? 20)
  const all = Array.from({ length: TOTAL }, (_, index) => ({
    id: `00000000-0000-4000-8000-00000000000${index}`,
    name: `Pool ${index}`,
    balance: '0.19848315335156838671875',
  }))
  const content = all.slice(pageNumber * pageSize, (pageNumber + 1) * pageSize)
  return { totalElements: TOTAL, content, pageable: { pageNumber, pageSize } }
}

/** @param {http.ServerResponse} res @param {number} status @param {string} name @param {string} message */
function sendError(res, status, name, message) {
  send(res, status, { code: 'layer1:digital-asset:1000', status: name, message, details: {} })
}

/** @param {http.ServerResponse} res @param {number} status @param {unknown} body */
function send(res, status, body) {
  res.writeHead(status, { 'content-type': 'application/json' })
  res.end(JSON.stringify(body))
}

module.exports = { startJwtApi }
