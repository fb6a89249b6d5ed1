'use strict'

const { lazily, rows } = require('./data')
const { Draw } = require('./draw')

const COUNTS = { accounts: 42, payments: 120 }
const CURRENCIES = ['EUR', 'GBP', 'USD', 'USDC', 'BTC', 'ETH']

/** Most digits Layer1 documents for a number, one of them before the point. A double holds 15 to 17. */
const MAX_DECIMALS = 18
/** The balance of the first account: a value to recognise. */
const KNOWN_NUMBER = '1.386770212175842462'

/** What marks a string as the digits of a JSON number, since no JavaScript number could hold them. */
const NUMBER_MARK = 'number:'

const accounts = lazily(() => rows(COUNTS.accounts, account))
const payments = lazily(() => rows(COUNTS.payments, payment))

/** The lists of the treasury API, whose amounts are JSON numbers. */
const treasury = { accounts, payments }

/**
 * Turn a page of these lists into JSON text, its numbers digit for digit.
 *
 * @param {unknown} page
 */
function treasuryJson(page) {
  return JSON.stringify(page).replaceAll(new RegExp(`"${NUMBER_MARK}([\\d.]+)"`, 'g'), '$1')
}

/** @param {number} index */
function account(index) {
  const draw = new Draw(`treasury account ${index}`)
  const currency = CURRENCIES[index % CURRENCIES.length]
  const balance = index === 0 ? KNOWN_NUMBER : draw.decimal(1, MAX_DECIMALS - draw.below(12))
  return {
    id: draw.uuid(),
    name: `${currency} account ${String(index + 1).padStart(2, '0')}`,
    reference: `REF-${draw.hex(8)}`,
    currency,
    balance: NUMBER_MARK + balance,
    availableBalance: NUMBER_MARK + balance,
    status: 'ACTIVE',
    createdAt: draw.date(),
  }
}

/** @param {number} index */
function payment(index) {
  const draw = new Draw(`treasury payment ${index}`)
  const status = draw.one(['COMPLETED', 'COMPLETED', 'PROCESSING', 'FAILED'])
  const createdAt = draw.date()
  return {
    id: draw.uuid(),
    accountId: accounts()[index % COUNTS.accounts]?.id,
    reference: `REF-${draw.hex(8)}`,
    currency: CURRENCIES[index % CURRENCIES.length],
    amount: NUMBER_MARK + draw.decimal(1 + draw.below(4), 2),
    rate: NUMBER_MARK + draw.decimal(1, MAX_DECIMALS),
    status,
    createdAt,
    settledAt: status === 'COMPLETED' ? createdAt : null,
  }
}

module.exports = { treasury, treasuryJson }
