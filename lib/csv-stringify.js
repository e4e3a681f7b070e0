'use strict'
// csv.stringify. Typed columns go to a lane, and arrays that can become some. All else are values of JavaScript, which can be read on its own thread only: a large text of them is made in slices, between which the loop turns.

const { types } = require('node:util')
const { CsvTable } = require('./csv-table')
const { CsvStrings, CsvDictionary, checkAttached, isNull } = require('./csv-columns')
const { readByte } = require('./csv-dialect')
const { TooLargeError } = require('./errors')
const { packTable, packColumns, packArrays, write } = require('./csv-write')
const { readTaskOptions } = require('./options')
const { checkBoolean, checkOptions, checkString, isArray, oneOf, invalidType, invalidValue } = require('./validate')

const FORMULAS = ['keep', 'escape']
/** Milliseconds of a slice, and rows between two looks at the clock. */
const SLICE = 5
const ROWS = 64
/** The longest string of Node. */
const LONGEST = 2 ** 29 - 24
/** Values up to which a text costs the loop less on the spot than in a lane. */
const INLINE_CELLS = 32

/**
 * What is to be written.
 *
 * @typedef {object} Source
 * @property {string[]} names
 * @property {number} length
 * @property {(row: number, column: number) => any} at
 * @property {import('./csv-write').Packed | undefined} packed the columns, if all are typed
 * @property {undefined | (() => Generator<undefined, import('./csv-write').Packed | undefined>)} pack makes them, where some are arrays
 */

/**
 * @typedef {object} Style
 * @property {string} delimiter
 * @property {string} newline
 * @property {boolean} header
 * @property {string} quote
 * @property {boolean} escapes
 * @property {(text: string) => string} write a text as a field
 * @property {string} empty a row of one empty field, which as an empty line would not count
 */

/**
 * @param {any} columns
 * @returns {string[] | undefined}
 */
function readNames (columns) {
  if (columns === undefined) return undefined
  if (!isArray(columns)) throw invalidType('options.columns', 'an Array of names', columns)
  return Array.from(columns, (name, index) => {
    checkString(name, `options.columns[${index}]`)
    return name
  })
}

/**
 * @param {any} data
 * @param {string[] | undefined} columns
 * @returns {Source}
 */
function readSource (data, columns) {
  if (Array.isArray(data)) return ofRows(data, columns)
  if (data instanceof CsvTable) return ofTable(data, columns)
  checkOptions(data, 'data')
  return ofColumns(data, columns ?? Object.keys(data))
}

/**
 * @param {any[]} rows objects, or arrays, all of which are one kind
 * @param {string[] | undefined} columns
 * @returns {Source}
 */
function ofRows (rows, columns) {
  const arrays = Array.isArray(rows[0])
  const names = columns ?? (arrays || rows.length === 0 ? [] : Object.keys(Object(rows[0])))
  const width = arrays && columns === undefined ? Math.max(0, ...rows.slice(0, 1).map((row) => row.length)) : names.length
  return {
    names: arrays && columns === undefined ? Array.from({ length: width }, (_, index) => String(index)) : names,
    length: rows.length,
    packed: undefined,
    pack: undefined,
    at: (index, column) => {
      const row = rows[index]
      if (row === null || typeof row !== 'object' || Array.isArray(row) !== arrays) throw invalidType(`data[${index}]`, arrays ? 'an instance of Array' : 'of type object', row)
      if (arrays) return row[column]
      return Object.hasOwn(row, names[column]) ? row[names[column]] : undefined
    }
  }
}

/**
 * @param {CsvTable} table
 * @param {string[]} [names]
 * @returns {Source}
 */
