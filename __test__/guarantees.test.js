'use strict'
// docs/guarantees.md: each promise in it is kept by a test of its own, which is there and is run.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, it } = require('node:test')
const { checkGuarantees } = require('./support/guarantees.js')

const root = path.join(__dirname, '..')
const FEWEST = 90

/** @param {string} file */
function readFile(file) {
  const place = path.join(root, file)
  return fs.existsSync(place) ? fs.readFileSync(place, 'utf8') : undefined
}

describe('given docs/guarantees.md', () => {
  it('given the promises in it, when their tests are looked up, then each has one of its own', (t) => {
    const { guarantees, tests, faults } = checkGuarantees(String(readFile('docs/guarantees.md')), readFile)
    t.diagnostic(`Guarantees: ${guarantees}, tests named: ${tests}`)
    assert.deepEqual(faults, [])
    assert.equal(tests, guarantees)
    assert.ok(guarantees >= FEWEST, `${guarantees} promises, at least ${FEWEST} are due`)
  })
})

/** Stands for the repository: what is named below, and what only looks like it. @type {Record<string, string>} */
const sources = {
  '__test__/a.test.js': `
describe('a suite', { timeout: 60_000 }, () => {
  it('given one, when it runs, then it\\'s there', async (t) => {})
  it("given two, when it runs, then 'it' is there", { timeout: 1 }, async (t) => {})
  for (const kind of ['x', 'y']) {
    test(\`given \${kind === 'x' ? \`an \${'x'}\` : "a }"}, when it runs, then it is there\`, async (t) => {})
  }
  it('given a machine without it, when it runs, then it is skipped there', { skip: !process.env.SHELL }, () => {})
  it('given a title on its own line, when it runs, then it is there', {
    skip,
    todo: false,
  }, async () => {})
  // it('given a comment, when it is read, then it is no test', () => {})
  describe('given a suite, when it is read, then it is no test', () => {})
  it.skip('given skip(), when it is read, then it keeps nothing', () => {})
  it('given todo, when it is read, then it keeps nothing', {
    todo: 'some day',
  }, () => {})
  it('given a variable todo, when it is read, then it keeps nothing', { timeout: 1, todo }, () => {})
  it('given skip, when it is read, then it keeps nothing', { skip: 'not today' }, () => {})
  it('given twins, when they are read, then nobody knows which', () => {})
  it('given twins, when they are read, then nobody knows which', () => {})
})

describe("a suite that's not run", { skip: true }, () => {
  describe('a suite in it', () => {
    it('given a suite that is not run, when it is read, then it keeps nothing', () => {})
  })
})

for (const kind of ['x']) {
  it('given the end of such a suite, when it runs, then it is there', () => {})
}
`,
  'src/a/tests.rs': `
#[test]
fn a_plain_test() {}

    #[cfg(unix)]
    #[tokio::test(start_paused = true)]
    async fn a_test_of_time() {}

#[test]
#[ignore = "slow"]
fn an_ignored_test() {}

#[ignore]
#[test]
fn another_ignored_test() {}

fn no_test_at_all() {}
`,
}

/** @param {...string} lines */
function check(...lines) {
  return checkGuarantees(['# Title', '', 'Words: anything.', '', '## Things', '', ...lines].join('\n'), (file) =>
    Object.hasOwn(sources, file) ? sources[file] : undefined,
  )
}

