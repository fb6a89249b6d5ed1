'use strict'
// A name server on UDP that says what a test wants (RFC 1035 §4), for processes whose resolver asks it.

const dgram = require('node:dgram')
const { once } = require('node:events')

/** @typedef {string[] | 'missing' | 'broken' | 'silent'} Answer addresses, or how the answer fails */

const TYPE_A = 1
/** RFC 1035 §4.1.1: codes of answers without addresses. */
const CODES = { missing: 3, broken: 2 }

/**
 * Starts the server; `records` may be changed at any time.
 *
 * @param {Record<string, Answer | undefined>} records by name; others are missing
 * @param {{ host?: string, port?: number }} [place]
 */
async function startDns(records, { host = '127.0.0.1', port = 53 } = {}) {
  /** @type {string[]} */
  const asked = []
  const socket = dgram.createSocket('udp4')
  socket.on('message', (question, from) => {
    const { name, type, end } = readQuestion(question)
    asked.push(name)
    const record = records[name] ?? 'missing'
    if (record !== 'silent') socket.send(answer(question, end, type, record), from.port, from.address)
  })
  socket.bind(port, host)
  await once(socket, 'listening')
  return { asked, port: socket.address().port, close: () => socket.close() }
}

/** @param {Buffer} message */
function readQuestion(message) {
  const labels = []
  let at = 12
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 }
}

/**
 * @param {Buffer} question
 * @param {number} end of the question in it
 * @param {number} type
 * @param {Exclude<Answer, 'silent'>} record
 */
function answer(question, end, type, record) {
  const addresses = Array.isArray(record) && type === TYPE_A ? record : []
  const code = Array.isArray(record) ? 0 : CODES[record]
  const head = Buffer.from(question.subarray(0, end))
  // An answer, recursion asked for and to be had, and how it ended.
  head.writeUInt16BE(0x8180 | code, 2)
  head.writeUInt16BE(addresses.length, 6)
  head.writeUInt16BE(0, 8)
  head.writeUInt16BE(0, 10)
  const found = addresses.map((address) => {
    const entry = Buffer.alloc(16)
    // The name of the question, class IN, a life of 0 s, 4 bytes.
    entry.writeUInt16BE(0xc00c, 0)
    entry.writeUInt16BE(TYPE_A, 2)
    entry.writeUInt16BE(1, 4)
    entry.writeUInt16BE(4, 10)
    entry.set(address.split('.').map(Number), 12)
    return entry
  })
  return Buffer.concat([head, ...found])
}

module.exports = { startDns }
