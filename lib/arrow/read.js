'use strict'
// Arrow IPC, stream or file, as columns. Nothing of the input is believed: each length is held against what there is before memory is taken for it.

const { Table } = require('./flatbuffer')
const { isNull } = require('../csv-columns')
const { HEADER, INTEGERS, KIND, KIND_NAMES } = require('./types')

/** @typedef {import('./types').Column} Column */
/** @typedef {import('./types').Type} Type */
/** @typedef {import('./types').Texts} Texts */
/** @typedef {{ name: string, type: Type, dictionary: number | undefined, unit: Unit, wide: boolean }} Field `wide`: offsets of 64 bits */
/** What a number of a date is: so many milliseconds, in 32 or 64 bits. @typedef {{ ms: number, bits: 32 | 64 } | undefined} Unit */
/** @typedef {{ length: number, nodes: number[][], buffers: number[][], body: Uint8Array }} Batch */

class Malformed extends Error {}
/** @type {(what: string) => never} */
const malformed = (what) => { throw new Malformed(what) }

/** Milliseconds of Arrow's TimeUnit: seconds, milliseconds, microseconds, nanoseconds. */
const TIME_UNITS = [1000, 1, 1e-3, 1e-6]

/**
 * @param {Uint8Array} data
 * @returns {{ rows: number, columns: Column[] }}
 * @throws {Malformed}
 */
function read (data) {
  try {
    return readAll(data)
  } catch (error) {
    if (error instanceof RangeError) return malformed('an offset leads outside of its message')
    throw error
  }
}

/** @param {Uint8Array} data */
function readAll (data) {
  /** @type {Field[] | undefined} */
  let fields
  /** @type {Dictionaries} */
  const dictionaries = new Map()
  /** @type {(Batch & { dictionaries: Dictionaries })[]} */
  const batches = []
  for (const { kind, header, body } of messages(data)) {
    if (kind === HEADER.schema) {
      if (fields !== undefined) malformed('it has two schemas')
      fields = fieldsOf(header)
    } else if (kind === HEADER.dictionary) {
      if (fields === undefined) return malformed('a dictionary comes before the schema')
      const id = header.number(0, 'i64')
      const field = fields.find(({ dictionary }) => dictionary === id)
      if (field === undefined) return malformed(`no column has dictionary ${id}`)
      const batch = batchOf(header.table(1) ?? malformed('a dictionary has no values'), body)
      const [texts] = columnsOf([{ ...field, type: 'utf8', dictionary: undefined }], batch)
      const { pieces, first, end } = dictionaries.get(id) ?? { pieces: [], first: 0, end: 0 }
      pieces.push(texts)
      // Batches before one that replaces another keep theirs: its texts come behind.
      dictionaries.set(id, { pieces, first: header.number(2, 'u8') === 1 ? first : end, end: end + texts.length })
    } else if (kind === HEADER.record) {
      batches.push({ ...batchOf(header, body), dictionaries: new Map(dictionaries) })
    } else {
      malformed(`it has a message of kind ${kind}, and only schemas, dictionaries and record batches are read`)
    }
  }
  if (fields === undefined) return malformed('it has no schema')
  const rows = batches.reduce((sum, { length }) => sum + length, 0)
  const pieces = batches.map((batch) => columnsOf(/** @type {Field[]} */ (fields), batch).map((column, i) => {
    const id = /** @type {Field[]} */ (fields)[i].dictionary
    return id === undefined ? column : withCodes(column, batch.dictionaries.get(id))
  }))
  const columns = fields.map((field, i) => {
    const column = joined(pieces.length === 0 ? [emptyOf(field)] : pieces.map((columns) => columns[i]))
    return field.dictionary === undefined ? column : withTexts(column, dictionaries.get(field.dictionary))
  })
  return { rows, columns }
}

/** Texts of a dictionary, as they came; and where those begin and end that the next batch uses. @typedef {{ pieces: Column[], first: number, end: number }} Dictionary */
/** @typedef {Map<number, Dictionary>} Dictionaries by number */
/** @typedef {{ kind: number, header: Table, body: Uint8Array }} Message */

/**
 * The messages of a file or a stream, dictionaries before batches.
 *
 * @param {Uint8Array} data
 * @returns {Generator<Message>}
 */
