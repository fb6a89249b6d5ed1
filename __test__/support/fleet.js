'use strict'
// Fleets of real processes, which have nothing in common but a store.

const { fork } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')

/** @typedef {import('./fleet-member.js').MemberData} MemberData */
/** @typedef {import('./fleet-member.js').Told} Told */
/** @typedef {{ after(end: () => unknown): void }} Ending a test, or whatever else has an end */

/** How many processes start at once: more would only wait for each other. */
const BATCH = 8

/** One process, by its channel. */
class Member {
  /** @param {MemberData} data */
  constructor(data) {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    this.child = fork(path.join(__dirname, 'fleet-member.js'), [JSON.stringify(data)], { env })
  }

  async ready() {
    await once(this.child, 'message')
    return this
  }

  /** @param {{ do: string, pause?: number }} message @returns {Promise<Told>} */
  async tell(message) {
    const answer = once(this.child, 'message')
    this.child.send(message)
    return (await answer)[0]
  }

  stop() {
    this.child.send({ do: 'stop' })
  }
}

/**
 * Starts processes, each with a client and a store, and gives them when all are ready.
 *
 * @param {Ending} t
 * @param {MemberData} data
 * @param {number} count
 */
async function startFleet(t, data, count) {
  /** @type {Member[]} */
  const members = []
  t.after(() => {
    for (const { child } of members) child.kill('SIGKILL')
  })
  while (members.length < count) {
    const batch = Array.from({ length: Math.min(BATCH, count - members.length) }, () => new Member(data))
    members.push(...batch)
    await Promise.all(batch.map((member) => member.ready()))
  }
  return members
}

/** Lets all ask for a token at once. @param {Member[]} members */
function askAll(members) {
  return Promise.all(members.map((member) => member.tell({ do: 'token' })))
}

/**
 * Lets all call steadily until `work` has ended, and gives what each of them has to tell.
 *
 * @param {Member[]} members
 * @param {number} pause between two calls of one member, in ms
 * @param {() => Promise<unknown>} work
 */
async function callWhile(members, pause, work) {
  const told = members.map((member) => member.tell({ do: 'calls', pause }))
  await work()
  for (const member of members) member.stop()
  return await Promise.all(told)
}

module.exports = { askAll, callWhile, startFleet }
