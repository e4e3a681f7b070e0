'use strict'
// The namespace ndjson: documented in index.d.ts.

const { fromColumns } = require('./from-columns')
const { native } = require('./native')
const { Plan } = require('./plan')
const { readQueryOptions, readFields, parse } = require('./selection')
const { start, now, readText, checked } = require('./text-task')
const { oneOf, invalidValue } = require('./validate')
const { writeWhere } = require('./where')

/** Positions as in src/ops/ndjson.rs. */
const COUNT = 0
const LINES = 1
const VALUES = 2
const ROWS = 3
const COLUMNS = 4

const AS = ['values', 'buffer']

/** @type {Record<string, import('./text-task').TextOperation>} */
const OPERATIONS = Object.fromEntries(['count', 'filter', 'select', 'columns'].map((name) => [
  name, { operation: { name: `ndjson.${name}`, submit: native.submitNdjson }, now: native.ndjsonNow }
]))

/**
 * @param {number} kind
 * @param {any} data
 * @param {any} selection undefined: none
 * @param {any} where
 * @param {any} options
 * @param {(fields: import('./selection').Field[], found: any) => any} finish
 * @returns {import('./text-task').Prepared}
 */
function prepare (kind, data, selection, where, options, finish) {
  const { maxDepth, trusted, bigint, columns } = readQueryOptions(options)
  const fields = selection === undefined ? [] : readFields(selection, columns)
  const plan = new Plan().byte(kind).number(maxDepth).byte(trusted ? 1 : 0).byte(bigint)
  plan.number(fields.length)
  for (const { name, pointer, type } of fields) plan.text(name, 'selection').text(pointer, `selection.${name}`).byte(type)
  const { pointers, filter } = readWhere(where)
  plan.number(pointers.length)
  for (const pointer of pointers) plan.text(pointer, 'where')
  plan.append(filter)
  return { input: readText(data), plan: checked(native.checkNdjson, plan.bytes()), finish: (found) => finish(fields, found), regexps: plan.regexps }
}

/**
 * @param {any} where
 * @returns {{ pointers: string[], filter: Plan }} the pointers in the order of their numbers
 */
function readWhere (where) {
  /** @type {Map<string, number>} */
  const numbers = new Map()
  const filter = new Plan()
  writeWhere(filter, where, (name, path) => {
    if (name !== '' && !name.startsWith('/')) throw invalidValue(path, name, "must be named by a JSON Pointer, which begins with '/', or be and, or, not")
    if (!numbers.has(name)) numbers.set(name, numbers.size)
    return /** @type {number} */ (numbers.get(name))
  })
  return { pointers: [...numbers.keys()], filter }
}

/**
 * @param {any} data
 * @param {any} where
 * @param {any} options
 */
function prepareCount (data, where, options) {
  return prepare(COUNT, data, undefined, where, options, (_, count) => count)
}

/**
 * @param {any} data
 * @param {any} where
 * @param {any} options
 */
function prepareFilter (data, where, options) {
  const as = oneOf(options?.as ?? 'values', 'options.as', AS)
  if (as === 1) return prepare(LINES, data, undefined, where, options, (_, lines) => lines)
  return prepare(VALUES, data, undefined, where, options, (_, [marked, ...texts]) => join(texts, marked))
}

/**
 * @param {any} data
 * @param {any} selection
 * @param {any} options
 */
function prepareSelect (data, selection, options) {
  return prepare(ROWS, data, selection ?? null, options?.where, options, (_, [marked, ...texts]) => join(texts, marked))
}

/**
 * @param {any} data
 * @param {any} selection
 * @param {any} options
 */
function prepareColumns (data, selection, options) {
  return prepare(COLUMNS, data, selection ?? null, options?.where, options, (fields, [marked, ...columns]) => Object.fromEntries(
    fields.map(({ name }, index) => [name, Array.isArray(columns[index]) ? join(columns[index], marked) : columns[index]])
  ))
}

/**
 * One array of the arrays in texts.
 *
 * @param {string[]} texts
 * @param {string} marked
 * @returns {any[]}
 */
function join (texts, marked) {
  const parts = texts.map((text) => parse(text, marked === '1'))
  if (parts.length === 1) return parts[0]
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const all = new Array(length)
  let at = 0
  for (const part of parts) {
    for (let index = 0; index < part.length; index++) all[at++] = part[index]
  }
  return all
}

/** @type {Record<string, (...args: any[]) => any>} */
module.exports = {
  ...fromColumns('ndjson'),
  count: (data, where, options) => start(OPERATIONS.count, prepareCount(data, where, options), options),
  countSync: (data, where, options) => now(OPERATIONS.count, prepareCount(data, where, options)),
  filter: (data, where, options) => start(OPERATIONS.filter, prepareFilter(data, where, options), options),
  filterSync: (data, where, options) => now(OPERATIONS.filter, prepareFilter(data, where, options)),
  select: (data, selection, options) => start(OPERATIONS.select, prepareSelect(data, selection, options), options),
  selectSync: (data, selection, options) => now(OPERATIONS.select, prepareSelect(data, selection, options)),
  columns: (data, selection, options) => start(OPERATIONS.columns, prepareColumns(data, selection, options), options),
  columnsSync: (data, selection, options) => now(OPERATIONS.columns, prepareColumns(data, selection, options))
}
