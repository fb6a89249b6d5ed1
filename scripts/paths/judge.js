'use strict'

/**
 * Says how a request left the base URL it was for, if it did, as Node's `URL` sees it.
 *
 * @param {string} target the request target, as it came to the server
 * @param {string} base
 * @returns {string | undefined}
 */
function escapeOf(target, base) {
  const { origin, pathname } = new URL(base)
  const prefix = pathname.replace(/\/$/, '')
  if (!/^\/[!-~]*$/.test(target)) return 'it is no path of printable ASCII'
  // What servers and proxies do with a target: put it behind their name, resolve it, and both after decoding it once.
  const decoded = target.replace(/[?#].*$/s, '').replace(/%[0-9a-f]{2}/gi, decode)
  // The last with an empty query: at its end a URL would lose blanks, which are part of the path.
  const readings = {
    'put behind the origin': () => new URL(origin + target),
    'resolved against the base': () => new URL(prefix === '' ? `.${target}` : target, base),
    'decoded, and put behind the origin': () => new URL(`${origin}${decoded}?`),
  }
  for (const [how, read] of Object.entries(readings)) {
    const url = read()
    if (url.origin !== origin) return `${how}, it is on ${url.origin}`
    if (!`${url.pathname}/`.startsWith(`${prefix}/`)) return `${how}, it is ${url.pathname}`
    if (url.username || url.password || url.hash) return `${how}, it has more than a path and a query`
  }
  return undefined
}

/**
 * @param {string} encoded
 * @returns {string} its character, but for those that end a path, or begin another escape, only where they are not encoded
 */
function decode(encoded) {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16))
  return '?#%'.includes(character) ? encoded : character
}

module.exports = { escapeOf }
