'use strict'
// Columns to and from Apache Arrow: documented in index.d.ts.

const { types } = require('node:util')
const { CsvTable } = require('./csv-table')
const { CsvStrings, CsvDictionary, checkAttached, isNull } = require('./csv-columns')
const { toBytes } = require('./bytes')
const { ArrowDataError } = require('./errors')
const { checkOptions, checkString, invalidType, invalidValue, isArray, oneOf } = require('./validate')
const { ELEMENTS, elementOf } = require('./elements')
const { INTEGERS } = require('./arrow/types')
const { read, Malformed } = require('./arrow/read')
const { write } = require('./arrow/write')

/** @typedef {import('./arrow/types').Column} Column */

const FORMATS = ['stream', 'file']
/** Offsets are 32 bits with a sign. */
const MOST_TEXT = 2 ** 31
const EXPECTED_TEXT = 'must have less than 2 GiB of text'
/** By the name of the typed array. @type {Record<string, import('./arrow/types').Type>} */
const TYPES = { Float64Array: 'f64', Float32Array: 'f32', Uint8ClampedArray: 'u8', ...Object.fromEntries(Object.entries(INTEGERS).map(([type, { array }]) => [array.name, type])) }

/**
 * @param {any} data
 * @param {any} [options]
 * @returns {Uint8Array[]}
 */
function toArrow (data, options = {}) {
  checkOptions(options)
  const { format = 'stream', columns } = options
  oneOf(format, 'options.format', FORMATS)
  const isTable = data instanceof CsvTable
  if (!isTable) checkOptions(data, 'data')
  const known = isTable ? data.names : Object.keys(data)
  if (columns !== undefined && !isArray(columns)) throw invalidType('options.columns', 'an Array of names', columns)
  const names = Array.from(columns ?? known, (name, index) => {
    checkString(name, `options.columns[${index}]`)
    if (!known.includes(name)) throw invalidValue(`options.columns[${index}]`, name, 'must be the name of a column')
    return name
  })
  const values = names.map((name) => isTable ? data.columns[name] : data[name])
  values.forEach((column, index) => checkAttached(column, isTable ? data.validity[names[index]] : undefined, `data.${isTable ? 'columns.' : ''}${names[index]}`))
  const found = names.map((name, index) => isTable ? ofTable(data, name) : { name, ...ofValues(values[index], `data.${name}`) })
  const rows = isTable ? data.rowCount : found[0]?.length ?? 0
  const other = found.find((/** @type {Column} */ { length }) => length !== rows)
  if (other !== undefined) throw invalidValue(`data.${other.name}`, other.length, `must have as many values as the first column, ${rows}`)
  return write(found, rows, format)
}

/**
 * @param {any} data
 * @returns {CsvTable}
 */
function fromArrow (data) {
  const bytes = toBytes(data, 'data')
  try {
    const { rows, columns } = read(bytes)
    const names = columns.map(({ name }) => name)
    return new CsvTable({
      rowCount: rows, skipped: 0, names, types: columns.map(({ type }) => type === 'dictionary' ? 'dict' : type), invalid: names.map(() => 0),
      columns: columns.map(columnOf), validity: columns.map(({ validity }) => validity)
    })
  } catch (error) {
    if (error instanceof Malformed) throw new ArrowDataError({ message: `Expected Arrow IPC that can be read: ${error.message}` })
    throw error
  }
}

/** @param {Column} column */
function columnOf ({ type, values, texts, codes, validity }) {
  if (texts === undefined) return values
  const { buffer, byteOffset, length } = texts.bytes
  const bytes = Buffer.from(buffer, byteOffset, length)
  const offsets = new Uint32Array(texts.offsets.buffer, texts.offsets.byteOffset, texts.offsets.length)
  return type === 'utf8' ? new CsvStrings(bytes, offsets, validity) : new CsvDictionary(/** @type {Uint32Array} */ (codes), new CsvStrings(bytes, offsets, undefined), validity)
}

/**
 * @param {CsvTable} table
 * @param {string} name
 * @returns {Column}
 */
function ofTable (table, name) {
  const column = table.columns[name]
  const type = table.types[name]
  const validity = table.validity[name]
  const nulls = { validity, nullCount: validity === undefined ? 0 : nullsOf(validity, table.rowCount) }
  if (column instanceof CsvStrings || column instanceof CsvDictionary) return { name, ...ofTexts(column, `data.columns.${name}`), ...nulls }
  return { name, type: type.startsWith('date') ? 'date' : /** @type {any} */ (type), length: table.rowCount, values: column, ...nulls }
}