function * messages (data) {
  if (!isMagic(data, 0)) {
    let at = 0
    while (at + 4 <= data.length) {
      const { message, end } = messageAt(data, at)
      if (message === undefined) return
      yield message
      at = end
    }
    return
  }
  // A file says at its end where the messages are; some writers leave out the schema before them.
  const end = data.length - 10
  if (end < 8 || !isMagic(data, data.length - 6)) return malformed('its end is missing')
  const length = new DataView(data.buffer, data.byteOffset + end, 4).getUint32(0, true)
  if (length > end - 8) malformed('its footer is longer than the file')
  const footer = Table.root(data.subarray(end - length, end))
  yield { kind: HEADER.schema, header: footer.table(1) ?? malformed('it has no schema'), body: data.subarray(0, 0) }
  // Messages that lay over each other could make much of little.
  let left = data.length
  for (const [offset] of [...footer.structs(2, 24), ...footer.structs(3, 24)]) {
    if (!(offset >= 8 && offset < end)) malformed('its footer leads outside of the file')
    const { message, end: messageEnd } = messageAt(data, offset)
    left -= messageEnd - offset
    if (message === undefined || left < 0) return malformed('its footer names a message twice')
    yield message
  }
}

/**
 * @param {Uint8Array} data
 * @param {number} at
 */
function isMagic (data, at) {
  return Buffer.from(data.buffer, data.byteOffset, data.length).toString('latin1', at, at + 6) === 'ARROW1'
}

/**
 * @param {Uint8Array} data
 * @param {number} at
 * @returns {{ message: Message | undefined, end: number }} no message: the end of a stream
 */
function messageAt (data, at) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  let length = view.getUint32(at, true)
  at += 4
  // Before version 0.15 there was no mark.
  if (length === 0xffffffff) {
    length = view.getUint32(at, true)
    at += 4
  }
  if (length === 0) return { message: undefined, end: at }
  if (length > data.length - at) malformed('it ends within the metadata of a message')
  const message = Table.root(data.subarray(at, at + length))
  at += length
  const bodyLength = message.number(3, 'i64')
  if (!(bodyLength >= 0 && bodyLength <= data.length - at)) malformed('it ends within the body of a message')
  const end = at + bodyLength
  return { message: { kind: message.number(1, 'u8'), header: message.table(2) ?? malformed('a message has no header'), body: data.subarray(at, end) }, end }
}

/**
 * @param {Table} schema
 * @returns {Field[]}
 */
function fieldsOf (schema) {
  if (schema.number(0, 'i16') !== 0) malformed('its numbers are big-endian, which is not read')
  // Names that lay over each other could make much of little.
  let left = schema.byteLength
  const names = new Set()
  return schema.tables(1).map((table) => {
    const field = fieldOf(table)
    left -= Buffer.byteLength(field.name)
    if (left < 0) malformed('its names lie over each other')
    if (names.size === names.add(field.name).size) malformed('two columns have the same name')
    return field
  })
}

/**
 * @param {Table} field
 * @returns {Field}
 */
function fieldOf (field) {
  const name = field.string(0)
  const kind = field.number(2, 'u8')
  const type = field.table(3)
  const dictionary = field.table(4)
  const of = (/** @type {Type} */ type, /** @type {Unit} */ unit = undefined) => ({ name, type, dictionary: undefined, unit, wide: kind === KIND.largeUtf8 })
  if (dictionary !== undefined) {
    if (kind !== KIND.utf8 && kind !== KIND.largeUtf8) malformed(`column '${name}' is a dictionary of ${KIND_NAMES[kind] ?? kind}, and only dictionaries of texts are read`)
    const index = dictionary.table(1)
    const type = index === undefined ? 'i32' : integerOf(index)
    if (type !== 'i32' && type !== 'u32' && type !== 'i8' && type !== 'i16' && type !== 'u8' && type !== 'u16') malformed(`column '${name}' has a dictionary with indices of 64 bits, which are not read`)
    return { ...of(type), dictionary: dictionary.number(0, 'i64') }
  }
  switch (kind) {
    case KIND.int: return of(integerOf(type ?? malformed(`column '${name}' has no type`)))
    case KIND.float: {
      const precision = type?.number(0, 'i16') ?? 0
      if (precision === 0) malformed(`column '${name}' has floats of 16 bits, which are not read`)
      return of(precision === 1 ? 'f32' : 'f64')
    }
    case KIND.utf8:
    case KIND.largeUtf8: return of('utf8')
    case KIND.bool: return of('bool')
    case KIND.date: return of('date', (type?.number(0, 'i16', 1) ?? 1) === 0 ? { ms: 86_400_000, bits: 32 } : { ms: 1, bits: 64 })
    case KIND.timestamp: return of('date', { ms: TIME_UNITS[type?.number(0, 'i16') ?? 0] ?? malformed(`column '${name}' has an unknown unit of time`), bits: 64 })
    default: return malformed(`column '${name}' is of type ${KIND_NAMES[kind] ?? kind}, which is not read`)
  }
}

