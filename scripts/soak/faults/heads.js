'use strict'
// What can be wrong with the head of an answer, and what an answer can say by its status.

const { head, whole } = require('../wire.js')

/** @typedef {import('./index.js').Faults} Faults */
/** @typedef {import('./index.js').Fault} Fault */

/** @type {Faults} */
const heads = {
  '10 MB of headers': {
    codes: ['CONNECTION_LOST'],
    act(exchange) {
      exchange.send('HTTP/1.1 200 OK\r\n')
      exchange.pour(`x-filler: ${'x'.repeat(8_000)}\r\n`, 1_250)
    },
  },
  '500 headers': {
    codes: ['CONNECTION_LOST'],
    act: (exchange) =>
      exchange.send(
        whole(200, exchange.content, Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`x-${at}`, 1]))),
      ),
  },
  'illegal bytes in a header': {
    codes: ['CONNECTION_LOST'],
    act: (exchange) => exchange.send(whole(200, exchange.content, { 'x-illegal': 'a\0b' })),
  },
  'garbage for a status': {
    codes: ['CONNECTION_LOST'],
    act: (exchange) => exchange.sendAndEnd('HTTP/1.1 two hundred\r\n\r\n'),
  },
  'HTTP/0.9': { codes: ['CONNECTION_LOST'], act: (exchange) => exchange.sendAndEnd('<html>hello</html>') },
  'another protocol': { codes: ['CONNECTION_LOST'], act: (exchange) => exchange.send('SSH-2.0-OpenSSH_9.2p1\r\n') },
  'answers before the answer': {
    codes: ['ok'],
    act(exchange) {
      for (const status of [100, 102, 103]) exchange.send(head(status, {}))
      exchange.answer()
    },
  },
  'no end of answers before the answer': {
    codes: ['TIMEOUT'],
    act: (exchange) => exchange.dribble(50, () => head(102, {})),
  },
  'redirect in a circle': {
    // Each of its requests may meet a kept connection that is just being closed, and one retry is free.
    codes: ['REDIRECT', 'CONNECTION_LOST'],
    act: (exchange) => exchange.send(whole(302, '', { location: exchange.request.target })),
  },
  'redirect to another port': redirect('http://127.0.0.1:TRAP/stolen'),
  'redirect to another host': redirect('http://localhost:TRAP/stolen'),
  'redirect to another scheme': redirect('https://127.0.0.1:TRAP/stolen'),
  'redirect that keeps the method': redirect('http://127.0.0.1:TRAP/stolen', 308),
  400: { codes: ['API'], act: status(400) },
  403: { codes: ['API'], act: status(403) },
  404: { codes: ['API'], act: status(404) },
  408: { codes: ['API'], passes: true, act: status(408) },
  429: { codes: ['API'], passes: true, refuses: true, act: status(429) },
  '429, come at once': { codes: ['API'], passes: true, refuses: true, act: status(429, () => '0') },
  '429, come in a second': { codes: ['API'], passes: true, refuses: true, act: status(429, () => '1') },
  '429, come some day': {
    codes: ['API'],
    passes: true,
    refuses: true,
    act: status(429, () => '999999999999999999999'),
  },
  500: { codes: ['API'], passes: true, act: status(500) },
  '502, not JSON': { codes: ['API'], passes: true, act: (exchange) => exchange.send(whole(502, '<html>Bad Gateway')) },
  503: { codes: ['API'], passes: true, act: status(503) },
  '503, come by date': {
    codes: ['API'],
    passes: true,
    act: status(503, () => new Date(Date.now() + 1_000).toUTCString()),
  },
  '503, come in the past': { codes: ['API'], passes: true, act: status(503, () => '-5') },
  504: { codes: ['API'], passes: true, act: status(504) },
}

/**
 * @param {string} location of a place that nobody must ever go to
 * @param {number} [code]
 * @returns {Fault}
 */
function redirect(location, code = 307) {
  return {
    codes: ['REDIRECT'],
    act: (exchange, trap) => exchange.send(whole(code, '', { location: location.replace('TRAP', String(trap)) })),
  }
}

/**
 * @param {number} code
 * @param {() => string} [retryAfter]
 * @returns {Fault['act']}
 */
function status(code, retryAfter) {
  return (exchange) => {
    const headers = retryAfter ? { 'retry-after': retryAfter() } : {}
    exchange.send(whole(code, '{"code":"layer1:chaos:1","status":"CHAOS"}', headers))
  }
}

module.exports = { heads }
