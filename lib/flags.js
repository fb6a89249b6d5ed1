'use strict'
// What a call wants besides its plain form, as bits: the native side has the same list (src/binding/flags.rs).

const WANTS_BYTES = 1
const WANTS_LOSSLESS = 2
const WANTS_HEADERS = 4
const SENDS_JSON = 8
const IS_IDEMPOTENT = 16
const IS_NOT_IDEMPOTENT = 32
const IS_TRACED = 64

/**
 * @param {{ responseType: string, numbers: string, idempotent: boolean | undefined }} wish
 * @param {{ sendsJson: boolean, wantsHeaders: boolean, isTraced: boolean }} form
 */
function flagsOf({ responseType, numbers, idempotent }, { sendsJson, wantsHeaders, isTraced }) {
  return (
    (responseType === 'buffer' ? WANTS_BYTES : 0) |
    (numbers === 'lossless' ? WANTS_LOSSLESS : 0) |
    (wantsHeaders ? WANTS_HEADERS : 0) |
    (sendsJson ? SENDS_JSON : 0) |
    (idempotent === true ? IS_IDEMPOTENT : 0) |
    (idempotent === false ? IS_NOT_IDEMPOTENT : 0) |
    (isTraced ? IS_TRACED : 0)
  )
}

module.exports = { flagsOf }