/**
 * @param {Table} int
 * @returns {Type}
 */
function integerOf (int) {
  const bits = int.number(0, 'i32')
  const signed = int.number(1, 'u8') === 1
  const found = Object.entries(INTEGERS).find(([, integer]) => integer.bits === bits && integer.signed === signed)
  return /** @type {Type} */ (found?.[0] ?? malformed(`it has integers of ${bits} bits`))
}

/**
 * @param {Table} header
 * @param {Uint8Array} body
 * @returns {Batch}
 */
function batchOf (header, body) {
  if (header.table(3) !== undefined) malformed('it is compressed, which is not read')
  const length = header.number(0, 'i64')
  if (!(length >= 0 && length < 2 ** 31)) malformed(`a batch has ${length} rows`)
  return { length, nodes: header.structs(1, 16), buffers: header.structs(2, 16), body }
}

/**
 * @param {Field[]} fields
 * @param {Batch} batch
 * @returns {Column[]}
 */
function columnsOf (fields, { length, nodes, buffers, body }) {
  let next = 0
  let left = body.length
  const buffer = () => {
    const [offset, size] = buffers[next++] ?? malformed('a batch has too few buffers')
    if (!(offset >= 0 && size >= 0 && offset + size <= body.length)) malformed('a buffer leads outside of its message')
    left -= size
    if (left < 0) malformed('its buffers lie over each other')
    return body.subarray(offset, offset + size)
  }
  return fields.map((field, i) => {
    const [rows, nullCount] = nodes[i] ?? malformed('a batch has too few columns')
    if (rows !== length || !(nullCount >= 0 && nullCount <= rows)) malformed(`column '${field.name}' has ${rows} rows with ${nullCount} nulls in a batch of ${length}`)
    const bits = buffer()
    const validity = nullCount === 0 ? undefined : exactly(bits, Math.ceil(length / 8), field)
    const column = { name: field.name, type: field.type, length, validity, nullCount }
    if (field.type === 'utf8') return { ...column, texts: textsOf(field, length, buffer(), buffer()) }
    return { ...column, values: valuesOf(field, length, buffer()) }
  })
}

/**
 * @param {Uint8Array} bytes
 * @param {number} length
 * @param {Field} field
 */
function exactly (bytes, length, { name }) {
  return bytes.length < length ? malformed(`column '${name}' has ${bytes.length} bytes where ${length} are needed`) : bytes.subarray(0, length)
}

/**
 * @param {Field} field
 * @param {number} length
 * @param {Uint8Array} bytes
 */
function valuesOf (field, length, bytes) {
  const { type, unit } = field
  if (type === 'bool') {
    const bits = exactly(bytes, Math.ceil(length / 8), field)
    const values = new Uint8Array(length)
    for (let row = 0; row < length; row++) values[row] = bits[row >> 3] >> (row & 7) & 1
    return values
  }
  if (unit !== undefined) return datesOf(unit, length, bytes, field)
  if (type === 'f64') return viewOf(Float64Array, length, bytes, field)
  if (type === 'f32') return viewOf(Float32Array, length, bytes, field)
  return viewOf(INTEGERS[type].array, length, bytes, field)
}

/**
 * The memory itself where its place allows that.
 *
 * @param {any} Array
 * @param {number} length
 * @param {Uint8Array} bytes
 * @param {Field} field
 */
function viewOf (Array, length, bytes, field) {
  const own = exactly(bytes, length * Array.BYTES_PER_ELEMENT, field)
  return own.byteOffset % Array.BYTES_PER_ELEMENT === 0 ? new Array(own.buffer, own.byteOffset, length) : new Array(own.slice().buffer)
}

/**
 * Numbers in 64 bits are read in halves: a BigInt of each cost 600 ns.
 *
 * @param {NonNullable<Unit>} unit
 * @param {number} length
 * @param {Uint8Array} bytes
 * @param {Field} field
 */
function datesOf ({ ms, bits }, length, bytes, field) {
  const dates = new Float64Array(length)
  if (bits === 32) {
    const days = viewOf(Int32Array, length, bytes, field)
    for (let row = 0; row < length; row++) dates[row] = days[row] * ms
    return dates
  }
  const halves = viewOf(Int32Array, 2 * length, bytes, field)
  for (let row = 0; row < length; row++) dates[row] = ((halves[2 * row] >>> 0) + halves[2 * row + 1] * 2 ** 32) * ms
  return dates
}

/**
 * @param {Field} field
 * @param {number} length
 * @param {Uint8Array} places
 * @param {Uint8Array} bytes
 * @returns {Texts}
 */
