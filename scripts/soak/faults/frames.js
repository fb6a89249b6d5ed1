'use strict'
// What can be wrong with a connection, and with the frame of an answer on it.

const { chunk, head, whole } = require('../wire.js')

/** @typedef {import('./index.js').Faults} Faults */

const CHUNKED = { 'transfer-encoding': 'chunked' }
/** What no caller must ever get: it is an answer to nobody. */
const STRAY = whole(200, '{"id":"stray"}')

/** @type {Faults} */
const frames = {
  silence: { codes: ['TIMEOUT'], act() {} },
  closed: { codes: ['CONNECTION_LOST'], act: (exchange) => exchange.socket.end() },
  reset: { codes: ['CONNECTION_LOST'], act: (exchange) => exchange.reset() },
  'reset in the head': {
    codes: ['CONNECTION_LOST'],
    act(exchange) {
      exchange.send('HTTP/1.1 200 OK\r\ncontent-le')
      exchange.reset()
    },
  },
  'reset in the body': {
    codes: ['CONNECTION_LOST'],
    act(exchange) {
      exchange.send(head(200, { 'content-length': 1_000 }) + exchange.content)
      exchange.reset()
    },
  },
  'short body': {
    codes: ['CONNECTION_LOST'],
    act: (exchange) => exchange.sendAndEnd(head(200, { 'content-length': 1_000 }) + exchange.content),
  },
  'chunks without end': {
    codes: ['CONNECTION_LOST'],
    act: (exchange) => exchange.sendAndEnd(head(200, CHUNKED) + chunk(exchange.content)),
  },
  'long body': {
    codes: ['ok'],
    act: (exchange) => exchange.send(Buffer.concat([whole(200, exchange.content), Buffer.from('and more')])),
  },
  'unasked answer': {
    codes: ['ok'],
    act: (exchange) => exchange.send(Buffer.concat([whole(200, exchange.content), STRAY])),
  },
  'two lengths': {
    codes: ['CONNECTION_LOST'],
    act: (exchange) => exchange.sendAndEnd(whole(200, exchange.content, { 'Content-Length': 3 })),
  },
  'length and chunks': {
    codes: ['ok', 'CONNECTION_LOST'],
    act: (exchange) =>
      exchange.send(`${head(200, { 'content-length': 5, ...CHUNKED })}${chunk(exchange.content)}0\r\n\r\n`),
  },
  'garbage for a length': {
    codes: ['CONNECTION_LOST'],
    act: (exchange) => exchange.sendAndEnd(head(200, { 'content-length': '1_0' }) + exchange.content),
  },
  '204 with a body': {
    codes: ['ok'],
    value: () => null,
    act: (exchange) => exchange.send(whole(204, exchange.content)),
  },
  '304 with a body': { codes: ['REDIRECT'], act: (exchange) => exchange.send(whole(304, exchange.content)) },
  'connection: close': { codes: ['ok'], act: (exchange) => exchange.answer({ connection: 'close' }) },
  'closed while idle': {
    codes: ['ok'],
    act(exchange) {
      exchange.answer()
      exchange.closeWhenIdle(exchange.random.between(0, 40))
    },
  },
  'byte by byte': {
    codes: ['ok'],
    act(exchange) {
      for (const byte of whole(200, exchange.content)) exchange.send(Buffer.of(byte))
    },
  },
  chunks: {
    codes: ['ok'],
    act: (exchange) => exchange.send(`${head(200, CHUNKED)}${[...exchange.content].map(chunk).join('')}0\r\n\r\n`),
  },
  'head that never ends': {
    codes: ['TIMEOUT'],
    act(exchange) {
      exchange.send('HTTP/1.1 200 OK\r\n')
      exchange.dribble(50, () => 'x: y\r\n')
    },
  },
  'body that never ends': {
    codes: ['TIMEOUT'],
    act(exchange) {
      exchange.send(head(200, CHUNKED))
      exchange.dribble(50, () => chunk(' '))
    },
  },
  'late answer': {
    codes: ['ok'],
    act: (exchange) => exchange.after(exchange.random.between(1, 300), () => exchange.answer()),
  },
}

module.exports = { frames }
