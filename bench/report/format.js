'use strict'

/** What stands where nothing was measured. */
const NOTHING = '–'

/** @typedef {(value: number | undefined) => string} Show */

/** @param {(value: number) => string} show @returns {Show} */
const orNothing = (show) => (value) => (value === undefined || !Number.isFinite(value) ? NOTHING : show(value))

const count = orNothing((value) => Math.round(value).toLocaleString('en-US'))
const micros = orNothing((value) => (value < 100 ? value.toFixed(1) : count(value)))
const millis = orNothing((value) => (value < 100 ? value.toFixed(value < 1 ? 3 : value < 10 ? 2 : 1) : count(value)))
const megabytes = orNothing((value) => (value / 1e6).toFixed(value < 1e7 ? 2 : 1))
const kilobytes = orNothing((value) => (value / 1e3).toFixed(1))
const percent = orNothing((value) => `${(100 * value).toFixed(0)} %`)
const spread = orNothing((value) => `±${(100 * value).toFixed(0)} %`)
const ratio = orNothing((value) => value.toFixed(value < 0.1 ? 3 : 2))

/** @param {number} bytes */
function size(bytes) {
  if (bytes >= 1e6) return `${bytes / 1e6} MB`
  return bytes >= 1000 ? `${bytes / 1000} KB` : `${bytes} B`
}

module.exports = { NOTHING, count, micros, millis, megabytes, kilobytes, percent, spread, ratio, size }
