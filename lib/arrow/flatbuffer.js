'use strict'
// The part of FlatBuffers (https://flatbuffers.dev/internals/) that Arrow's metadata needs: tables, vectors, strings and structs. Written front to back, each table with a vtable of its own.

/**
 * @typedef {(
 *   { type: 'u8' | 'i16' | 'i32' | 'i64', value: number } |
 *   { type: 'table', fields: Fields } |
 *   { type: 'string', value: string } |
 *   { type: 'tables', items: Fields[] } |
 *   { type: 'structs', size: number, items: ArrayLike<number>[] }
 * )} Value Structs are all of 64-bit integers here.
 */

/** By number of the field; undefined is left out, which means its default. @typedef {(Value | undefined)[]} Fields */

const SIZES = { u8: 1, i16: 2, i32: 4, i64: 8, table: 4, string: 4, tables: 4, structs: 4 }

class Writer {
  #bytes = Buffer.alloc(1024)
  #length = 0

  /**
   * A root table. Its length is a multiple of 8.
   *
   * @param {Fields} fields
   */
  root (fields) {
    const root = this.#take(4, 4)
    this.#point(root, this.#table(fields))
    this.#take(0, 8)
    return this.#bytes.subarray(0, this.#length)
  }

  /**
   * Zeroed room.
   *
   * @param {number} size
   * @param {number} align
   */
  #take (size, align) {
    const at = Math.ceil(this.#length / align) * align
    this.#length = at + size
    if (this.#length > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], 2 * this.#length)
    return at
  }

  /**
   * @param {number} from where the offset is
   * @param {number} to
   */
  #point (from, to) {
    this.#bytes.writeUInt32LE(to - from, from)
  }

  /**
   * @param {Fields} fields
   * @returns {number} where it is
   */
  #table (fields) {
    const vtable = this.#take(4 + 2 * fields.length, 8)
    // 4 bytes that lead to the vtable, and then the fields, each at a multiple of its size.
    let size = 4
    const places = fields.map((field) => {
      if (field === undefined) return 0
      const place = Math.ceil(size / SIZES[field.type]) * SIZES[field.type]
      size = place + SIZES[field.type]
      return place
    })
    const table = this.#take(size, 8)
    this.#bytes.writeUInt16LE(4 + 2 * fields.length, vtable)
    this.#bytes.writeUInt16LE(size, vtable + 2)
    places.forEach((place, i) => this.#bytes.writeUInt16LE(place, vtable + 4 + 2 * i))
    this.#bytes.writeInt32LE(table - vtable, table)
    fields.forEach((field, i) => { if (field !== undefined) this.#value(table + places[i], field) })
    return table
  }

  /**
   * @param {number} at
   * @param {Value} value
   */
  #value (at, value) {
    switch (value.type) {
      case 'u8': this.#bytes[at] = value.value; break
      case 'i16': this.#bytes.writeInt16LE(value.value, at); break
      case 'i32': this.#bytes.writeInt32LE(value.value, at); break
      case 'i64': this.#bytes.writeBigInt64LE(BigInt(value.value), at); break
      case 'table': this.#point(at, this.#table(value.fields)); break
      case 'string': this.#point(at, this.#string(value.value)); break
      case 'tables': this.#point(at, this.#tables(value.items)); break
      default: this.#point(at, this.#structs(value.size, value.items))
    }
  }

  /** @param {string} text */
  #string (text) {
    const length = Buffer.byteLength(text)
    const at = this.#take(4 + length + 1, 4)
    this.#bytes.writeUInt32LE(length, at)
    this.#bytes.write(text, at + 4)
    return at
  }

  /** @param {Fields[]} items */
  #tables (items) {
    const at = this.#take(4 + 4 * items.length, 4)
    this.#bytes.writeUInt32LE(items.length, at)
    items.forEach((fields, i) => this.#point(at + 4 + 4 * i, this.#table(fields)))
    return at
  }

