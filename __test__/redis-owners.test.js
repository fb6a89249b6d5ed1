'use strict'
// Who has which lock, as a store remembers it: what no server can show.

const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { Owners } = require('../lib/redis/owners.js')

describe('given the owners of locks', () => {
  it('when locks were acquired, then each is given back under its own name, once', () => {
    const owners = new Owners()
    owners.add('a', '1')
    owners.add('b', '2')
    assert.deepEqual(
      [owners.take('b'), owners.take('a'), owners.take('a'), owners.take('c')],
      ['2', '1', undefined, undefined],
    )
  })

  it('when one lock was acquired again after its end, then its names are given back oldest first', () => {
    const owners = new Owners()
    owners.add('a', '1')
    owners.add('a', '2')
    assert.deepEqual([owners.take('a'), owners.take('a')], ['1', '2'])
  })

  it('when nobody gives a lock back for a minute, then it is forgotten, and in the way of no other', () => {
    let now = 0
    const owners = new Owners(() => now)
    owners.add('a', 'never given back')
    now = 59_999
    owners.add('b', '2')
    assert.equal(owners.take('a'), 'never given back')
    owners.add('a', 'never given back either')
    now = 120_000
    owners.add('a', '3')
    assert.deepEqual([owners.take('a'), owners.take('a'), owners.take('b')], ['3', undefined, undefined])
  })
})
