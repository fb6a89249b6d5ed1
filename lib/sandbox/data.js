'use strict'

const { Draw } = require('./draw')
const { NETWORKS, drawAddress } = require('./networks')

/** @typedef {import('./draw').Draw} Drawing */
/** @typedef {import('./networks').Network} Network */

const COUNTS = {
  assetPools: 23,
  keyPairs: 46,
  addresses: 137,
  transactions: 250,
  transactionRequests: 64,
  screenings: 41,
  exports: 19,
}

const TENANT_ID = new Draw('tenant').uuid()
const POOL_NAMES = ['Treasury', 'Merchant settlement', 'Payouts', 'Cold reserve', 'Fees', 'Hot wallet', 'Partner float']
const STATUSES = ['SUCCESS', 'SUCCESS', 'SUCCESS', 'CONFIRMED', 'UNCONFIRMED', 'SIGNED', 'HELD', 'FAILED']
const TYPES = ['DEPOSIT', 'DEPOSIT', 'WITHDRAWAL', 'WITHDRAWAL', 'CONSOLIDATION', 'RETURN', 'STAKE']
const FAILURE = { reason: 'INSUFFICIENT_FUNDS', message: 'insufficient funds on address' }

/** Most decimals Layer1 documents for an amount; more than a double can hold. */
const MAX_DECIMALS = 23
/** The first balance of the first asset pool: a value to recognise, and one that a double would change. */
const KNOWN_AMOUNT = '0.19848315335156838671875'

const assetPools = lazily(() => rows(COUNTS.assetPools, assetPool))
const keyPairs = lazily(() => rows(COUNTS.keyPairs, keyPair))
const addresses = lazily(() => rows(COUNTS.addresses, address))
const transactions = lazily(() => rows(COUNTS.transactions, transaction))
const transactionRequests = lazily(() => rows(COUNTS.transactionRequests, transactionRequest))
const screenings = lazily(() => rows(COUNTS.screenings, screening))
const exportJobs = lazily(() => rows(COUNTS.exports, exportJob))

/** The lists of the digital API: made on first use, the same in every process, never changed. */
const data = {
  assetPools,
  keyPairs,
  addresses,
  transactions,
  transactionRequests,
  screenings,
  exportJobs,
  networks: () => NETWORKS,
}

/** @param {number} index */
function assetPool(index) {
  const draw = new Draw(`asset pool ${index}`)
  const name = `${POOL_NAMES[index % POOL_NAMES.length]} ${String(index + 1).padStart(2, '0')}`
  const balances = rows(1 + draw.below(3), () => balance(draw, draw.one(NETWORKS)))
  if (index === 0) Object.assign(nth(balances, 0), { available: KNOWN_AMOUNT, blockchain: KNOWN_AMOUNT })
  return { id: draw.uuid(), name, reference: reference(draw), tenantId: TENANT_ID, balances }
}

/** @param {number} index */
function keyPair(index) {
  const draw = new Draw(`key pair ${index}`)
  return {
    id: draw.uuid(),
    reference: reference(draw),
    assetPoolId: nth(assetPools(), index).id,
    master: index < COUNTS.assetPools,
  }
}

/** @param {number} index */
function address(index) {
  const draw = new Draw(`address ${index}`)
  const network = draw.one(NETWORKS)
  const pair = nth(keyPairs(), index)
  return {
    id: draw.uuid(),
    address: drawAddress(draw, network.network),
    assetPoolId: pair.assetPoolId,
    network: network.network,
    keyPairId: pair.id,
    reference: reference(draw),
    supportedAssets: network.supportedAssets.map((asset) => asset.code),
    aliases: network.network === 'BITCOIN' ? [`1${draw.hex(32).toUpperCase().replaceAll('0', 'X')}`] : [],
    tag: network.tagSupported ? draw.decimal(9, 0) : null,
    balances: [balance(draw, network)],
    customerId: draw.below(3) === 0 ? null : `cust${draw.decimal(9, 0)}`,
    master: pair.master,
  }
}

