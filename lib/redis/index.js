'use strict'

const { redisTokenStore } = require('./store.js')

module.exports = { redisTokenStore }
