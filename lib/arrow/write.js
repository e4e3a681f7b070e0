'use strict'
// Columns as Arrow IPC: https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc. Only metadata is made here; values go out as they are.

const { encode } = require('./flatbuffer')
const { HEADER, INTEGERS, KIND, VERSION } = require('./types')

/** @typedef {import('./types').Column} Column */
/** @typedef {import('./flatbuffer').Fields} Fields */
/** @typedef {import('./flatbuffer').Value} Value */

const MAGIC = Buffer.from('ARROW1')
/** Before the length of a message's metadata; with a length of 0 the end. */
const CONTINUATION = 0xffffffff
/** Buffers of a body begin at a multiple of so many bytes. */
const ALIGN = 64
const PADDING = Buffer.alloc(ALIGN)

/** @type {(type: 'u8' | 'i16' | 'i32' | 'i64', value: number) => Value} */
const number = (type, value) => ({ type, value })
/** @type {(fields: Fields) => Value} */
const table = (fields) => ({ type: 'table', fields })

/**
 * @param {Column[]} columns all of `rows` rows
 * @param {number} rows
 * @param {'stream' | 'file'} format
 * @returns {Uint8Array[]} the bytes in their order; long ones are those of the columns
 */
function write (columns, rows, format) {
  const out = new Output()
  if (format === 'file') out.add(Buffer.concat([MAGIC, PADDING.subarray(0, 2)]))
  const schema = schemaOf(columns)
  out.message(HEADER.schema, schema, [])
  /** @type {number[][]} */
  const dictionaries = []
  columns.forEach((column, id) => {
    if (column.type !== 'dictionary' || column.texts === undefined) return
    const length = column.texts.offsets.length - 1
    const { fields, buffers } = batchOf([{ name: '', type: 'utf8', length, texts: column.texts, nullCount: 0 }], length)
    dictionaries.push(out.message(HEADER.dictionary, [number('i64', id), table(fields)], buffers))
  })
  const { fields, buffers } = batchOf(columns, rows)
  const block = out.message(HEADER.record, fields, buffers)
  out.add(metadata(Buffer.alloc(0)))
  if (format === 'file') {
    const footer = encode([number('i16', VERSION), table(schema), { type: 'structs', size: 24, items: dictionaries }, { type: 'structs', size: 24, items: [block] }])
    const length = Buffer.alloc(4)
    length.writeUInt32LE(footer.length)
    out.add(Buffer.concat([footer, length, MAGIC]))
  }
  return out.chunks
}

/** What was written, and how long it is. */
class Output {
  /** @type {Uint8Array[]} */
  chunks = []
  length = 0

  /** @param {Uint8Array} bytes */
  add (bytes) {
    this.chunks.push(bytes)
    this.length += bytes.length
  }

  /**
   * @param {number} kind
   * @param {Fields} header
   * @param {Uint8Array[]} buffers
   * @returns {number[]} a Block of the footer: where it is, how long its metadata and its body are
   */
  message (kind, header, buffers) {
    const offset = this.length
    const bodyLength = buffers.reduce((sum, { length }) => sum + padded(length), 0)
    const head = metadata(encode([number('i16', VERSION), number('u8', kind), table(header), number('i64', bodyLength)]))
    this.add(head)
    for (const bytes of buffers) {
      this.add(bytes)
      if (bytes.length % ALIGN !== 0) this.add(PADDING.subarray(bytes.length % ALIGN))
    }
    return [offset, head.length, bodyLength]
  }
}

/**
 * With its length before it; the body behind it begins at a multiple of 8.
 *
 * @param {Uint8Array} bytes
 */
function metadata (bytes) {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(CONTINUATION, 0)
  head.writeUInt32LE(bytes.length, 4)
  return Buffer.concat([head, bytes])
}

/** @param {number} length */
const padded = (length) => Math.ceil(length / ALIGN) * ALIGN

/**
 * @param {Column[]} columns
 * @returns {Fields}
 */
function schemaOf (columns) {
  return [number('i16', 0), { type: 'tables', items: columns.map(fieldOf) }]
}

/**
 * @param {Column} column
 * @param {number} id
 * @returns {Fields}
 */
function fieldOf ({ name, type }, id) {
  const int = (/** @type {string} */ type) => table([number('i32', INTEGERS[type].bits), number('u8', Number(INTEGERS[type].signed))])
  const field = (/** @type {number} */ kind, /** @type {Value} */ value, /** @type {Value | undefined} */ dictionary = undefined) =>
    [/** @type {Value} */ ({ type: 'string', value: name }), number('u8', 1), number('u8', kind), value, dictionary, /** @type {Value} */ ({ type: 'tables', items: [] })]
  switch (type) {
    case 'f64': return field(KIND.float, table([number('i16', 2)]))
    case 'f32': return field(KIND.float, table([number('i16', 1)]))
    case 'bool': return field(KIND.bool, table([]))
    case 'date': return field(KIND.timestamp, table([number('i16', 1), { type: 'string', value: 'UTC' }]))
    case 'utf8': return field(KIND.utf8, table([]))
    case 'dictionary': return field(KIND.utf8, table([]), table([number('i64', id), int('i32')]))
    default: return field(KIND.int, int(type))
  }
}

/**
 * @param {Column[]} columns
 * @param {number} rows
 * @returns {{ fields: Fields, buffers: Uint8Array[] }}
 */
function batchOf (columns, rows) {
  const buffers = columns.flatMap((column) => [column.validity ?? PADDING.subarray(0, 0), ...buffersOf(column)])
  let offset = 0
  const places = buffers.map(({ length }) => {
    const place = [offset, length]
    offset += padded(length)
    return place
  })
  return {
    fields: [
      number('i64', rows),
      { type: 'structs', size: 16, items: columns.map(({ length, nullCount }) => [length, nullCount]) },
      { type: 'structs', size: 16, items: places }
    ],
    buffers
  }
}

/**
 * @param {Column} column
 * @returns {Uint8Array[]}
 */
function buffersOf ({ type, length, values, texts, codes }) {
  if (type === 'utf8' && texts !== undefined) return [bytesOf(texts.offsets), texts.bytes]
  if (type === 'dictionary' && codes !== undefined) return [bytesOf(codes)]
  if (type === 'date') return [millisecondsOf(/** @type {any} */ (values))]
  if (type === 'bool') return [bitsOf(/** @type {any} */ (values), length)]
  return [bytesOf(/** @type {any} */ (values))]
}

/** @param {NodeJS.TypedArray} array */
const bytesOf = (array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

/**
 * Doubles as 64-bit integers. In halves: a BigInt of each costs 60 ns.
 *
 * @param {Float64Array} dates
 */
function millisecondsOf (dates) {
  const halves = new Int32Array(2 * dates.length)
  for (let i = 0; i < dates.length; i++) {
    const ms = dates[i]
    if (Number.isNaN(ms)) continue
    const high = Math.floor(ms / 2 ** 32)
    halves[2 * i] = ms - high * 2 ** 32
    halves[2 * i + 1] = high
  }
  return bytesOf(halves)
}

/**
 * @param {Uint8Array} values
 * @param {number} length
 */
function bitsOf (values, length) {
  const bits = new Uint8Array(Math.ceil(length / 8))
  for (let i = 0; i < length; i++) if (values[i] === 1) bits[i >> 3] |= 1 << (i & 7)
  return bits
}

module.exports = { write }