/** @param {number} index */
function transaction(index) {
  const draw = new Draw(`transaction ${index}`)
  const owner = nth(addresses(), index)
  const asset = draw.one(owner.supportedAssets)
  const amount = draw.decimal(draw.below(4), MAX_DECIMALS - draw.below(18))
  const status = draw.one(STATUSES)
  const createdAt = draw.date()
  const other = drawAddress(draw, owner.network)
  const type = draw.one(TYPES)
  const [source, destination] = type === 'DEPOSIT' ? [other, owner.address] : [owner.address, other]
  return {
    id: `0x${draw.hex(64)}`,
    address: owner,
    reference: reference(draw),
    status,
    sources: [{ address: source, amount, asset, tag: null }],
    destinations: [{ address: destination, amount, asset, tag: owner.tag }],
    type,
    asset,
    amount,
    hash: draw.hex(64),
    networkDetail: {
      block: { number: 18_000_000 + draw.below(2_000_000), timestamp: createdAt },
      fee: { asset, amount: draw.decimal(0, 8) },
    },
    metadata: { failure: failureFor(status) },
    createdAt,
    updatedAt: status === 'SIGNED' ? null : createdAt,
  }
}

/** @param {number} index */
function transactionRequest(index) {
  const draw = new Draw(`transaction request ${index}`)
  const made = nth(transactions(), index * 3)
  return {
    requestId: draw.uuid(),
    asset: made.asset,
    assetPoolId: made.address.assetPoolId,
    network: made.address.network,
    reference: made.reference,
    status: made.status,
    sources: made.sources,
    destinations: made.destinations,
    type: made.type,
    createdAt: made.createdAt,
    updatedAt: made.updatedAt,
    failure: failureFor(made.status),
  }
}

/** @param {number} index */
function screening(index) {
  const draw = new Draw(`screening ${index}`)
  const screened = nth(transactions(), index * 5)
  const held = screened.status === 'HELD'
  return {
    transactionId: screened.id,
    transactionHash: screened.hash,
    transactionStatus: screened.status,
    network: screened.address.network,
    transactionMetadata: screened.metadata,
    transactionCreatedAt: screened.createdAt,
    transactionUpdatedAt: screened.updatedAt,
    screeningState: held ? 'PENDING_SCREENING' : 'APPROVED',
    screeningReason: held ? 'Manual review required' : null,
    screeningReasonCode: held ? 'MANUAL_REVIEW' : null,
    screeningCreatedAt: screened.createdAt,
    screeningUpdatedAt: screened.updatedAt,
    screeningMetadata: { urls: [], ids: [draw.uuid()] },
    participants: screened.sources,
    operation: screened.type,
    addressId: screened.address.id,
  }
}

/** @param {number} index */
function exportJob(index) {
  const draw = new Draw(`export ${index}`)
  const createdAt = draw.date()
  const type = draw.one(['transaction', 'balance'])
  const status = draw.one(['COMPLETED', 'COMPLETED', 'PROCESSING', 'FAILED'])
  return {
    id: draw.uuid(),
    status,
    type,
    inputParameters: { from: '2025-01-01T00:00:00.000Z', to: createdAt },
    filename: `${type}_${createdAt.slice(0, 19).replaceAll(/[-:]/g, '_')}.csv`,
    url: status === 'COMPLETED' ? `https://exports.sandbox.invalid/${draw.hex(16)}.csv` : null,
    createdAt,
    updatedAt: status === 'PROCESSING' ? null : createdAt,
  }
}

/**
 * @param {Drawing} draw
 * @param {Network} network
 */
function balance(draw, network) {
  const asset = draw.one(network.supportedAssets).code
  const available = draw.decimal(draw.below(5), MAX_DECIMALS - draw.below(20))
  return { network: network.network, asset, available, reserved: '0', blockchain: available }
}

/** @param {string} status */
function failureFor(status) {
  return status === 'FAILED' ? FAILURE : null
}

/** @param {Drawing} draw */
function reference(draw) {
  return `REF-${draw.hex(8)}`
}

/**
 * Get the item at an index, counting on from the start after the end.
 *
 * @template T
 * @param {T[]} list
 * @param {number} index
 * @returns {T}
 */
function nth(list, index) {
  return /** @type {T} */ (list[index % list.length])
}

/**
 * @template T
 * @param {number} count
 * @param {(index: number) => T} make
 * @returns {T[]}
 */
function rows(count, make) {
  return Array.from({ length: count }, (_, index) => make(index))
}

/**
 * @template T
 * @param {() => T[]} make
 * @returns {() => T[]}
 */
function lazily(make) {
  /** @type {T[] | undefined} */
  let made
  return () => {
    made ??= make()
    return made
  }
}

module.exports = { data, lazily, rows }
