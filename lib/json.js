'use strict'
// The namespace json: documented in index.d.ts.

const { fromColumns } = require('./from-columns')
const { open, openSync } = require('./json-document')
const { native } = require('./native')
const { Plan } = require('./plan')
const { readDepth, readQueryOptions, readFields, writeFields, parse } = require('./selection')
const { start, now, readText, checked } = require('./text-task')
const { isArray, checkInteger, checkString, invalidType } = require('./validate')

/** Positions as in src/ops/json.rs. */
const VALIDATE = 0
const MINIFY = 1
const FORMAT = 2
const QUERY = 3
const TAB = 255

/** @type {Record<string, import('./text-task').TextOperation>} */
const OPERATIONS = Object.fromEntries(['validate', 'minify', 'format', 'query'].map((name) => [
  name, { operation: { name: `json.${name}`, submit: native.submitJson }, now: native.jsonNow }
]))

/** @typedef {import('./text-task').Prepared} Prepared */

/**
 * @param {any} data
 * @param {any} options
 * @returns {Prepared}
 */
function prepareValidate (data, options) {
  return { input: readText(data), plan: new Plan().byte(VALIDATE).number(readDepth(options)).bytes(), finish: () => undefined }
}

/**
 * @param {any} data
 * @param {any} options
 * @returns {Prepared}
 */
function prepareMinify (data, options) {
  return { input: readText(data), plan: new Plan().byte(MINIFY).number(readDepth(options)).bytes(), finish: sameKind(data) }
}

/**
 * @param {any} data
 * @param {any} options
 * @returns {Prepared}
 */
function prepareFormat (data, options) {
  const plan = new Plan().byte(FORMAT).number(readDepth(options)).byte(readIndent(options?.indent))
  return { input: readText(data), plan: plan.bytes(), finish: sameKind(data) }
}

/** @param {any} indent */
function readIndent (indent = 2) {
  if (indent === '\t') return TAB
  if (typeof indent !== 'number') throw invalidType('options.indent', "of type number, or '\\t'", indent)
  checkInteger(indent, 'options.indent', 0, 10)
  return indent
}

/**
 * Text for text, bytes for bytes.
 *
 * @param {any} data
 * @returns {(result: Buffer) => string | Buffer}
 */
function sameKind (data) {
  return typeof data === 'string' ? (result) => result.toString() : (result) => result
}

/**
 * @param {any} data
 * @param {any} selection
 * @param {any} options
 * @returns {Prepared}
 */
function prepareQuery (data, selection, options) {
  const { maxDepth, trusted, bigint, columns } = readQueryOptions(options)
  const { fields, finish } = readSelection(selection, columns)
  const plan = new Plan().byte(QUERY).number(maxDepth).byte(trusted ? 1 : 0).byte(bigint)
  writeFields(plan, fields)
  return { input: readText(data), plan: checked(native.checkJson, plan.bytes()), finish: (found) => finish(collect(fields, found)) }
}

/**
 * @param {any} selection
 * @param {any} columns
 * @returns {{ fields: import('./selection').Field[], finish: (values: any[]) => any }}
 */
function readSelection (selection, columns) {
  if (typeof selection === 'string') return { fields: readFields({ pointer: selection }, columns), finish: ([value]) => value }
  if (isArray(selection)) {
    selection.forEach((pointer, index) => checkString(pointer, `selection[${index}]`))
    return { fields: readFields({ ...selection }, columns), finish: (values) => values }
  }
  const fields = readFields(selection, columns)
  // What leads nowhere is left out, as it would be by destructuring and JSON.stringify.
  return { fields, finish: (values) => Object.fromEntries(fields.map(({ name }, index) => [name, values[index]]).filter(([, value]) => value !== undefined)) }
}

/**
 * The fields' values, in order; undefined for what is not there.
 *
 * @param {import('./selection').Field[]} fields
 * @param {[string, string, ...Float64Array[]]} found see `Query::run` of src/ops/json.rs
 * @returns {any[]}
 */
function collect (fields, [text, flags, ...doubles]) {
  const plain = parse(text, flags.endsWith('1'))
  let [plains, typed] = [0, 0]
  return fields.map(({ type }) => {
    if (type !== 0) return doubles[typed++]
    const index = plains++
    return flags[index] === '1' ? plain[index] : undefined
  })
}

/** @type {Record<string, (...args: any[]) => any>} */
module.exports = {
  ...fromColumns('json'),
  open,
  openSync,
  validate: (data, options) => start(OPERATIONS.validate, prepareValidate(data, options), options),
  validateSync: (data, options) => now(OPERATIONS.validate, prepareValidate(data, options)),
  minify: (data, options) => start(OPERATIONS.minify, prepareMinify(data, options), options),
  minifySync: (data, options) => now(OPERATIONS.minify, prepareMinify(data, options)),
  format: (data, options) => start(OPERATIONS.format, prepareFormat(data, options), options),
  formatSync: (data, options) => now(OPERATIONS.format, prepareFormat(data, options)),
  query: (data, selection, options) => start(OPERATIONS.query, prepareQuery(data, selection, options), options),
  querySync: (data, selection, options) => now(OPERATIONS.query, prepareQuery(data, selection, options))
}
