'use strict'
// json.fromColumns and ndjson.fromColumns: documented in index.d.ts. All columns cross as one buffer, and a plan that says where each is.

const { toBytes } = require('./bytes')
const { elementOf } = require('./elements')
const { TooLargeError, invalidState } = require('./errors')
const { native } = require('./native')
const { Plan } = require('./plan')
const { start, now } = require('./text-task')
const { checkOptions, invalidType, invalidValue, oneOf } = require('./validate')
const { SafePromise } = require('./primordials')

const AS = ['buffer', 'string']

/** Kinds of columns beside the element types; and of values: as in src/ops/rows.rs and crates/kernels/src/json/rows.rs. */
const TEXT = 11
const MIXED = 12
const MISSING = 0
const NULL = 1
const FALSE = 2
const NUMBER = 4
const STRING = 5
const DIGITS = 6

const FLOAT64 = 8
/** Bytes of an element of each type. */
const SIZES = [1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8]

/** The longest string of Node, and so the longest result. */
const LONGEST = 2 ** 29 - 24

/** 4 us of work. */
const INLINE_BYTES = 1024

const EXPECTED = 'an Array or an instance of a typed array of integers, Float32Array or Float64Array'
const EXPECTED_VALUE = 'null, undefined or of type boolean, number, string or bigint'

/**
 * A column: its kind, its length, and the parts that are copied.
 *
 * @typedef {object} Column
 * @property {number} kind
 * @property {number} length
 * @property {(Uint8Array | string)[]} parts a string is written as UTF-16
 * @property {number[]} sizes bytes of each part; a getter in a later column can make it smaller
 */

/**
 * @param {number} kind
 * @param {number} length
 * @param {(Uint8Array | string)[]} parts
 * @returns {Column}
 */
function column (kind, length, parts) {
  return { kind, length, parts, sizes: parts.map((part) => typeof part === 'string' ? part.length * 2 : part.byteLength) }
}

/**
 * @param {any} values
 * @param {string} path
 * @returns {Column}
 */
function columnOf (values, path) {
  if (Array.isArray(values)) return ofArray(values, path)
  const element = elementOf(values)
  if (element === -1) throw invalidType(path, EXPECTED, values)
  const bytes = toBytes(values, path)
  return column(element, bytes.byteLength / SIZES[element], [bytes])
}

/**
 * @param {any[]} values
 * @param {string} path
 * @returns {Column}
 */
function ofArray (values, path) {
  const length = values.length
  const kinds = new Uint8Array(length)
  /** @type {string[]} */
  const strings = []
  // Made with the first value of their kind.
  let numbers = new Float64Array(0)
  let ends = new Uint32Array(0)
  let [count, units] = [0, 0]
  for (let index = 0; index < length; index++) {
    const value = values[index]
    const kind = kindOf(value)
    if (kind === -1) throw invalidType(`${path}[${index}]`, EXPECTED_VALUE, value)
    if (kind === NUMBER) {
      if (count++ === 0) numbers = new Float64Array(length)
      numbers[index] = value
    } else if (kind >= STRING) {
      if (strings.length === 0) ends = new Uint32Array(length)
      const text = kind === STRING ? value : String(value)
      units += text.length
      strings.push(text)
      if (units > LONGEST) throw tooLong()
    }
    kinds[index] = kind
    if (strings.length > 0) ends[index] = units
  }
  if (count === length) return column(FLOAT64, length, [bytesOf(numbers)])
  const texts = [bytesOf(ends), strings.join('')]
  if (strings.length === length && !kinds.includes(DIGITS)) return column(TEXT, length, texts)
  return column(MIXED, length, [kinds, bytesOf(numbers), ...texts])
}

/**
 * @param {any} value
 * @returns {number} -1 for what cannot be written
 */
function kindOf (value) {
  switch (typeof value) {
    case 'number': return NUMBER
    case 'string': return STRING
    case 'boolean': return value ? FALSE + 1 : FALSE
    case 'bigint': return DIGITS
    case 'undefined': return MISSING
    default: return value === null ? NULL : -1
  }
}

/** @param {Float64Array | Uint32Array} numbers */
function bytesOf (numbers) {
  return new Uint8Array(numbers.buffer)
}

function tooLong () {
  return new TooLargeError({ message: `The result has more than ${LONGEST} bytes`, limit: LONGEST, received: LONGEST + 1 })
}

/**
 * @param {number} shape
 * @param {any} columns
 * @param {any} options
 * @returns {import('./text-task').Prepared}
 */
function prepare (shape, columns, options) {
  if (columns === null || typeof columns !== 'object' || Array.isArray(columns)) throw invalidType('columns', 'of type object', columns)
  if (options !== undefined) checkOptions(options)
  const as = oneOf(options?.as ?? 'buffer', 'options.as', AS)
  const named = Object.entries(columns).map(([name, values]) => ({ name, values, column: columnOf(values, `columns.${name}`) }))
  for (const { name, values, column } of named) {
    const [first] = named
    if (column.length !== first.column.length) throw invalidValue(`columns.${name}`, values, `must have as many values as columns.${first.name}, ${first.column.length}`)
  }
  const plan = new Plan().byte(shape).number(named.length)
  const input = pack(named, plan)
  return { input, plan: plan.bytes(), ours: true, finish: as === 0 ? (text) => text : (text) => text.toString() }
}

/**
 * @param {{ name: string, column: Column }[]} named
 * @param {Plan} plan is told where everything is
 * @returns {Buffer}
 */
function pack (named, plan) {
  const packed = Buffer.allocUnsafeSlow(named.flatMap(({ column }) => column.sizes).reduce((sum, size) => sum + size, 0))
  let at = 0
  for (const { name, column: { kind, parts, sizes } } of named) {
    // Well-formed, whatever the name is.
    plan.text(JSON.stringify(name), 'columns').byte(kind)
    parts.forEach((part, index) => {
      const size = sizes[index]
      const copied = typeof part === 'string' ? packed.write(part, at, 'utf16le') : put(packed, part, at, size)
      // What was not written would be whatever the memory held before.
      if (copied !== size) throw invalidState(`columns.${name} was changed while it was read`)
      plan.number(at).number(size)
      at += size
    })
  }
  return packed
}

/**
 * @param {Buffer} packed
 * @param {Uint8Array} part
 * @param {number} at
 * @param {number} size that it had when it was looked at first
 * @returns {number} that it has
 */
function put (packed, part, at, size) {
  if (part.byteLength === size) packed.set(part, at)
  return part.byteLength
}

/**
 * The functions of a namespace.
 *
 * @param {'json' | 'ndjson'} name
 * @returns {Record<string, (...args: any[]) => any>}
 */
function fromColumns (name) {
  const shape = name === 'json' ? 0 : 1
  /** @type {import('./text-task').TextOperation} */
  const operation = { operation: { name: `${name}.fromColumns`, submit: native.submitRows }, now: native.rowsNow, inlineBytes: INLINE_BYTES }
  return {
    fromColumns (columns, options) {
      let prepared
      try {
        prepared = prepare(shape, columns, options)
      } catch (error) {
        // That depends on the values, and is no mistake of the call.
        if (error instanceof TooLargeError) return SafePromise.reject(error)
        throw error
      }
      return start(operation, prepared, options)
    },
    fromColumnsSync: (columns, options) => now(operation, prepare(shape, columns, options))
  }
}

module.exports = { fromColumns }
