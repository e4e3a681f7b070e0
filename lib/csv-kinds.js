'use strict'
// Numbers that src/ops/csv_write.rs knows.

module.exports = {
  /** Kinds of columns, and the arrays of each: numbers; truth values; milliseconds; offsets and bytes; codes, offsets and bytes. */
  NUMBERS: 0,
  BOOLS: 1,
  DATES: 2,
  TEXTS: 3,
  DICTIONARY: 4,
  /** Its position among the element types. */
  FLOAT64: 8,
  /** Bytes of a text: the longest string; what a Buffer of every Node may have. */
  MOST_TEXT: 2 ** 29 - 24,
  MOST_BYTES: 2 ** 32 - 1
}