function ofTable (table, names = table.names) {
  const columns = names.map((name) => {
    if (!table.names.includes(name)) throw invalidValue('options.columns', name, 'must be names of the table')
    const column = table.columns[name]
    checkAttached(column, table.validity[name], `data.columns.${name}`)
    if (column?.length !== table.rowCount) throw invalidValue(`data.columns.${name}`, column, `must have as many elements as there are rows, ${table.rowCount}`)
    const type = table.types[name]
    if (column instanceof CsvStrings || column instanceof CsvDictionary) return (/** @type {number} */ row) => column.get(row)
    const validity = table.validity[name]
    const make = type === 'bool' ? (/** @type {any} */ value) => value === 1 : type.startsWith('date') ? toDate : (/** @type {any} */ value) => value
    return (/** @type {number} */ row) => (isNull(validity, row) ? null : make(column[row]))
  })
  return { names, length: table.rowCount, packed: packTable(table, names), pack: undefined, at: (row, column) => columns[column](row) }
}

/** @param {number} milliseconds */
function toDate (milliseconds) {
  const date = new Date(milliseconds)
  return Number.isNaN(date.getTime()) ? null : date
}

/**
 * @param {any} data
 * @param {string[]} names
 * @returns {Source}
 */
function ofColumns (data, names) {
  // Each is read once: a getter could answer differently the second time.
  const found = names.map((name) => Object.hasOwn(data, name) ? data[name] : undefined)
  const columns = found.map((column, index) => {
    const name = `data.${names[index]}`
    checkAttached(column, undefined, name)
    if (column instanceof CsvStrings || column instanceof CsvDictionary) return { length: column.length, get: (/** @type {number} */ row) => column.get(row) }
    if (!Array.isArray(column) && !types.isTypedArray(column)) throw invalidType(name, 'an instance of Array, TypedArray or a column of text', column)
    return { length: column.length, get: (/** @type {number} */ row) => /** @type {any} */ (column)[row] }
  })
  const length = columns[0]?.length ?? 0
  const wrong = columns.findIndex((column) => column.length !== length)
  if (wrong !== -1) throw invalidValue(`data.${names[wrong]}`, found[wrong], `must have as many elements as data.${names[0]}, ${length}`)
  return { names, length, packed: packColumns(names, found), pack: () => packArrays(names, found), at: (row, column) => columns[column].get(row) }
}

/**
 * @param {any} options
 * @returns {Style}
 */