function textsOf (field, length, places, bytes) {
  // Without rows there may be no offsets at all.
  if (length === 0) return { bytes: bytes.subarray(0, 0), offsets: new Int32Array(1) }
  const offsets = field.wide ? narrowed(viewOf(BigInt64Array, length + 1, places, field), bytes.length, field) : viewOf(Int32Array, length + 1, places, field)
  for (let i = 0; i < length; i++) if (!(offsets[i] <= offsets[i + 1])) malformed(`column '${field.name}' has texts that end before they begin`)
  if (offsets[0] < 0 || offsets[length] > bytes.length) malformed(`column '${field.name}' has texts outside of its bytes`)
  return { bytes, offsets }
}

/**
 * @param {BigInt64Array} offsets
 * @param {number} most
 * @param {Field} field
 */
function narrowed (offsets, most, { name }) {
  if (most >= 2 ** 31) malformed(`column '${name}' has more than 2 GiB of text`)
  return Int32Array.from(offsets, (offset) => offset <= most ? Number(offset) : malformed(`column '${name}' has texts outside of its bytes`))
}

/**
 * @param {Field} field
 * @returns {Column}
 */
function emptyOf (field) {
  const [column] = columnsOf([field], { length: 0, nodes: [[0, 0]], buffers: [[0, 0], [0, 0], [0, 0]], body: new Uint8Array() })
  return column
}

/**
 * Codes of a batch as those of all texts that its dictionary ever had.
 *
 * @param {Column} column its values are codes
 * @param {Dictionary | undefined} dictionary
 * @returns {Column}
 */
function withCodes (column, { first, end } = { pieces: [], first: 0, end: 0 }) {
  const values = Uint32Array.from(/** @type {any} */ (column.values))
  for (let row = 0; row < values.length; row++) {
    // What stands in a null is anything.
    if (isNull(column.validity, row)) values[row] = 0
    else if (values[row] >= end - first) malformed(`column '${column.name}' has code ${values[row]} in a dictionary of ${end - first}`)
    else values[row] += first
  }
  return { ...column, values }
}

/**
 * @param {Column} column
 * @param {Dictionary | undefined} dictionary
 * @returns {Column}
 */
function withTexts ({ values, ...column }, dictionary) {
  const texts = dictionary === undefined ? { bytes: new Uint8Array(), offsets: new Int32Array(1) } : joined(dictionary.pieces).texts
  return { ...column, type: 'dictionary', codes: Uint32Array.from(/** @type {any} */ (values)), texts }
}

/**
 * Batches of one column as one.
 *
 * @param {Column[]} pieces at least one
 * @returns {Column}
 */
function joined (pieces) {
  if (pieces.length === 1) return pieces[0]
  const [{ name, type }] = pieces
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const nullCount = pieces.reduce((sum, piece) => sum + piece.nullCount, 0)
  const column = { name, type, length, nullCount, validity: nullCount === 0 ? undefined : joinedBits(pieces, length) }
  if (type === 'utf8') return { ...column, texts: joinedTexts(pieces.map(({ texts }) => /** @type {Texts} */ (texts))) }
  const arrays = /** @type {any[]} */ (pieces.map(({ values }) => values))
  const values = new arrays[0].constructor(length)
  let at = 0
  for (const array of arrays) {
    values.set(array, at)
    at += array.length
  }
  return { ...column, values }
}

/**
 * @param {Column[]} pieces
 * @param {number} length
 */
function joinedBits (pieces, length) {
  const bits = new Uint8Array(Math.ceil(length / 8))
  let at = 0
  for (const { validity, length } of pieces) {
    for (let i = 0; i < length; i++, at++) {
      if (!isNull(validity, i)) bits[at >> 3] |= 1 << (at & 7)
    }
  }
  return bits
}

/** @param {Texts[]} pieces */
function joinedTexts (pieces) {
  const parts = pieces.map(({ bytes, offsets }) => bytes.subarray(offsets[0], offsets[offsets.length - 1]))
  const bytes = Buffer.concat(parts)
  if (bytes.length >= 2 ** 31) malformed('a column has more than 2 GiB of text')
  const offsets = new Int32Array(pieces.reduce((sum, { offsets }) => sum + offsets.length - 1, 1))
  let at = 0
  let base = 0
  pieces.forEach((piece, i) => {
    for (let row = 1; row < piece.offsets.length; row++) offsets[++at] = base + piece.offsets[row] - piece.offsets[0]
    base += parts[i].length
  })
  return { bytes, offsets }
}

module.exports = { read, Malformed }