/**
 * @param {CsvStrings | CsvDictionary} column
 * @param {string} parameter
 */
function ofTexts (column, parameter) {
  const { length: size } = (column instanceof CsvStrings ? column : column.values).bytes
  if (size >= MOST_TEXT) throw invalidValue(parameter, size, EXPECTED_TEXT)
  const { validity, length } = column
  const nulls = { length, validity, nullCount: validity === undefined ? 0 : nullsOf(validity, length) }
  const texts = (/** @type {CsvStrings} */ { bytes, offsets }) => ({ bytes, offsets })
  return column instanceof CsvStrings
    ? { type: /** @type {const} */ ('utf8'), texts: texts(column), ...nulls }
    : { type: /** @type {const} */ ('dictionary'), codes: column.codes, texts: texts(column.values), ...nulls }
}

/**
 * @param {any} values
 * @param {string} parameter
 * @returns {Omit<Column, 'name'>}
 */
function ofValues (values, parameter) {
  if (values instanceof CsvStrings || values instanceof CsvDictionary) return ofTexts(values, parameter)
  const element = elementOf(values)
  if (element !== -1) return { type: TYPES[ELEMENTS[element]], length: values.length, values, nullCount: 0 }
  if (!Array.isArray(values)) throw invalidType(parameter, 'a typed array, an Array, or a column of text', values)
  return ofArray(values, parameter)
}

/**
 * What is neither null nor undefined must be of one kind: texts, numbers, bigints, booleans or Dates.
 *
 * @param {any[]} values
 * @param {string} parameter
 * @returns {Omit<Column, 'name'>}
 */
function ofArray (values, parameter) {
  const { length } = values
  const validity = new Uint8Array(Math.ceil(length / 8))
  let nullCount = 0
  /** @type {string | undefined} */
  let kind
  for (let row = 0; row < length; row++) {
    const value = values[row]
    if (value === null || value === undefined) {
      nullCount++
      continue
    }
    validity[row >> 3] |= 1 << (row & 7)
    const found = types.isDate(value) ? 'date' : typeof value
    if (!Object.hasOwn(KINDS, found)) throw invalidType(`${parameter}[${row}]`, 'a string, number, bigint, boolean, Date or null', value)
    kind ??= found
    if (kind !== found) throw invalidType(`${parameter}[${row}]`, `of the kind of the values before it, ${kind}`, value)
  }
  return { length, nullCount, validity: nullCount === 0 ? undefined : validity, ...KINDS[kind ?? 'string'](values, parameter) }
}

/** @type {Record<string, (values: any[], parameter: string) => { type: import('./arrow/types').Type, values?: any, texts?: import('./arrow/types').Texts }>} */
const KINDS = {
  number: (values) => ({ type: 'f64', values: Float64Array.from(values, (value) => value ?? NaN) }),
  bigint: (values, parameter) => ({
    type: 'i64',
    values: BigInt64Array.from(values, (value, row) => {
      const number = value ?? 0n
      if (BigInt.asIntN(64, number) !== number) throw invalidValue(`${parameter}[${row}]`, number, 'must fit 64 bits')
      return number
    })
  }),
  boolean: (values) => ({ type: 'bool', values: Uint8Array.from(values, (value) => value === true ? 1 : 0) }),
  date: (values) => ({ type: 'date', values: Float64Array.from(values, (value) => value === null || value === undefined ? NaN : value.getTime()) }),
  string: (values, parameter) => ({ type: 'utf8', texts: joined(values, parameter) })
}

/**
 * @param {(string | null | undefined)[]} values
 * @param {string} parameter
 */
function joined (values, parameter) {
  const offsets = new Uint32Array(values.length + 1)
  let length = 0
  values.forEach((value, row) => {
    length += value === null || value === undefined ? 0 : Buffer.byteLength(value)
    if (length >= MOST_TEXT) throw invalidValue(parameter, length, EXPECTED_TEXT)
    offsets[row + 1] = length
  })
  const bytes = Buffer.allocUnsafeSlow(length)
  values.forEach((value, row) => { if (value !== null && value !== undefined) bytes.write(value, offsets[row]) })
  return { bytes, offsets }
}

/**
 * @param {Uint8Array} validity
 * @param {number} length
 */
function nullsOf (validity, length) {
  let count = 0
  for (let row = 0; row < length; row++) if (isNull(validity, row)) count++
  return count
}

module.exports = { toArrow, fromArrow }