function readStyle ({ delimiter = ',', quote = '"', newline = '\n', header = true, formulas = 'keep' }) {
  if (readByte(delimiter, 'options.delimiter') === readByte(quote, 'options.quote')) throw invalidValue('options.quote', quote, 'must not be the delimiter')
  oneOf(newline, 'options.newline', ['\n', '\r\n'])
  checkBoolean(header, 'options.header')
  const escapes = oneOf(formulas, 'options.formulas', FORMULAS) === 1
  const escaped = (/** @type {string} */ character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  // A byte-order mark at the beginning would be dropped.
  const special = new RegExp(`[${escaped(delimiter)}${escaped(quote)}\\r\\n]|^\\ufeff`)
  const quoted = (/** @type {string} */ text) => quote + text.replaceAll(quote, quote + quote) + quote
  return {
    delimiter,
    newline,
    header,
    quote,
    escapes,
    empty: quote + quote,
    write: (text) => {
      if (escapes && /^[=+\-@\t\r]/.test(text)) return quoted(`'${text}`)
      return special.test(text) ? quoted(text) : text
    }
  }
}

/**
 * @param {any} value
 * @param {Style} style
 * @param {Source} source
 * @param {number} row
 * @param {number} column
 * @returns {string}
 */
function writeValue (value, style, source, row, column) {
  switch (typeof value) {
    case 'string': return style.write(value)
    case 'undefined': return ''
    // No formula, but it may hold a delimiter that is a point or a digit.
    case 'number': case 'bigint': case 'boolean': return writeLiteral(String(value), style)
  }
  if (value === null) return ''
  if (types.isDate(value) && !Number.isNaN(value.getTime())) return style.write(value.toISOString())
  throw invalidType(`data[${row}].${source.names[column]}`, 'null, a valid Date, or of type string, number, bigint or boolean', value)
}

/**
 * @param {string} text
 * @param {Style} style
 */
function writeLiteral (text, style) {
  return text.includes(style.delimiter) || text.includes(style.empty[0]) ? style.empty[0] + text.replaceAll(style.empty[0], style.empty) + style.empty[0] : text
}

/**
 * The lines of a text, some at a time.
 *
 * @param {Source} source
 * @param {Style} style
 */
function * lines (source, style) {
  const width = source.names.length
  const end = (/** @type {string} */ line) => (line === '' ? style.empty : line) + style.newline
  if (width === 0) return
  if (style.header) yield end(source.names.map(style.write).join(style.delimiter))
  let text = ''
  for (let row = 0; row < source.length; row++) {
    let line = ''
    for (let column = 0; column < width; column++) {
      if (column > 0) line = joined(line, style.delimiter)
      line = joined(line, writeValue(source.at(row, column), style, source, row, column))
    }
    text = joined(text, end(line))
    if (row % ROWS === ROWS - 1) {
      yield text
      text = ''
    }
  }
  yield text
}

const AS = ['string', 'buffer']

/** @param {any} options */
function readOptions (options) {
  checkOptions(options)
  const { as = 'string', columns } = options
  return { names: readNames(columns), style: readStyle(options), buffer: oneOf(as, 'options.as', AS) === 1 }
}

/**
 * @param {any} data
 * @param {any} [options]
 * @returns {string | Buffer}
 */
function stringifySync (data, options = {}) {
  const { names, style, buffer } = readOptions(options)
  let text = ''
  for (const part of lines(readSource(data, names), style)) text = joined(text, part)
  return buffer ? Buffer.from(text) : text
}

/**
 * @param {any} data
 * @param {any} [options]
 * @returns {Promise<string | Buffer>}
 */
function stringify (data, options = {}) {
  const { names, style, buffer } = readOptions(options)
  const task = readTaskOptions(options)
  // After the options, whose getters are anybody's.
  const source = readSource(data, names)
  const small = source.length * source.names.length <= INLINE_CELLS
  if (task.inline ?? small) return collect(source, style, buffer, task.signal)
  if (source.packed !== undefined) return write(source.packed, source.length, style, buffer, task)
  return source.pack === undefined ? collect(source, style, buffer, task.signal) : packAndWrite(source, source.pack(), style, buffer, task)
}

/**
 * @param {Source} source
 * @param {Generator<undefined, import('./csv-write').Packed | undefined>} packing
 * @param {Style} style
 * @param {boolean} buffer
 * @param {import('./options').TaskSettings} task
 */
async function packAndWrite (source, packing, style, buffer, task) {
  const packed = await inSlices(packing, () => {}, task.signal)
  return packed === undefined ? collect(source, style, buffer, task.signal) : write(packed, source.length, style, buffer, task)
}

/**
 * @param {string} text
 * @param {string} part
 */
function joined (text, part) {
  const length = text.length + part.length
  if (length > LONGEST) throw tooLong()
  return text + part
}

function tooLong () {
  return new TooLargeError({ message: `There are more than ${LONGEST} characters of text`, limit: LONGEST, received: LONGEST + 1 })
}

/**
 * @param {Source} source
 * @param {Style} style
 * @param {boolean} buffer
 * @param {AbortSignal | undefined} signal
 */
async function collect (source, style, buffer, signal) {
  let text = ''
  await inSlices(lines(source, style), (part) => { text = joined(text, part) }, signal)
  return buffer ? Buffer.from(text) : text
}

/**
 * Takes the parts of a work, and lets the loop turn now and then.
 *
 * @template P, T
 * @param {Generator<P, T>} work
 * @param {(part: P) => void} take
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<T>} what the work returns
 */
async function inSlices (work, take, signal) {
  let began = performance.now()
  signal?.throwIfAborted()
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
    take(value)
    if (performance.now() - began < SLICE) continue
    await new Promise((resolve) => { setImmediate(resolve) })
    signal?.throwIfAborted()
    began = performance.now()
  }
}

module.exports = { stringify, stringifySync }
