'use strict'
// The characters that have a meaning in CSV.

const { checkString, invalidValue } = require('./validate')

/**
 * @param {any} value
 * @param {string} name
 * @returns {number} its byte
 */
function readByte (value, name) {
  checkString(value, name)
  const code = value.charCodeAt(0)
  if (value.length !== 1 || !(code > 0 && code < 0x80) || value === '\n' || value === '\r') throw invalidValue(name, value, 'must be one ASCII character, but no line break or NUL')
  return code
}

module.exports = { readByte }
