'use strict'

const { Layer1Error } = require('../../index.js')
const { poolRows, poolColumns } = require('./pools.js')
const { cachedTokenTime, duration, medianTime, timed } = require('./timings.js')

/** @typedef {import('./host.js').Host} Host */
/** @typedef {InstanceType<typeof import('./terminal.js').Terminal>} Terminal */

const POOLS = '/api/v1/asset-pools'
const query = { pageSize: 8 }

/**
 * Tells the story, and checks on the way that it is true.
 *
 * @param {Host} host
 * @param {Terminal} terminal
 */
async function tell(host, terminal) {
  terminal.heading(host.title)
  terminal.facts(host.facts)
  const tokenTime = await getToken(host, terminal)
  const firstGetTime = await listPools(host, terminal)
  await callAgain(host, terminal)
  await loseToken(host, terminal)
  await fail(host, terminal)
  await showTimings(host, terminal, tokenTime, firstGetTime)
}

/**
 * @param {Host} host
 * @param {Terminal} terminal
 * @returns {Promise<number>} how long it took, in ms
 */
async function getToken({ layer1 }, terminal) {
  terminal.heading('Get a token')
  const { result, ms } = await timed(() => layer1.getTokenInfo())
  const { accessToken, expiresAt, scope, tokenType } = result
  const seconds = Math.round((expiresAt.getTime() - Date.now()) / 1000)
  terminal.facts([
    ['Token', `${tokenType}, ${accessToken.length} characters, not shown`],
    ['Expires', `in ${seconds} s, at ${expiresAt.toISOString()}`],
    ['Scope', scope.join(' ')],
  ])
  return ms
}

/**
 * @param {Host} host
 * @param {Terminal} terminal
 * @returns {Promise<number>} how long it took, in ms
 */
async function listPools({ layer1 }, terminal) {
  terminal.heading('List asset pools')
  const { result: page, ms } = await timed(() => layer1.get(POOLS, { query }))
  const rows = poolRows(page)
  const total = /** @type {any} */ (page).totalElements
  terminal.line(`GET ${POOLS}: ${rows.length}${typeof total === 'number' ? ` of ${total}` : ''}`)
  terminal.table(poolColumns, rows)
  return ms
}

/**
 * @param {Host} host
 * @param {Terminal} terminal
 */
async function callAgain({ layer1 }, terminal) {
  terminal.heading('Call again')
  const before = layer1.stats()
  await layer1.get(POOLS, { query })
  const after = layer1.stats()
  terminal.facts([
    ['Token requests', `${before.tokenRequests} before, ${after.tokenRequests} after`],
    ['Uses of the kept one', `${before.tokenHits} before, ${after.tokenHits} after`],
  ])
  expect(after.tokenRequests === before.tokenRequests, 'the second call asked for a token of its own')
  terminal.success('The token was reused.')
}

/**
 * @param {Host} host
 * @param {Terminal} terminal
 */
async function loseToken({ layer1, loss }, terminal) {
  terminal.heading(loss.title)
  terminal.line(loss.sentence)
  const before = layer1.stats()
  loss.happen()
  const rows = poolRows(await layer1.get(POOLS, { query }))
  const after = layer1.stats()
  for (const request of loss.seen()) {
    terminal.item(request)
  }
  const grants = after.tokenRequests - before.tokenRequests
  const replays = after.replays401 - before.replays401
  terminal.facts([
    ['New tokens', String(grants)],
    ['Replays after 401', String(replays)],
    ['The caller got', `${rows.length} asset pools`],
  ])
  expect(grants === 1 && replays === loss.replays, 'the way back to a valid token was another than promised')
  terminal.success(loss.recovery)
}

/**
 * @param {Host} host
 * @param {Terminal} terminal
 */
async function fail({ mistakes }, terminal) {
  terminal.heading('Make mistakes')
  for (const { title, make } of mistakes) {
    const error = await failureOf(make)
    expect(error !== undefined, `${title.toLowerCase()} was no failure`)
    if (!(error instanceof Layer1Error)) {
      throw error
    }
    terminal.line(`${title}: ${error.name}`)
    terminal.quote(error.message)
  }
}

/** @param {() => Promise<unknown>} make */
async function failureOf(make) {
  try {
    await make()
    return undefined
  } catch (error) {
    return error
  }
}

/**
 * @param {Host} host
 * @param {Terminal} terminal
 * @param {number} tokenTime ms
 * @param {number} firstGetTime ms
 */
async function showTimings({ layer1, warmCalls, timingNote }, terminal, tokenTime, firstGetTime) {
  const warm = await medianTime(warmCalls, () => layer1.get(POOLS, { query }))
  const cached = await cachedTokenTime(layer1)
  terminal.heading('Timings')
  terminal.line(
    `Cold token and first get ${duration(tokenTime + firstGetTime)} · warm get ${duration(warm)} · ` +
      `kept token ${duration(cached)}`,
  )
  terminal.aside(`A warm get is the median of ${warmCalls}. ${timingNote}`)
}

/**
 * @param {boolean} isTrue
 * @param {string} otherwise
 */
function expect(isTrue, otherwise) {
  if (!isTrue) {
    throw new Error(`${otherwise}.`)
  }
}

module.exports = { tell }
