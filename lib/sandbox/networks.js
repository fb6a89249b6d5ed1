'use strict'

/** @typedef {import('./draw').Draw} Draw */

/**
 * @typedef {object} Network
 * @property {string} network
 * @property {string} nativeAsset
 * @property {{ code: string, model: 'UTXO' | 'ACCOUNT' | 'CONTRACT', decimalPrecision: number }[]} supportedAssets
 * @property {boolean} tagSupported
 */

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'

const TETHER = { code: 'USDT', model: /** @type {const} */ ('CONTRACT'), decimalPrecision: 6 }
const USD_COIN = { code: 'USDC', model: /** @type {const} */ ('CONTRACT'), decimalPrecision: 6 }

/** @type {Network[]} */
const NETWORKS = [
  accountNetwork('BASE', 'ETH', 18, [USD_COIN]),
  accountNetwork('BINANCE', 'BNB', 18, [TETHER, USD_COIN]),
  coinNetwork('BITCOIN', 'BTC'),
  coinNetwork('BITCOIN_CASH', 'BCH'),
  coinNetwork('DOGECOIN', 'DOGE'),
  accountNetwork('ETHEREUM', 'ETH', 18, [TETHER, USD_COIN]),
  coinNetwork('LITECOIN', 'LTC'),
  accountNetwork('POLYGON', 'POL', 18, [TETHER, USD_COIN]),
  { ...accountNetwork('RIPPLE', 'XRP', 6, []), tagSupported: true },
  accountNetwork('SOLANA', 'SOL', 9, [TETHER, USD_COIN]),
  accountNetwork('TRON', 'TRX', 6, [TETHER]),
]

/** @type {Record<string, (draw: Draw) => string>} */
const ADDRESS_FORMS = {
  BITCOIN: (draw) => `bc1q${draw.characters(BECH32, 38)}`,
  BITCOIN_CASH: (draw) => `q${draw.characters(BECH32, 41)}`,
  DOGECOIN: (draw) => `D${draw.characters(BASE58, 33)}`,
  LITECOIN: (draw) => `ltc1q${draw.characters(BECH32, 38)}`,
  RIPPLE: (draw) => `r${draw.characters(BASE58, 33)}`,
  SOLANA: (draw) => draw.characters(BASE58, 44),
  TRON: (draw) => `T${draw.characters(BASE58, 33)}`,
}

/**
 * Draw an address that looks like the network's. It belongs to nobody, and its checksum is wrong.
 *
 * @param {Draw} draw
 * @param {string} network
 */
function drawAddress(draw, network) {
  return ADDRESS_FORMS[network]?.(draw) ?? `0x${draw.hex(40)}`
}

/**
 * @param {string} network
 * @param {string} code
 * @returns {Network}
 */
function coinNetwork(network, code) {
  const supportedAssets = [{ code, model: /** @type {const} */ ('UTXO'), decimalPrecision: 8 }]
  return { network, nativeAsset: code, supportedAssets, tagSupported: false }
}

/**
 * @param {string} network
 * @param {string} code
 * @param {number} decimalPrecision
 * @param {Network['supportedAssets']} contracts
 * @returns {Network}
 */
function accountNetwork(network, code, decimalPrecision, contracts) {
  const native = { code, model: /** @type {const} */ ('ACCOUNT'), decimalPrecision }
  return { network, nativeAsset: code, supportedAssets: [native, ...contracts], tagSupported: false }
}

module.exports = { NETWORKS, drawAddress }
