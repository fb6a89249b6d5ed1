'use strict'

const { requestError } = require('./call-options.js')

/**
 * Makes a path of a template, every value of it percent-encoded as one segment.
 *
 * @param {TemplateStringsArray} strings
 * @param {unknown[]} values
 * @returns {string}
 */
function path(strings, ...values) {
  if (!isTemplate(strings, values)) {
    throw requestError('path is a template tag: write it right before a template, without parentheses', {})
  }
  if (strings.some((text) => typeof text !== 'string')) {
    throw requestError('the text of the path has a broken escape: write a backslash only before what it may escape', {})
  }
  const segments = values.map((value, index) => toSegment(value, index + 1))
  return String.raw({ raw: strings }, ...segments)
}

/**
 * @param {any} strings
 * @param {unknown[]} values
 */
function isTemplate(strings, values) {
  return Array.isArray(strings) && 'raw' in strings && strings.length === values.length + 1
}

/**
 * @param {unknown} value
 * @param {number} position
 */
function toSegment(value, position) {
  const fault = faultOf(value)
  if (fault) {
    throw requestError(`value ${position} of the path ${fault}`, {})
  }
  return encodeURIComponent(String(value))
}

/**
 * Says why a value makes no segment, if it does not, and never quotes it.
 *
 * @param {unknown} value
 */
function faultOf(value) {
  switch (typeof value) {
    case 'string':
      return faultOfText(value)
    case 'number':
      return Number.isFinite(value) ? undefined : 'is a number that is not finite: give one that is'
    case 'bigint':
    case 'boolean':
      return undefined
    default:
      return `has to be a string, number, bigint or boolean, and is of type ${value === null ? 'null' : typeof value}`
  }
}

/** @param {string} text */
function faultOfText(text) {
  if (text === '') {
    return 'is empty: give the text of one segment'
  }
  if (text === '.' || text === '..') {
    return 'is a dot segment, which leads to another path: give the name of one resource'
  }
  return text.isWellFormed() ? undefined : 'has a lone surrogate, which no URL can carry: give well-formed text'
}

module.exports = { path }
