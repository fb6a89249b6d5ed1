'use strict'

const { authOptions } = require('./auth-options.js')
const { commands } = require('./commands/index.js')
const { globalOptions } = require('./options.js')

/** @typedef {import('./commands/index.js').Command} Command */
/** @typedef {import('./options.js').Option} Option */

const closing = `The credentials come from LAYER1_CLIENT_ID and LAYER1_CLIENT_SECRET; a key in the
secret's place from LAYER1_PRIVATE_KEY, or the file of LAYER1_PRIVATE_KEY_FILE.
Results are JSON on stdout, messages go to stderr.
Exit codes: 0 success, 1 failure, 2 wrong usage.`

/**
 * Tells all about the program, or about one command.
 *
 * @param {Command} [command]
 */
function help(command) {
  const sections = command
    ? [synopsis(command), `${command.summary}.`, command.details, optionList('Options', command.options)]
    : ['Usage: layer1 COMMAND [options]', 'Call the Layer1 API from a shell.', commandList()]
  if (command?.callsLayer1) sections.push(optionList('Authentication', authOptions))
  return [...sections, optionList(command ? 'Options of every command' : 'Options', globalOptions), closing]
    .filter(Boolean)
    .join('\n\n')
}

/**
 * Tells, in two lines, how to use the program or one command.
 *
 * @param {Command} [command]
 */
function usage(command) {
  return command
    ? `${synopsis(command)}\nMore: layer1 help ${command.name}`
    : `Usage: layer1 ${Object.keys(commands).join('|')} [options]\nMore: layer1 help`
}

/** @param {Command} command */
function synopsis({ name, operands, options }) {
  const own = Object.entries(options)
  // Many are easier to find in the list below.
  const switches =
    own.length > MOST_SWITCHES
      ? []
      : own.map(([written, option]) => `[${form(written, option)}]${option.repeats ? '...' : ''}`)
  return `Usage: layer1 ${[name, ...operands, ...switches, '[options]'].join(' ')}`
}

function commandList() {
  return table(
    'Commands',
    Object.values(commands).map(({ name, operands, summary }) => [[name, ...operands].join(' '), summary]),
  )
}

/**
 * @param {string} title
 * @param {Record<string, Option>} options
 */
function optionList(title, options) {
  return table(
    title,
    Object.entries(options).map(([name, option]) => [form(name, option), option.help]),
  )
}

/**
 * @param {string} title
 * @param {string[][]} rows
 */
function table(title, rows) {
  const width = Math.max(LEAST_WIDTH, ...rows.map(([left = '']) => left.length))
  return rows.length === 0
    ? ''
    : `${title}:\n${rows.map(([left = '', right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')}`
}

/**
 * @param {string} written
 * @param {Option} option
 */
function form(written, { short, takes }) {
  return `${short ? `-${short}, ` : ''}--${written}${takes ? ` ${takes}` : ''}`
}

/** How many options of its own a command's first line names. */
const MOST_SWITCHES = 2

/** Keeps the lists of one page in line. */
const LEAST_WIDTH = 18

module.exports = { help, usage }