  /**
   * @param {number} size
   * @param {ArrayLike<number>[]} items
   */
  #structs (size, items) {
    // The length stands right before the first struct, which is at a multiple of 8.
    const at = this.#take(4 + size * items.length + 4, 8) + 4
    this.#bytes.writeUInt32LE(items.length, at)
    items.forEach((numbers, i) => {
      for (let j = 0; j < numbers.length; j++) this.#bytes.writeBigInt64LE(BigInt(numbers[j]), at + 4 + size * i + 8 * j)
    })
    return at
  }
}

/** @param {Fields} fields */
const encode = (fields) => new Writer().root(fields)

/** A table that is read. What lies outside of the bytes throws a RangeError. */
class Table {
  #view
  #at
  #vtable

  /**
   * @param {DataView} view
   * @param {number} at
   */
  constructor (view, at) {
    this.#view = view
    this.#at = at
    this.#vtable = at - view.getInt32(at, true)
  }

  /**
   * The root of `bytes`.
   *
   * @param {Uint8Array} bytes
   */
  static root (bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return new Table(view, view.getUint32(0, true))
  }

  /** Of all that it is in. */
  get byteLength () {
    return this.#view.byteLength
  }

  /**
   * Where field `index` is, or undefined if it was left out.
   *
   * @param {number} index
   */
  #field (index) {
    const entry = 4 + 2 * index
    if (entry >= this.#view.getUint16(this.#vtable, true)) return undefined
    const place = this.#view.getUint16(this.#vtable + entry, true)
    return place === 0 ? undefined : this.#at + place
  }

  /**
   * Where what field `index` leads to is.
   *
   * @param {number} index
   */
  #target (index) {
    const at = this.#field(index)
    return at === undefined ? undefined : at + this.#view.getUint32(at, true)
  }

  /**
   * @param {number} index
   * @param {'u8' | 'i16' | 'i32' | 'i64'} type
   * @param {number} [otherwise] its default
   */
  number (index, type, otherwise = 0) {
    const at = this.#field(index)
    if (at === undefined) return otherwise
    switch (type) {
      case 'u8': return this.#view.getUint8(at)
      case 'i16': return this.#view.getInt16(at, true)
      case 'i32': return this.#view.getInt32(at, true)
      default: return Number(this.#view.getBigInt64(at, true))
    }
  }

  /** @param {number} index */
  string (index) {
    const at = this.#target(index)
    if (at === undefined) return ''
    const length = this.#view.getUint32(at, true)
    this.#reach(at + 4 + length)
    return Buffer.from(this.#view.buffer, this.#view.byteOffset + at + 4, length).toString()
  }

  /** @param {number} index */
  table (index) {
    const at = this.#target(index)
    return at === undefined ? undefined : new Table(this.#view, at)
  }

  /** @param {number} index */
  tables (index) {
    const at = this.#target(index)
    if (at === undefined) return []
    const length = this.#view.getUint32(at, true)
    this.#reach(at + 4 + 4 * length)
    return Array.from({ length }, (_, i) => {
      const item = at + 4 + 4 * i
      return new Table(this.#view, item + this.#view.getUint32(item, true))
    })
  }

  /**
   * Structs of 64-bit integers.
   *
   * @param {number} index
   * @param {number} size of a struct, in bytes
   */
  structs (index, size) {
    const at = this.#target(index)
    if (at === undefined) return []
    const length = this.#view.getUint32(at, true)
    this.#reach(at + 4 + size * length)
    return Array.from({ length }, (_, i) => Array.from({ length: size / 8 }, (_, j) => Number(this.#view.getBigInt64(at + 4 + size * i + 8 * j, true))))
  }

  /** @param {number} end */
  #reach (end) {
    if (end > this.#view.byteLength) throw new RangeError('outside of the metadata')
  }
}

module.exports = { encode, Table }
