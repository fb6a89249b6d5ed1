'use strict'

const { JSON_TYPE } = require('./answer')
const { data } = require('./data')
const { apiError, unknownId } = require('./errors')
const { flatPage, pageablePage, readPage } = require('./pages')
const { matchesSearch, parseSearch } = require('./search')
const { treasury, treasuryJson } = require('./treasury')

/** @typedef {import('./answer').Answer} Answer */
/** @typedef {Record<string, any>} Row */
/** @typedef {{ query: URLSearchParams, id: string }} Call */

/**
 * @typedef {object} Operation one method of one route
 * @property {string} scope what the token must hold
 * @property {(call: Call) => Answer} answer
 */

/** @typedef {Record<string, Operation>} Route operations by method */

/**
 * @typedef {object} ListOptions
 * @property {number} [maxPageSize] default 100
 * @property {Record<string, (row: Row) => unknown>} [filters] query parameters and what of a row they must equal
 */

const MAX_PAGE_SIZE = 100
const MAX_TRANSACTION_PAGE_SIZE = 500

const byPool = { assetPoolId: (/** @type {Row} */ row) => row.assetPoolId }
const byAddressPool = { assetPoolId: (/** @type {Row} */ row) => row.address.assetPoolId }
const byType = { type: (/** @type {Row} */ row) => row.type }
const byScreening = {
  hash: (/** @type {Row} */ row) => row.transactionHash,
  operation: (/** @type {Row} */ row) => row.operation,
  state: (/** @type {Row} */ row) => row.screeningState,
}
const transactionPages = { maxPageSize: MAX_TRANSACTION_PAGE_SIZE }

/**
 * The API, as Layer1's OpenAPI description has it: paths, methods and scopes. `{id}` stands for one segment.
 * @type {Record<string, Route>}
 */
const ROUTES = {
  '/api/v1/asset-pools': { GET: read('asset-pools:view', list(data.assetPools)) },
  '/digital/v1/asset-pools': { GET: read('asset-pools:view', list(data.assetPools)) },
  '/digital/v1/asset-pools/summary': { GET: read('asset-pools:view', summary) },
  '/digital/v1/asset-pools/{id}': { GET: read('asset-pools:view', item('Asset pool', data.assetPools)) },
  '/digital/v1/asset-pools/{id}/balances': { GET: read('asset-pools:view', poolBalance) },
  '/digital/v1/asset-pools/{id}/max-withdrawable-amount': { GET: read('asset-pools:view', poolBalance) },
  '/digital/v1/addresses': { GET: read('addresses:view', list(data.addresses, { filters: byPool })) },
  '/digital/v1/addresses/validate': {},
  '/digital/v1/addresses/{id}': { GET: read('addresses:view', item('Address', data.addresses)) },
  '/digital/v1/addresses/{id}/tags': { GET: read('addresses:view', addressTags) },
  '/digital/v1/key-pairs': { GET: read('keypairs:view', list(data.keyPairs, { filters: byPool })) },
  '/digital/v1/key-pairs/{id}': { GET: read('keypairs:view', item('Key pair', data.keyPairs)) },
  '/digital/v1/transactions': {
    GET: read('transactions:view', list(data.transactions, { ...transactionPages, filters: byAddressPool })),
  },
  '/digital/v1/transactions/{id}': { GET: read('transactions:view', item('Transaction', data.transactions)) },
  '/digital/v1/transaction-requests': {
    GET: read('transactions:view', list(data.transactionRequests, { ...transactionPages, filters: byPool })),
  },
  '/digital/v1/transaction-requests/{id}': {
    GET: read('transactions:view', item('Transaction request', data.transactionRequests, 'requestId')),
  },
  '/digital/v1/screenings': { GET: read('screenings:view', list(data.screenings, { filters: byScreening })) },
  '/digital/v1/screenings/action': {},
  '/digital/v1/exports': { GET: read('exports:view', list(data.exportJobs, { filters: byType })) },
  '/digital/v1/exports/{id}': { GET: read('exports:view', item('Export', data.exportJobs)) },
  '/digital/v1/networks': { GET: read('networks:view', () => json(JSON.stringify(data.networks()))) },
  '/digital/v1/transaction-claims': {},
  '/digital/v1/staking-requests': {},
  '/digital/v1/returns': {},
  '/digital/v1/fee-estimate': {},
  '/treasury/v1/accounts': { GET: read('treasury:view', treasuryList(treasury.accounts)) },
  '/treasury/v1/payments': { GET: read('treasury:view', treasuryList(treasury.payments)) },
}

