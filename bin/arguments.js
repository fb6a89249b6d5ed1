'use strict'

const { parseArgs } = require('node:util')
const { authOptions } = require('./auth-options.js')
const { commands } = require('./commands/index.js')
const { globalOptions } = require('./options.js')
const { unknown } = require('./unknown.js')
const { UsageError } = require('./usage-error.js')

/** @typedef {import('./commands/index.js').Command} Command */
/** @typedef {import('./options.js').Option} Option */
/** @typedef {{ rawName: string, name: string, value: string | undefined, inlineValue: boolean | undefined }} Given */

/**
 * @typedef {object} CommandLine
 * @property {'help' | 'version' | undefined} wish what is wanted instead of running the command
 * @property {Command} [command]
 * @property {string[]} operands
 * @property {Record<string, any>} options by the names that commands use
 */

/**
 * Every option there is: parsing has to know which ones take a value before it knows the command.
 *
 * @type {Record<string, Option>}
 */
const allOptions = Object.assign(
  {},
  globalOptions,
  authOptions,
  ...Object.values(commands).map(({ options }) => options),
)

/**
 * Understands a command line. Options may stand anywhere; `--` ends them.
 *
 * @param {string[]} argv
 * @returns {CommandLine}
 * @throws {UsageError}
 */
function readCommandLine(argv) {
  const { given, words } = split(argv)
  const asksForHelp = words[0] === 'help'
  const [name, ...operands] = asksForHelp ? words.slice(1) : words
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined
  // Options first: in "--client-secret hush token", which is none of ours, "hush" is not to be taken for a command.
  const options = readOptions(given, command)
  if (name !== undefined && !command) {
    throw new UsageError(unknown('command', name, Object.keys(commands)))
  }
  if (options.version) {
    return { wish: 'version', operands, options }
  }
  if (asksForHelp || options.help) {
    return { wish: 'help', ...(command && { command }), operands, options }
  }
  if (!command) {
    throw new UsageError('a command is missing.')
  }
  checkOperands(command, operands)
  return { wish: undefined, command, operands, options }
}

/**
 * @param {string[]} argv
 * @returns {{ given: Given[], words: string[] }}
 */
function split(argv) {
  const shapes = Object.entries(allOptions).map(([name, { takes, short }]) => [
    name,
    { type: takes ? 'string' : 'boolean', ...(short && { short }) },
  ])
  // Not strict: the sentences about what is wrong are ours, and never quote a value, which may be a secret.
  const parsed = parseArgs({ args: argv, strict: false, tokens: true, options: Object.fromEntries(shapes) })
  return {
    given: parsed.tokens.filter((token) => token.kind === 'option'),
    words: parsed.positionals,
  }
}

/**
 * @param {Given[]} given
 * @param {Command} [command]
 */
function readOptions(given, command) {
  const shared = command?.callsLayer1 ? { ...globalOptions, ...authOptions } : globalOptions
  const known = command ? { ...shared, ...command.options } : allOptions
  /** @type {Record<string, any>} */
  const options = {}
  for (const { name, rawName, value, inlineValue } of given) {
    const option = Object.hasOwn(known, name) ? known[name] : undefined
    if (!option) {
      throw new UsageError(unknown('option', name, Object.keys(known)), command)
    }
    const read = option.takes ? readValue(option, rawName, value, inlineValue, command) : true
    if (!option.takes && value !== undefined) {
      throw new UsageError(`${rawName} takes no value.`, command)
    }
    options[option.name] = option.repeats ? [...(options[option.name] ?? []), read] : read
  }
  return options
}

/**
 * @param {Option} option
 * @param {string} rawName
 * @param {string | undefined} value
 * @param {boolean | undefined} inlineValue
 * @param {Command} [command]
 */
function readValue({ takes, read, isDashValue }, rawName, value, inlineValue, command) {
  const isOption = value?.startsWith('-') && !inlineValue && !(isDashValue && value === '-')
  if (!value || isOption) {
    throw new UsageError(`${rawName} needs a value: ${rawName}=${takes}.`, command)
  }
  try {
    return read ? read(value) : value
  } catch (error) {
    throw new UsageError(`${rawName} ${/** @type {Error} */ (error).message}.`, command)
  }
}

/**
 * @param {Command} command
 * @param {string[]} operands
 */
function checkOperands(command, operands) {
  const missing = command.operands[operands.length]
  if (missing) {
    throw new UsageError(`${missing} is missing.`, command)
  }
  if (operands.length > command.operands.length) {
    const most = command.operands.length === 0 ? 'nothing' : `only ${command.operands.join(' ')}`
    throw new UsageError(`"${command.name}" takes ${most} besides its options; quote what has blanks.`, command)
  }
}

module.exports = { readCommandLine }
