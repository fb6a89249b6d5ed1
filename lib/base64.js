'use strict'

/**
 * Decodes base64 (RFC 4648 §4) that is written in the one right way. Node alone would skip what does not belong, take
 * the alphabet of URLs too, and ignore the last bits: one signature could then be written in many ways.
 *
 * @param {string} text
 * @returns {Buffer | undefined}
 */
function decodeBase64(text) {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

module.exports = { decodeBase64 }
