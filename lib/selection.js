'use strict'
// What json.query and ndjson take to select values, and what they make of the values found.

const { checkOptions, checkInteger, checkBoolean, checkString, oneOf, invalidValue } = require('./validate')

/** Positions as in src/ops/json.rs. */
const TYPES = ['json', 'f64']
const BIGINTS = ['number', 'string', 'bigint']

/** What all functions on JSON accept: see Limits in crates/kernels/src/json. */
const DEFAULT_DEPTH = 1024
const GREATEST_DEPTH = 100_000_000

/**
 * @typedef {object} Field
 * @property {string} name what it is called in the result
 * @property {string} pointer
 * @property {number} type position in TYPES
 */

/**
 * @param {any} options
 * @returns {number}
 */
function readDepth (options) {
  if (options === undefined) return DEFAULT_DEPTH
  checkOptions(options)
  const { maxDepth = DEFAULT_DEPTH } = options
  checkInteger(maxDepth, 'options.maxDepth', 0, GREATEST_DEPTH)
  return maxDepth
}

/**
 * @param {any} options
 * @returns {{ maxDepth: number, trusted: boolean, bigint: number, columns: any }}
 */
function readQueryOptions (options) {
  const maxDepth = readDepth(options)
  const { trusted = false, bigint = 'number', columns = {} } = options ?? {}
  checkBoolean(trusted, 'options.trusted')
  checkOptions(columns, 'options.columns')
  return { maxDepth, trusted, bigint: oneOf(bigint, 'options.bigint', BIGINTS), columns }
}

/**
 * Names and pointers of an object.
 *
 * @param {any} selection
 * @param {any} columns types by name
 * @returns {Field[]}
 */
function readFields (selection, columns) {
  checkOptions(selection, 'selection')
  const fields = Object.entries(selection).map(([name, pointer]) => {
    checkString(pointer, `selection.${name}`)
    return { name, pointer, type: Object.hasOwn(columns, name) ? oneOf(columns[name], `options.columns.${name}`, TYPES) : 0 }
  })
  for (const name of Object.keys(columns)) {
    if (!Object.hasOwn(selection, name)) throw invalidValue(`options.columns.${name}`, columns[name], 'must be the type of a name in "selection"')
  }
  return fields
}

/**
 * @param {import('./plan').Plan} plan
 * @param {Field[]} fields
 */
function writeFields (plan, fields) {
  plan.number(fields.length)
  for (const { name, pointer, type } of fields) plan.text(pointer, `selection.${name}`).byte(type)
}

/**
 * Values of JSON text that src/ops has made, big integers and all.
 *
 * @param {string} text
 * @param {boolean} marked whether it has big integers (BigInts::Marked in crates/kernels/src/json/column.rs)
 * @returns {any}
 */
function parse (text, marked) {
  const value = JSON.parse(text)
  return marked ? unmark(value) : value
}

/**
 * Replaces marked strings, without recursion.
 *
 * @param {any} root
 * @returns {any}
 */
function unmark (root) {
  const top = [root]
  /** @type {any[]} */
  const open = [top]
  for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
    for (const key of Object.keys(holder)) {
      const value = holder[key]
      if (typeof value === 'object' && value !== null) open.push(value)
      else if (typeof value === 'string' && value.charCodeAt(0) === 0) define(holder, key, value[1] === 'n' ? BigInt(value.slice(2)) : value.slice(2))
    }
  }
  return top[0]
}

/**
 * Assigning to `__proto__` would not set a property.
 *
 * @param {any} holder
 * @param {string} key
 * @param {unknown} value
 */
function define (holder, key, value) {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true })
}

module.exports = { BIGINTS, readDepth, readQueryOptions, readFields, writeFields, parse }
