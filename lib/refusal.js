'use strict'

/** What a check says is wrong with a value: a sentence of ours, which quotes no value, and never one of a caller's own. */
class Refusal extends Error {}

module.exports = { Refusal }
