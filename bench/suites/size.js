'use strict'
// How large the native binary is.

const fs = require('node:fs')
const path = require('node:path')
const { gzipSync } = require('node:zlib')
const { root } = require('../ground/setup.js')
const { megabytes } = require('../report/format.js')

const cell = 'the native binary'
const RUNNER = 'layer1'

/** @type {import('../types.d.ts').Suite} */
const suite = {
  name: 'size',
  cells: [cell],

  async run(_ground, ledger) {
    const lib = path.join(root, 'lib')
    const name = fs.readdirSync(lib).find((name) => name.endsWith('.node'))
    if (!name) throw new Error('There is no binary in lib.')
    const binary = fs.readFileSync(path.join(lib, name))
    ledger.note(cell, RUNNER, { bytes: binary.length, gzipped: gzipSync(binary, { level: 9 }).length })
  },

  tables(ledger) {
    const sizes = ['bytes', 'gzipped'].map((figure) => megabytes(ledger.median(cell, RUNNER, figure)))
    return [{ title: 'The native binary', columns: ['', 'stripped, MB', 'gzipped, MB'], rows: [[RUNNER, ...sizes]] }]
  },

  comparisons: [],
}

module.exports = { suite, cell }
