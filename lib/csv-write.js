'use strict'
// Typed columns on their way to a lane, one behind the other.

const { types } = require('node:util')
const { native } = require('./native')
const { Plan } = require('./plan')
const { packArray } = require('./csv-arrays')
const { BOOLS, DATES, DICTIONARY, NUMBERS, TEXTS, MOST_BYTES, MOST_TEXT } = require('./csv-kinds')
const { CsvStrings, CsvDictionary } = require('./csv-columns')
const { run } = require('./task')

/** @type {import('./task-entry').Operation} */
const OPERATION = { name: 'csv.stringify', submit: native.submitCsvWrite }

/** In the order of Node-API's numbers for them. */
const ELEMENTS = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array]

/**
 * @typedef {object} Column
 * @property {string} name
 * @property {number} kind
 * @property {number} element
 * @property {Uint8Array | undefined} validity
 * @property {any[]} arrays
 */
/** @typedef {Column[]} Packed */

/**
 * @param {import('./csv-table').CsvTable} table
 * @param {string[]} names
 * @returns {Packed | undefined}
 */
function packTable (table, names) {
  return all(names, (name) => {
    const type = table.types[name]
    return describe(name, table.columns[name], type === 'bool' ? BOOLS : type.startsWith('date') ? DATES : NUMBERS, table.validity[name])
  })
}

/**
 * @param {string[]} names
 * @param {any[]} columns
 * @returns {Packed | undefined}
 */
function packColumns (names, columns) {
  return all(names, (name, index) => describe(name, columns[index], NUMBERS, undefined))
}

/**
 * Columns of which some are arrays. The loop may turn wherever it yields.
 *
 * @param {string[]} names
 * @param {any[]} columns
 * @returns {Generator<undefined, Packed | undefined>} undefined if one of them is no typed column, and cannot become one
 */
function * packArrays (names, columns) {
  /** @type {Packed} */
  const packed = []
  for (let index = 0; index < names.length; index++) {
    const [name, column] = [names[index], columns[index]]
    const found = Array.isArray(column) ? yield * packArray(name, column) : describe(name, column, NUMBERS, undefined)
    if (found === undefined) return undefined
    packed.push(found)
  }
  return packed
}

/**
 * @param {string[]} names
 * @param {(name: string, index: number) => Column | undefined} describe
 * @returns {Packed | undefined} undefined if one of them is none
 */
function all (names, describe) {
  const columns = []
  for (const [index, name] of names.entries()) {
    const column = describe(name, index)
    if (column === undefined) return undefined
    columns.push(column)
  }
  return columns
}

/**
 * @param {string} name
 * @param {any} column
 * @param {number} kind of an array
 * @param {Uint8Array | undefined} validity
 * @returns {Column | undefined} undefined for what is no typed column
 */
function describe (name, column, kind, validity) {
  if (column instanceof CsvStrings) return { name, kind: TEXTS, element: 0, validity: column.validity, arrays: [column.offsets, column.bytes] }
  if (column instanceof CsvDictionary) return { name, kind: DICTIONARY, element: 0, validity: column.validity, arrays: [column.codes, column.values.offsets, column.values.bytes] }
  const element = types.isTypedArray(column) ? ELEMENTS.findIndex((Class) => column instanceof Class) : -1
  const fits = kind === NUMBERS ? element !== -1 : ELEMENTS[element] === (kind === BOOLS ? Uint8Array : Float64Array)
  return fits ? { name, kind, element, validity, arrays: [column] } : undefined
}

/**
 * @param {Packed} columns
 * @param {number} rows
 * @param {import('./csv-stringify').Style} style
 * @param {boolean} buffer whether it is asked for, and not a string
 * @param {import('./options').TaskSettings} task
 * @returns {Promise<string | Buffer>}
 */
function write (columns, rows, style, buffer, task) {
  const plan = new Plan().byte(style.delimiter.charCodeAt(0)).byte(style.quote.charCodeAt(0))
  plan.byte(style.newline === '\n' ? 0 : 1).byte(style.header ? 1 : 0).byte(style.escapes ? 1 : 0)
  plan.number(rows).number(buffer ? MOST_BYTES : MOST_TEXT).number(columns.length)
  /** @type {any[]} */
  const parts = []
  for (const { name, kind, element, validity, arrays } of columns) {
    // Names of JavaScript may hold what UTF-8 cannot; on the spot, too, they become U+FFFD on their way to bytes.
    plan.text(/** @type {any} */ (name).toWellFormed(), 'data').byte(kind).byte(element).byte(validity === undefined ? 0 : 1)
    if (validity !== undefined) {
      plan.number(validity.byteLength)
      parts.push(validity)
    }
    for (let index = 0; index < 3; index++) plan.number(arrays[index]?.byteLength ?? 0)
    parts.push(...arrays)
  }
  const bytes = Buffer.allocUnsafeSlow(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let at = 0
  for (const { buffer: memory, byteOffset, byteLength } of parts) {
    bytes.set(new Uint8Array(memory, byteOffset, byteLength), at)
    at += byteLength
  }
  return run(OPERATION, task, bytes, true, buffer ? undefined : (text) => text.toString(), plan.bytes())
}

module.exports = { packTable, packColumns, packArrays, write }
