'use strict'
// What csv.parse resolves to.

const { TYPES, CsvStrings, CsvDictionary, isNull } = require('./csv-columns')

class CsvTable {
  /** @type {((index: number) => any)[]} */
  #readers

  /**
   * @param {{ rowCount: number, skipped: number, names: string[], types: string[], invalid: number[], columns: any[], validity: (Uint8Array | undefined)[] }} parts in the order of the columns
   */
  constructor ({ rowCount, skipped, names, types, invalid, columns, validity }) {
    // Own properties, whatever the names: `__proto__` is one like others.
    const byName = (/** @type {any[]} */ values) => Object.fromEntries(names.map((name, index) => [name, values[index]]))
    this.rowCount = rowCount
    this.skipped = skipped
    this.names = names
    this.types = byName(types)
    this.columns = byName(columns)
    this.validity = byName(validity)
    this.invalid = byName(invalid)
    this.#readers = columns.map((column, index) => makeReader(types[index], column, validity[index]))
  }

  /**
   * @param {number} index
   * @returns {Record<string, any> | undefined}
   */
  row (index) {
    if (!(index >= 0 && index < this.rowCount)) return undefined
    return Object.fromEntries(this.names.map((name, column) => [name, this.#readers[column](index)]))
  }

  * rows () {
    for (let index = 0; index < this.rowCount; index++) yield /** @type {Record<string, any>} */ (this.row(index))
  }
}

/**
 * @param {number} type
 * @param {Uint8Array | undefined} validity
 * @param {any[]} arrays
 */
function makeColumn (type, validity, arrays) {
  if (TYPES[type] === 'utf8') return new CsvStrings(arrays[0], arrays[1], validity)
  if (TYPES[type] === 'dict') return new CsvDictionary(arrays[0], new CsvStrings(arrays[1], arrays[2], undefined), validity)
  return arrays[0]
}

/**
 * @param {string} type
 * @param {any} column
 * @param {Uint8Array | undefined} validity
 * @returns {(index: number) => any}
 */
function makeReader (type, column, validity) {
  if (type === 'utf8' || type === 'dict') return (index) => column.get(index)
  if (type === 'bool') return (index) => (isNull(validity, index) ? null : column[index] === 1)
  if (type.startsWith('date')) return (index) => (isNull(validity, index) ? null : new Date(column[index]))
  return (index) => (isNull(validity, index) ? null : column[index])
}

/** @param {any[]} found what src/ops/csv.rs returns */
function makeTable ([rowCount, skipped, description, ...found]) {
  const { names, types, invalid } = JSON.parse(description)
  const columns = found.map(([validity, ...arrays], index) => makeColumn(types[index], validity, arrays))
  return new CsvTable({ rowCount, skipped, names, types: types.map((/** @type {number} */ type) => TYPES[type]), invalid, columns, validity: found.map(([validity]) => validity) })
}

module.exports = { CsvTable, makeTable }
