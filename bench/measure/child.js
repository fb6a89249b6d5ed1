'use strict'
// The process that a client is measured in: node measure/child.js MEASUREMENT LOAD, where LOAD is JSON.

const [, , measurement = '', load = '{}'] = process.argv

/** @type {{ measure: (load: any) => Promise<import('../types.d.ts').Figures> }} */
const { measure } = require(`./${measurement}.js`)

measure(JSON.parse(load)).then(
  (figures) => process.stdout.write(JSON.stringify(figures), () => process.exit(0)),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
