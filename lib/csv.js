'use strict'
// The namespace csv: documented in index.d.ts.

const { native } = require('./native')
const { Plan } = require('./plan')
const { makeTable } = require('./csv-table')
const { stringify, stringifySync } = require('./csv-stringify')
const { toArrow, fromArrow } = require('./csv-arrow')
const { TYPES } = require('./csv-columns')
const { readByte } = require('./csv-dialect')
const { start, now, readText, checked } = require('./text-task')
const { checkBoolean, checkOptions, isArray, oneOf, invalidType, invalidValue, readEach, readString, readLimits } = require('./validate')
const { writeWhere } = require('./where')

/** Positions as in src/ops/csv.rs. */
const RAGGED = ['error', 'pad', 'skip']
const INVALID = ['error', 'null']
const ENCODINGS = ['utf8', 'utf16le', 'latin1', 'utf16be']
const UNTYPED = 255
const F64 = TYPES.indexOf('f64')
const BOOL = TYPES.indexOf('bool')
const TEXT = TYPES.indexOf('utf8')

/** As in crates/kernels/src/csv. @type {import('./validate').Limits} */
const LIMITS = { rows: [2 ** 31, 2 ** 32 - 1], columns: [16_384, 2 ** 20], fieldBytes: [2 ** 24, 2 ** 30], bytes: [2 ** 30, 2 ** 32 - 1] }

/** @type {import('./text-task').TextOperation} */
const PARSE = { operation: { name: 'csv.parse', submit: native.submitCsv }, now: native.csvNow }

/**
 * @param {any} data
 * @param {any} options
 * @returns {import('./text-task').Prepared}
 */
function prepare (data, options = {}) {
  checkOptions(options)
  const {
    delimiter = ',', quote = '"', comment, header = true, columns = {}, select, where, infer = false, ragged = 'error', invalid = 'error', encoding = 'utf8', limits = {}
  } = options
  const plan = new Plan()
  writeDialect(plan, delimiter, quote, comment)
  plan.byte(oneOf(ragged, 'options.ragged', RAGGED)).byte(oneOf(invalid, 'options.invalid', INVALID))
  plan.byte(oneOf(encoding, 'options.encoding', ENCODINGS))
  if (typeof data === 'string' && encoding !== 'utf8') throw invalidValue('options.encoding', encoding, "must be 'utf8' for a string")
  checkBoolean(infer, 'options.infer')
  const types = readTypes(columns)
  const selected = readSelect(select) ?? [...types.keys()]
  plan.byte(infer ? 1 : 0).byte(select === undefined && (infer || types.size === 0) ? 1 : 0)
  for (const limit of readLimits(limits, LIMITS)) plan.number(limit)
  writeHeader(plan, header)
  plan.number(selected.length)
  for (const name of selected) plan.text(name, 'options.select').byte(types.get(name) ?? UNTYPED)
  writeFilter(plan, where, types)
  return { input: readText(data), plan: checked(native.checkCsv, plan.bytes()), finish: makeTable, regexps: plan.regexps }
}

/**
 * @param {Plan} plan
 * @param {any} delimiter
 * @param {any} quote
 * @param {any} comment
 */
function writeDialect (plan, delimiter, quote, comment) {
  const bytes = [readByte(delimiter, 'options.delimiter'), quote === null ? 0 : readByte(quote, 'options.quote'), comment === undefined ? 0 : readByte(comment, 'options.comment')]
  if (bytes[0] === bytes[1]) throw invalidValue('options.quote', quote, 'must not be the delimiter')
  if (bytes[2] !== 0 && (bytes[2] === bytes[0] || bytes[2] === bytes[1])) throw invalidValue('options.comment', comment, 'must be neither the delimiter nor the quote')
  for (const byte of bytes) plan.byte(byte)
}

/**
 * @param {any} columns
 * @returns {Map<string, number>} positions in TYPES
 */
function readTypes (columns) {
  checkOptions(columns, 'options.columns')
  return new Map(Object.entries(columns).map(([name, type]) => [name, oneOf(type, `options.columns.${name}`, TYPES)]))
}

/** @param {any} select */
function readSelect (select) {
  if (select === undefined) return undefined
  return readNames(select, 'options.select')
}

/**
 * @param {any} names
 * @param {string} parameter
 * @returns {string[]}
 */
function readNames (names, parameter) {
  if (!isArray(names)) throw invalidType(parameter, 'an Array of names', names)
  const own = readEach(names, parameter, readString)
  if (new Set(own).size !== own.length) throw invalidValue(parameter, names, 'must have each name once')
  return own
}

/**
 * @param {Plan} plan
 * @param {any} header
 */
function writeHeader (plan, header) {
  if (typeof header === 'boolean') {
    plan.byte(header ? 0 : 1)
    return
  }
  if (!isArray(header)) throw invalidType('options.header', 'of type boolean or an Array of names', header)
  const names = readNames(header, 'options.header')
  plan.byte(2).number(names.length)
  for (const name of names) plan.text(name, 'options.header')
}

/**
 * A field is a column and what it is compared as: its type, or what it is compared with.
 *
 * @param {Plan} plan
 * @param {any} where
 * @param {Map<string, number>} types
 */
function writeFilter (plan, where, types) {
  /** @type {Map<string, { name: string, type: number, index: number }>} */
  const fields = new Map()
  const filter = new Plan()
  writeWhere(filter, where, (name, _, tests) => {
    const type = types.get(name) ?? typeOf(tests)
    const key = `${type} ${name}`
    const field = fields.get(key) ?? { name, type, index: fields.size }
    fields.set(key, field)
    return field.index
  })
  plan.number(fields.size)
  for (const { name, type } of fields.values()) plan.text(name, 'options.where').byte(type)
  plan.append(filter)
}

/**
 * @param {import('./where').Tests} tests
 * @returns {number} position in TYPES
 */
function typeOf (tests) {
  const operands = tests.filter(([name]) => name !== 'exists').flatMap(([, operand]) => operand)
  if (operands.some((operand) => typeof operand === 'number')) return F64
  return operands.some((operand) => typeof operand === 'boolean') ? BOOL : TEXT
}

module.exports = {
  parse: (/** @type {any} */ data, /** @type {any} */ options) => start(PARSE, prepare(data, options), options),
  parseSync: (/** @type {any} */ data, /** @type {any} */ options) => now(PARSE, prepare(data, options)),
  stringify,
  stringifySync,
  toArrow,
  fromArrow
}
