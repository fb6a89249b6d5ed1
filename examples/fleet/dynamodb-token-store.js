'use strict'
// A token store in DynamoDB, for fleets that have no Redis: the shape of any store with a conditional write.
//
// It needs @aws-sdk/client-dynamodb and @aws-sdk/lib-dynamodb, a table whose partition key is the string "id", with
// DynamoDB's time to live on its attribute "expires", and permission for GetItem, PutItem and DeleteItem on that table:
//
//   const { DynamoDBClient } = require('@aws-sdk/client-dynamodb')
//   const lib = require('@aws-sdk/lib-dynamodb')
//   const client = lib.DynamoDBDocumentClient.from(new DynamoDBClient())
//   const layer1 = new Layer1({ tokenStore: dynamoTokenStore(client, lib, 'layer1-tokens') })

const { randomUUID } = require('node:crypto')

/** @typedef {new (input: any) => any} Command */

/**
 * @param {{ send(command: any): Promise<any> }} client a DynamoDBDocumentClient
 * @param {{ GetCommand: Command, PutCommand: Command, DeleteCommand: Command }} lib
 * @param {string} TableName
 * @returns {Required<import('layer1').TokenStore>}
 */
function dynamoTokenStore(client, { GetCommand, PutCommand, DeleteCommand }, TableName) {
  /** Whose locks are ours, oldest first: a lock may end and be acquired again before it is released. */
  const owned = /** @type {{ id: string, owner: string }[]} */ ([])

  return {
    async get(key) {
      const Key = { id: `token:${key}` }
      const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))
      // DynamoDB drops what has ended some hours later.
      return Item && Item.until > Date.now() ? Item.sealed : null
    },
    async set(key, value, ttlMs) {
      await client.send(new PutCommand({ TableName, Item: { id: `token:${key}`, sealed: value, ...ending(ttlMs) } }))
    },
    async delete(key) {
      await client.send(new DeleteCommand({ TableName, Key: { id: `token:${key}` } }))
    },
    async acquire(key, ttlMs) {
      const [id, owner] = [`lock:${key}`, randomUUID()]
      const isOurs = await ifSo(
        client.send(
          new PutCommand({
            TableName,
            Item: { id, owner, ...ending(ttlMs) },
            ConditionExpression: 'attribute_not_exists(#id) OR #until < :now',
            ExpressionAttributeNames: { '#id': 'id', '#until': 'until' },
            ExpressionAttributeValues: { ':now': Date.now() },
          }),
        ),
      )
      if (isOurs) owned.push({ id, owner })
      return isOurs
    },
    async release(key) {
      const id = `lock:${key}`
      const index = owned.findIndex((lock) => lock.id === id)
      if (index < 0) return
      const [lock] = owned.splice(index, 1)
      await ifSo(
        client.send(
          new DeleteCommand({
            TableName,
            Key: { id },
            ConditionExpression: '#owner = :owner',
            ExpressionAttributeNames: { '#owner': 'owner' },
            ExpressionAttributeValues: { ':owner': lock?.owner },
          }),
        ),
      )
    },
  }
}

/**
 * Says when an item ends: in ms for us, whose clocks are at most some hundred ms apart, and in whole seconds for DynamoDB.
 *
 * @param {number} ttlMs
 */
function ending(ttlMs) {
  const until = Date.now() + ttlMs
  return { until, expires: Math.ceil(until / 1_000) }
}

/**
 * Tells whether a conditional write was done.
 *
 * @param {Promise<unknown>} written
 */
async function ifSo(written) {
  try {
    await written
    return true
  } catch (error) {
    if (/** @type {Error} */ (error).name === 'ConditionalCheckFailedException') return false
    throw error
  }
}

module.exports = { dynamoTokenStore }
