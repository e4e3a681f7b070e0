'use strict'

const { constants } = require('node:buffer')
const { checkInteger } = require('./validate')

const DEFAULT_LIMIT = 128 * 1024 * 1024

/**
 * The option `maxOutputLength` of what decompresses.
 *
 * @param {any} limit
 * @returns {number}
 */
function readLimit (limit = DEFAULT_LIMIT) {
  checkInteger(limit, 'options.maxOutputLength', 0, constants.MAX_LENGTH)
  return limit
}

module.exports = { readLimit }