/**
 * @param {string} scope
 * @param {Operation['answer']} answer
 * @returns {Operation}
 */
function read(scope, answer) {
  return { scope, answer }
}

/**
 * @param {() => Row[]} rows
 * @param {ListOptions} [options]
 * @returns {Operation['answer']}
 */
function list(rows, options) {
  return ({ query }) => pageOf(rows(), query, (found, page) => JSON.stringify(pageablePage(found, page)), options)
}

/**
 * @param {() => Row[]} rows
 * @returns {Operation['answer']}
 */
function treasuryList(rows) {
  return ({ query }) => pageOf(rows(), query, (found, page) => treasuryJson(flatPage(found, page)))
}

/**
 * @param {string} what
 * @param {() => Row[]} rows
 * @param {string} [key] the field that holds the id
 * @returns {Operation['answer']}
 */
function item(what, rows, key = 'id') {
  return ({ id }) => {
    const row = rows().find((candidate) => candidate[key] === id)
    return row ? json(JSON.stringify(row)) : unknownId(what, id)
  }
}

/** @returns {Answer} */
function summary() {
  return json(JSON.stringify({ balances: data.assetPools().flatMap((pool) => pool.balances) }))
}

/**
 * Answer a pool's balance of one asset on one network; of an asset it does not hold, zero.
 *
 * @param {Call} call
 * @returns {Answer}
 */
function poolBalance({ query, id }) {
  const pool = data.assetPools().find((candidate) => candidate.id === id)
  if (!pool) return unknownId('Asset pool', id)
  const network = query.get('network')
  const asset = query.get('asset')
  if (!network || !asset) {
    const errors = Object.fromEntries(['network', 'asset'].filter((key) => !query.get(key)).map(required))
    return apiError(400, 'The query is not valid.', { errors })
  }
  const held = pool.balances.find((balance) => balance.network === network && balance.asset === asset)
  return json(JSON.stringify(held ?? { network, asset, available: '0', reserved: '0', blockchain: '0' }))
}

/**
 * @param {Call} call
 * @returns {Answer}
 */
function addressTags({ query, id }) {
  const address = data.addresses().find((candidate) => candidate.id === id)
  if (!address) return unknownId('Address', id)
  const tags = address.tag ? [address] : []
  return pageOf(tags, query, (found, page) => JSON.stringify(pageablePage(found, page)))
}

/**
 * @param {Row[]} rows
 * @param {URLSearchParams} query
 * @param {(found: Row[], page: import('./pages').Page) => string} render
 * @param {ListOptions} [options]
 * @returns {Answer}
 */
function pageOf(rows, query, render, { maxPageSize = MAX_PAGE_SIZE, filters = {} } = {}) {
  const { page, complaints } = readPage(query, maxPageSize)
  const q = query.get('q')
  const terms = q === null ? [] : parseSearch(q)
  if (complaints || !terms) {
    const errors = { ...complaints, ...(terms ? {} : { q: ['must be terms such as reference:REF-12a1'] }) }
    return apiError(400, 'The query is not valid.', { errors })
  }
  const asked = Object.entries(filters).filter(([name]) => query.has(name))
  const found = rows.filter(
    (row) => matchesSearch(row, terms) && asked.every(([name, of]) => query.getAll(name).includes(String(of(row)))),
  )
  return json(render(found, page))
}

/**
 * @param {string} name
 * @returns {[name: string, complaints: string[]]}
 */
function required(name) {
  return [name, ['is required']]
}

/**
 * @param {string} body
 * @returns {Answer}
 */
function json(body) {
  return { status: 200, headers: { 'content-type': JSON_TYPE }, body }
}

module.exports = { ROUTES }
