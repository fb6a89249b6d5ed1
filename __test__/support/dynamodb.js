'use strict'
// As much of a DynamoDBDocumentClient as a token store sends to: one table in memory, and writes on a condition.

/** @typedef {Record<string, any>} Item */

class Command {
  /** @param {Item} input */
  constructor(input) {
    this.input = input
  }
}
class GetCommand extends Command {}
class PutCommand extends Command {}
class DeleteCommand extends Command {}

/** @param {string} table the only one there is */
function makeDocumentClient(table) {
  /** @type {Map<string, Item>} */
  const items = new Map()
  return {
    items,
    /**
     * @param {Command} command
     * @returns {Promise<{ Item?: Item | undefined }>}
     */
    async send(command) {
      const { TableName, Item, Key = { id: Item?.id } } = command.input
      if (TableName !== table) throw named('ResourceNotFoundException')
      if (typeof Key.id !== 'string' || Object.keys(Key).length !== 1) throw named('ValidationException')
      const present = items.get(Key.id)
      if (command instanceof GetCommand) return { Item: structuredClone(present) }
      if (!holds(command.input, present)) throw named('ConditionalCheckFailedException')
      if (command instanceof PutCommand) items.set(Key.id, structuredClone(/** @type {Item} */ (Item)))
      if (command instanceof DeleteCommand) items.delete(Key.id)
      return {}
    },
  }
}

/**
 * @param {Item} input
 * @param {Item | undefined} item
 */
function holds({ ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues }, item) {
  if (ConditionExpression === undefined) return true
  const known = { ...ExpressionAttributeNames, ...ExpressionAttributeValues }
  const used = ConditionExpression.match(/[#:]\w+/g)
  // DynamoDB refuses a name that is not declared, and one that is not used.
  if (Object.keys(known).sort().join() !== [...new Set(used)].sort().join()) throw named('ValidationException')
  return ConditionExpression.split(' OR ').some((/** @type {string} */ part) => {
    const [, name = '', sign, value = ''] = /^(#\w+) ([<=]) (:\w+)$/.exec(part) ?? []
    if (sign === undefined) {
      const [, absent] = /^attribute_not_exists\((#\w+)\)$/.exec(part) ?? []
      if (absent === undefined) throw named('ValidationException')
      return item?.[known[absent]] === undefined
    }
    const present = item?.[known[name]]
    return sign === '=' ? present === known[value] : present < known[value]
  })
}

/** @param {string} name */
function named(name) {
  return Object.assign(new Error(name), { name })
}

module.exports = { DeleteCommand, GetCommand, PutCommand, makeDocumentClient }
