'use strict'
// Which settings there are, and where each comes from. A secret is told as "set".

const { unknownName } = require('../../lib/nearest.js')
const { environments, variableNames } = require('../../lib/presets.js')
const { clientOptions } = require('../client.js')
const { readEnvFile } = require('../env-file.js')
const { failed, ok, warning } = require('./finding.js')

/** @typedef {import('./finding.js').Verdict} Verdict */
/** @typedef {{ name: string, value: unknown, from: string }} Found */

/** @type {Record<string, string>} */
const variables = { ...variableNames, privateKeyFile: 'LAYER1_PRIVATE_KEY_FILE' }

/** What may be shown; of everything else it is told only that it is set. */
const SHOWN = new Set(['clientId', 'environment', 'scope', 'auth', 'clientAuth', 'keyId', 'privateKeyFile'])

/**
 * @typedef {object} Settings
 * @property {Record<string, any>} given what the command line gives the client
 * @property {unknown} refusal why the command line gives nothing, if it does not
 * @property {Found[]} found
 * @property {string} auth
 * @property {string} environment
 * @property {URL | undefined} baseUrl
 * @property {URL | undefined} tokenUrl
 */

/**
 * Finds the settings as the client does: the command line over a variable over the default.
 *
 * @param {Record<string, any>} options of the command line
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Settings}
 */
function findSettings(options, environment) {
  const { given, refusal } = readGiven(options)
  const file = options.envFile === undefined ? {} : readEnvFile(options.envFile)
  /** @type {Found[]} */
  const found = Object.entries(given)
    .filter(([name]) => name !== 'timeout')
    .map(([name, value]) => ({ name, value, from: 'the command line' }))
  for (const [name, variable] of Object.entries(variables)) {
    const value = environment[variable]
    if (value && given[name] === undefined) {
      // What is both in the file and, the same, in the environment may be told as either.
      found.push({ name, value, from: file[variable] === value ? `${variable} in ${options.envFile}` : variable })
    }
  }
  /** @param {string} name */
  const effective = (name) => found.find((each) => each.name === name)?.value
  const where = String(effective('environment') ?? 'sandbox')
  const presets = environments[/** @type {'sandbox'} */ (where)] ?? environments.sandbox
  return {
    given,
    refusal,
    found,
    auth: String(effective('auth') ?? 'oauth2'),
    environment: where,
    baseUrl: toUrl(effective('baseUrl') ?? presets.baseUrl),
    tokenUrl: toUrl(effective('tokenUrl') ?? presets.tokenUrl),
  }
}

/**
 * Reads what the command line gives the client; what it is without, if a file that it names cannot be read.
 *
 * @param {Record<string, any>} options
 * @returns {{ given: Record<string, any>, refusal?: unknown }}
 */
function readGiven(options) {
  /** @param {Record<string, any>} all */
  const defined = (all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  try {
    return { given: defined(clientOptions(options)) }
  } catch (refusal) {
    const { environment, auth } = options
    return { given: defined({ environment, auth }), refusal }
  }
}

/**
 * @param {Settings} settings
 * @param {NodeJS.ProcessEnv} environment
 * @param {unknown} refusal what the client says of them, if it cannot be made
 * @returns {Verdict}
 */
function judgeSettings(settings, environment, refusal) {
  const seen = describe(settings)
  if (refusal !== undefined) {
    const { message } = /** @type {Error} */ (refusal)
    return failed(
      `${message} Found: ${seen}`,
      'Set what is named on the command line, in the environment, or in a file for --env-file.',
    )
  }
  const doubts = doubtsAbout(settings, environment)
  return doubts.length === 0
    ? ok(seen)
    : warning(`${seen}. ${doubts.join(' ')}`, 'Set what is meant, and unset the rest.')
}

/** @param {Settings} settings */
function describe({ found, environment, baseUrl, tokenUrl }) {
  const parts = found.map(({ name, value, from }) => `${name} ${show(name, value)} from ${from}`)
  /** @param {string} name */
  const isDefault = (name) => !found.some((each) => each.name === name)
  if (isDefault('environment')) parts.push(`environment "${environment}" by default`)
  if (isDefault('baseUrl') && baseUrl) parts.push(`baseUrl ${baseUrl.origin} by environment`)
  if (isDefault('tokenUrl') && tokenUrl) parts.push(`tokenUrl ${tokenUrl.origin} by environment`)
  return parts.join(', ')
}

/** @param {string} name @param {unknown} value */
function show(name, value) {
  if (name.endsWith('Url')) {
    const url = toUrl(value)
    // A query, or what stands before the host, may hold a key.
    return url ? `${url.origin}${url.pathname}`.replace(/\/$/, '') : '(no URL)'
  }
  return SHOWN.has(name) ? JSON.stringify(value) : 'set'
}

/**
 * Names what is allowed, and probably not meant.
 *
 * @param {Settings} settings
 * @param {NodeJS.ProcessEnv} environment
 */
function doubtsAbout({ found }, environment) {
  const known = Object.values(variables)
  const own = Object.keys(environment).filter((name) => name.startsWith('LAYER1_'))
  const doubts = own
    .filter((name) => !known.includes(name))
    .map((name) => sentence(unknownName(name, known, 'variable')))
  for (const name of own.filter((each) => known.includes(each) && environment[each] === '')) {
    doubts.push(`${name} is empty, and counts as unset.`)
  }
  for (const { name, value, from } of found) {
    if (['clientId', 'clientSecret'].includes(name) && /^[\s"']|[\s"']$/.test(String(value))) {
      doubts.push(`${name} (${from}) begins or ends with a blank or a quote, which is sent too.`)
    }
  }
  const urls = found.filter(({ name }) => name.endsWith('Url')).map(({ name }) => name)
  if (urls.length === 1) {
    doubts.push(`Only ${urls[0]} is set: the other of baseUrl and tokenUrl is that of the environment.`)
  }
  return doubts
}

/** @param {string} text */
function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

/** @param {unknown} value */
function toUrl(value) {
  const text = String(value)
  return URL.canParse(text) ? new URL(text) : undefined
}

/**
 * Lists what must not be printed, whoever said it.
 *
 * @param {Settings} settings
 * @returns {string[]}
 */
function secretsOf({ found }) {
  const secret = found.filter(({ name }) => !SHOWN.has(name) && !name.endsWith('Url'))
  return secret.map(({ value }) => String(value))
}

module.exports = { findSettings, judgeSettings, secretsOf }
