'use strict'
// Columns of text: bytes, decoded when asked for.

const { constants } = require('node:buffer')
const { types } = require('node:util')
const { toBytes } = require('./bytes')

/** Positions as in src/ops/csv.rs. */
const TYPES = ['f64', 'i32', 'i64', 'bool', 'utf8', 'dict', 'date', 'date-dmy', 'date-mdy', 'date-unix']

/**
 * @param {Uint8Array | undefined} validity
 * @param {number} index
 * @returns {boolean}
 */
function isNull (validity, index) {
  return validity !== undefined && (validity[index >> 3] & (1 << (index & 7))) === 0
}

class CsvStrings {
  /**
   * @param {Buffer} bytes
   * @param {Uint32Array} offsets
   * @param {Uint8Array | undefined} validity
   */
  constructor (bytes, offsets, validity) {
    this.bytes = bytes
    this.offsets = offsets
    this.validity = validity
  }

  get length () {
    return this.offsets.length - 1
  }

  /**
   * @param {number} index
   * @returns {string | null | undefined}
   */
  get (index) {
    if (!(index >= 0 && index < this.length)) return undefined
    if (isNull(this.validity, index)) return null
    return this.bytes.toString('utf8', this.offsets[index], this.offsets[index + 1])
  }

  /** @returns {(string | null)[]} */
  toArray () {
    const { bytes, offsets, length } = this
    const all = bytes.length < constants.MAX_STRING_LENGTH ? bytes.toString('latin1') : undefined
    const values = new Array(length)
    // Parts of one string cost a third of strings decoded one by one, where bytes are characters.
    const ascii = all !== undefined && isAscii(bytes)
    for (let index = 0; index < length; index++) {
      values[index] = ascii && !isNull(this.validity, index) ? all.slice(offsets[index], offsets[index + 1]) : this.get(index)
    }
    return values
  }

  * [Symbol.iterator] () {
    for (let index = 0; index < this.length; index++) yield /** @type {string | null} */ (this.get(index))
  }
}

class CsvDictionary {
  /** @type {(string | null)[] | undefined} */
  #decoded

  /**
   * @param {Uint32Array} codes
   * @param {CsvStrings} values
   * @param {Uint8Array | undefined} validity
   */
  constructor (codes, values, validity) {
    this.codes = codes
    this.values = values
    this.validity = validity
  }

  get length () {
    return this.codes.length
  }

  /**
   * @param {number} index
   * @returns {string | null | undefined}
   */
  get (index) {
    if (!(index >= 0 && index < this.length)) return undefined
    if (isNull(this.validity, index)) return null
    this.#decoded ??= this.values.toArray()
    return this.#decoded[this.codes[index]]
  }

  /** @returns {(string | null)[]} */
  toArray () {
    return [...this]
  }

  * [Symbol.iterator] () {
    for (let index = 0; index < this.length; index++) yield /** @type {string | null} */ (this.get(index))
  }
}

/**
 * Throws for a column, or its bitmap of nulls, whose memory is not there any more: it would look empty. Called when all that is read of a call was read: a getter could detach what was looked at before.
 *
 * @param {any} column
 * @param {Uint8Array | undefined} validity
 * @param {string} name the parameter
 */
function checkAttached (column, validity, name) {
  if (types.isTypedArray(column)) toBytes(column, name)
  if (validity !== undefined) toBytes(validity, name)
  if (column instanceof CsvStrings) {
    toBytes(column.bytes, name)
    checkAttached(column.offsets, column.validity, name)
  } else if (column instanceof CsvDictionary) {
    checkAttached(column.codes, column.validity, name)
    checkAttached(column.values, undefined, name)
  }
}

/** @param {Uint8Array} bytes */
function isAscii (bytes) {
  // Came with Node 18.15.
  return require('node:buffer').isAscii(bytes)
}

module.exports = { TYPES, CsvStrings, CsvDictionary, checkAttached, isNull }
