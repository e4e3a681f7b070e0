'use strict'
// Arrow's types (Schema.fbs of the format, version 1.5), as far as columns have them.

/**
 * @typedef {'f64' | 'f32' | 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'i64' | 'u64' | 'bool' | 'date' | 'utf8' | 'dictionary'} Type
 * `date`: milliseconds since 1970. `bool`: a byte each.
 */

/**
 * A column as the writer takes it and the reader gives it.
 *
 * @typedef {object} Column
 * @property {string} name
 * @property {Type} type
 * @property {number} length
 * @property {NodeJS.TypedArray} [values] of numbers, dates (Float64Array) and booleans (Uint8Array)
 * @property {Texts} [texts] of utf8 columns; of dictionaries the different ones
 * @property {Int32Array | Uint32Array} [codes] of dictionaries: which of the texts
 * @property {Uint8Array | undefined} [validity] a bit for each row, the lowest first: 0 is null. None: no row is
 * @property {number} nullCount
 */

/**
 * @typedef {object} Texts
 * @property {Uint8Array} bytes UTF-8, one behind the other
 * @property {Int32Array | Uint32Array} offsets where each begins, and the last one's end
 */

/** MetadataVersion.V5. */
const VERSION = 4
const HEADER = { schema: 1, dictionary: 2, record: 3 }
const KIND = { null: 1, int: 2, float: 3, utf8: 5, bool: 6, date: 8, timestamp: 10, largeUtf8: 20 }
/** Names for messages, by number. */
const KIND_NAMES = [
  'none', 'Null', 'Int', 'FloatingPoint', 'Binary', 'Utf8', 'Bool', 'Decimal', 'Date', 'Time', 'Timestamp', 'Interval', 'List', 'Struct', 'Union', 'FixedSizeBinary', 'FixedSizeList',
  'Map', 'Duration', 'LargeBinary', 'LargeUtf8', 'LargeList', 'RunEndEncoded', 'BinaryView', 'Utf8View', 'ListView', 'LargeListView'
]

/** @type {Record<string, { array: any, bits: number, signed: boolean }>} */
const INTEGERS = {
  i8: { array: Int8Array, bits: 8, signed: true },
  u8: { array: Uint8Array, bits: 8, signed: false },
  i16: { array: Int16Array, bits: 16, signed: true },
  u16: { array: Uint16Array, bits: 16, signed: false },
  i32: { array: Int32Array, bits: 32, signed: true },
  u32: { array: Uint32Array, bits: 32, signed: false },
  i64: { array: BigInt64Array, bits: 64, signed: true },
  u64: { array: BigUint64Array, bits: 64, signed: false }
}

module.exports = { VERSION, HEADER, KIND, KIND_NAMES, INTEGERS }