describe('given other documents', () => {
  it('given one that is right, when it is checked, then every promise is found kept', () => {
    const found = check(
      '- It keeps one.',
      "  `__test__/a.test.js` › given one, when it runs, then it's there",
      '- It keeps `two`, by 1.5 of them.',
      "  `__test__/a.test.js` › given two, when it runs, then 'it' is there",
      '- It keeps what is made.',
      `  \`__test__/a.test.js\` › given \${kind === 'x' ? \`an \${'x'}\` : "a }"}, when it runs, then it is there`,
      '- It keeps what a machine can.',
      '  `__test__/a.test.js` › given a machine without it, when it runs, then it is skipped there',
      '- It keeps what takes lines.',
      '  `__test__/a.test.js` › given a title on its own line, when it runs, then it is there',
      '- It keeps what comes later.',
      '  `__test__/a.test.js` › given the end of such a suite, when it runs, then it is there',
      '',
      '## More',
      '',
      '- It keeps Rust.',
      '  `src/a/tests.rs` › a_plain_test',
      '- It keeps time.',
      '  `src/a/tests.rs` › a_test_of_time',
      '',
    )
    assert.deepEqual(found, { guarantees: 8, tests: 8, faults: [] })
  })

  it('given one that promises too much, when it is checked, then each fault is named', () => {
    const absent = ['given nobody, when', 'given a comment, when it is read, then it is no test']
    const places = [
      '`__test__/none.test.js` › given one',
      ...absent.map((title) => `\`__test__/a.test.js\` › ${title}`),
      '`__test__/a.test.js` › given a suite, when it is read, then it is no test',
      '`__test__/a.test.js` › given skip(), when it is read, then it keeps nothing',
      '`__test__/a.test.js` › given todo, when it is read, then it keeps nothing',
      '`__test__/a.test.js` › given a variable todo, when it is read, then it keeps nothing',
      '`__test__/a.test.js` › given skip, when it is read, then it keeps nothing',
      '`__test__/a.test.js` › given a suite that is not run, when it is read, then it keeps nothing',
      '`__test__/a.test.js` › given twins, when they are read, then nobody knows which',
      '`src/a/tests.rs` › an_ignored_test',
      '`src/a/tests.rs` › another_ignored_test',
      '`src/a/tests.rs` › no_test_at_all',
    ]
    const { guarantees, tests, faults } = check(...places.flatMap((place) => ['- It keeps this.', `  ${place}`]))
    assert.deepEqual([guarantees, tests], [13, 0])
    assert.deepEqual(
      faults.map((fault) => fault.replace(/ of this title: .*| marked as (\w+): .*/, ' $1')),
      [
        'line 7: there is no file __test__/none.test.js',
        'line 9: __test__/a.test.js has no test ',
        'line 11: __test__/a.test.js has no test ',
        'line 13: __test__/a.test.js has no test ',
        'line 15: __test__/a.test.js has this test skip',
        'line 17: __test__/a.test.js has this test todo',
        'line 19: __test__/a.test.js has this test todo',
        'line 21: __test__/a.test.js has this test skip',
        'line 23: __test__/a.test.js has this test skip',
        'line 25: __test__/a.test.js has more than one test ',
        'line 27: src/a/tests.rs has no test ',
        'line 29: src/a/tests.rs has this test ignore',
        'line 31: src/a/tests.rs has no test ',
      ],
    )
  })

  it('given one whose promises have no test, or none of their own, when it is checked, then each fault is named', () => {
    const { guarantees, tests, faults } = check(
      '- It keeps Rust.',
      '  `src/a/tests.rs` › a_plain_test',
      '- It keeps nothing.',
      '- It keeps it twice.',
      '  `src/a/tests.rs` › a_plain_test',
      '- It keeps nothing at the end.',
    )
    assert.deepEqual([guarantees, tests], [4, 1])
    assert.deepEqual(faults, [
      'line 9: no test keeps it: It keeps nothing.',
      'line 10: its test keeps line 7 already: src/a/tests.rs › a_plain_test',
      'line 12: no test keeps it: It keeps nothing at the end.',
    ])
  })

  const place = '  `src/a/tests.rs` › a_plain_test'
  for (const [what, lines, fault] of /** @type {[string, string[], RegExp][]} */ ([
    ['a sentence without its end', ['- It keeps this', place], /line 7: it has not the form of a promise: - It keeps/],
    ['two sentences', ['- It keeps this. It keeps that.', place], /line 7: it is more than one sentence/],
    ['words between the lines', ['- It keeps this.', 'Indeed.', place], /line 8: it has not the form of a promise/],
    ['a promise that takes two lines', ['- It keeps this', '  and that.', place], /line 8: it has not the form/],
    ['a test that belongs to nothing', [place], /line 7: it has not the form of a promise: {3}`src/],
    ['two tests for one promise', ['- It keeps this.', place, place], /line 9: it has not the form of a promise/],
    ['a test without its indent', ['- It keeps this.', place.trim()], /line 8: it has not the form of a promise/],
    ['a test outside of this repository', ['- It is.', '  `../a.test.js` › given'], /line 8: it has not the form/],
    ['a test in a file of no tests', ['- It is.', '  `lib/client.js` › given'], /line 8: it has not the form/],
    ['a heading of another rank', ['### Things'], /line 7: it has not the form of a promise/],
  ])) {
    it(`given ${what}, when it is checked, then that line is named`, () => {
      assert.ok(check(...lines).faults.some((found) => fault.test(found)))
    })
  }
})
