'use strict'
// README.md and the other documents beside the code: what they list is all that there is, and what they name is there.
// Their code blocks are run in code-blocks.test.js.

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, it } = require('node:test')
const { listDocuments } = require('./support/code-blocks.js')

const root = path.join(__dirname, '..')

/** @param {string} file */
function read(file) {
  return fs.readFileSync(path.join(root, file), 'utf8')
}

describe('given README.md', () => {
  it('when README.md lists the options, then they are those that the client knows', () => {
    const readme = read('README.md')
    const table = readme.slice(readme.indexOf('| option |'), readme.indexOf('## Calls'))
    const listed = [...table.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell]) => String(cell).match(/\w+/g) ?? [])
    const { Layer1 } = require('layer1')
    assert.throws(
      () => new Layer1(/** @type {any} */ ({ nothingLikeAnyOption: 1 })),
      ({ message }) => {
        const known = message.slice(message.indexOf('There is: ')).match(/\w+/g)?.slice(2) ?? []
        assert.deepEqual([...listed].sort(), [...known].sort())
        return true
      },
    )
  })

  it('when README.md says what to do about errors, then it does so for each code and class, and for no others', () => {
    const readme = read('README.md')
    const section = readme.slice(readme.indexOf('## Errors'), readme.indexOf('## What you can rely on'))
    const advised = [...section.matchAll(/^\| `(ERR_\w+)` \| .+ \| .+ \|$/gm)].map(([, code]) => code)
    const [, union = ''] = /^export type Layer1ErrorCode =\n((?: {2}\| '\w+'\n)+)/m.exec(read('index.d.ts')) ?? []
    assert.deepEqual(advised.sort(), [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code).sort())
    const classes = Object.keys(require('layer1')).filter((name) => name.endsWith('Error'))
    assert.deepEqual(
      classes.filter((name) => !section.includes(`\`${name}\``)),
      [],
    )
  })
})

describe('given the documents', () => {
  for (const file of listDocuments()) {
    it(`when ${file} links to a file or a heading of the repository, then it is there`, () => {
      for (const [, target = ''] of read(file).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
        const [place = '', heading] = target.split('#')
        const linked = place === '' ? file : path.join(path.dirname(file), place)
        assert.ok(fs.existsSync(path.join(root, linked)), `there is no ${linked}`)
        if (heading !== undefined)
          assert.ok(headings(read(linked)).includes(heading), `no heading ${heading} in ${linked}`)
      }
    })
  }

  it('when examples/README.md lists the examples, then it names each', () => {
    const listed = [...read('examples/README.md').matchAll(/\]\(([\w-]+(?:\.m?js)?)/g)].map(([, name]) => name)
    const there = fs.readdirSync(path.join(root, 'examples')).filter((name) => name !== 'README.md')
    assert.deepEqual(listed.sort(), there.sort())
  })

  it('when CONTRIBUTING.md names a file or a folder, then it is there', () => {
    const named = pathsIn(read('CONTRIBUTING.md'))
    assert.ok(named.length > 60, `only ${named.length}`)
    assert.deepEqual(
      named.filter((candidates) => !candidates.some((each) => fs.existsSync(path.join(root, each)))),
      [],
    )
  })
})

describe('given npm run ready', () => {
  it('when one of its steps fails, then each has something to say about how to mend it', () => {
    assert.equal(require('../package.json').scripts.ready, 'bash .ci/run')
    const steps = [...read('.ci/run').matchAll(/^begin (.*)$/gm)].map(([, step]) => String(step))
    assert.ok(steps.length >= 10)
    assert.deepEqual(
      steps.filter((step) => !/^'[^']+' '[^']+\.?'$/.test(step)),
      [],
    )
  })
})

/** Gives the anchors of a document's headings. @param {string} text */
function headings(text) {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    String(heading)
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
}

/**
 * Finds what is written as code and looks like a path. A bare name in a row of a table may be in a folder that the row
 * begins with.
 *
 * @param {string} text
 * @returns {string[][]} the places where each may be
 */
function pathsIn(text) {
  return text.split('\n').flatMap((line) => {
    const spans = [...line.matchAll(/`([^`]+)`/g)].map(([, span]) => String(span))
    const folders = spans.filter((span) => span.endsWith('/'))
    return spans
      .filter((span) => /^[\w.@/-]+(?:\/|\.(?:rs|m?js|d\.m?ts|ts|json|toml|md|sh|yml))$|^\.ci\/run$/.test(span))
      .map((span) => [span, ...(span.includes('/') ? [] : folders.map((folder) => folder + span))])
  })
}
