'use strict'
// What one check found.

/** @typedef {'ok' | 'warning' | 'failed' | 'not tried'} Status */

/**
 * @typedef {object} Verdict
 * @property {Status} status
 * @property {string} seen
 * @property {string | null} mend what to do about it
 */

/** @typedef {{ check: string, target: string | null } & Verdict} Finding */

/** @param {string} seen @returns {Verdict} */
const ok = (seen) => ({ status: 'ok', seen, mend: null })

/** @param {string} seen @param {string} mend @returns {Verdict} */
const warning = (seen, mend) => ({ status: 'warning', seen, mend })

/** @param {string} seen @param {string | null} mend @returns {Verdict} */
const failed = (seen, mend) => ({ status: 'failed', seen, mend })

/** @param {string} why @returns {Verdict} */
const notTried = (why) => ({ status: 'not tried', seen: why, mend: null })

/**
 * Tells whether what depends on a check may be tried.
 *
 * @param {Verdict} verdict
 */
const holds = ({ status }) => status === 'ok' || status === 'warning'

module.exports = { failed, holds, notTried, ok, warning }
