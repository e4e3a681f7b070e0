'use strict'
// Arrays of values as typed columns, which a lane can write: texts, numbers or truth values, and null or undefined for none. Generators, between whose parts the loop may turn.

const { BOOLS, NUMBERS, TEXTS, FLOAT64, MOST_BYTES } = require('./csv-kinds')

/** Values between two places to stop at, and texts that are joined: one by one they would cost 45 ns each to convert. */
const PART = 1024

/** @typedef {import('./csv-write').Column} Column */

/**
 * @param {string} name
 * @param {any[]} values
 * @returns {Generator<undefined, Column | undefined>} undefined for values of several kinds, or of another; and for texts with lone surrogates, which a string keeps and bytes cannot
 */
function * packArray (name, values) {
  const first = values.find((value) => value !== null && value !== undefined) ?? ''
  switch (typeof first) {
    case 'string': return yield * packTexts(name, values)
    case 'number': return yield * packNumbers(name, values, NUMBERS, new Float64Array(values.length))
    case 'boolean': return yield * packNumbers(name, values, BOOLS, new Uint8Array(values.length))
    default: return undefined
  }
}

/**
 * @param {string} name
 * @param {any[]} values
 * @param {number} kind
 * @param {Float64Array | Uint8Array} numbers
 * @returns {Generator<undefined, Column | undefined>}
 */
function * packNumbers (name, values, kind, numbers) {
  const validity = new Uint8Array(Math.ceil(numbers.length / 8))
  for (let start = 0; start < numbers.length; start += PART) {
    if (!takeNumbers(values, start, Math.min(start + PART, numbers.length), kind === BOOLS ? 'boolean' : 'number', numbers, validity)) return undefined
    yield
  }
  return { name, kind, element: kind === NUMBERS ? FLOAT64 : 0, validity, arrays: [numbers] }
}

// What follows makes no objects: see `copyStrings` in hash-many.js.

/**
 * @param {any[]} values
 * @param {number} start
 * @param {number} end
 * @param {'number' | 'boolean'} type
 * @param {Float64Array | Uint8Array} numbers
 * @param {Uint8Array} validity
 * @returns {boolean} whether they are all of the type, or none
 */
function takeNumbers (values, start, end, type, numbers, validity) {
  for (let index = start; index < end; index++) {
    const value = values[index]
    if (typeof value === type) {
      numbers[index] = value
      validity[index >> 3] |= 1 << (index & 7)
    } else if (value !== null && value !== undefined) {
      return false
    }
  }
  return true
}

/**
 * @param {string} name
 * @param {any[]} values
 * @returns {Generator<undefined, Column | undefined>}
 */
function * packTexts (name, values) {
  const offsets = new Uint32Array(values.length + 1)
  /** @type {string[]} */
  const joined = []
  let end = 0
  for (let start = 0; start < offsets.length - 1; start += PART) {
    const texts = takeTexts(values, start, Math.min(start + PART, offsets.length - 1))
    if (texts === undefined) return undefined
    const text = texts.join('')
    // Of ASCII the bytes are as many as the code units.
    end = Buffer.byteLength(text) === text.length ? measureUnits(texts, offsets, start, end) : measureBytes(texts, offsets, start, end)
    if (!(end <= MOST_BYTES)) return undefined
    joined.push(text)
    yield
  }
  const bytes = Buffer.allocUnsafeSlow(end)
  let at = 0
  for (const text of joined) {
    at += bytes.write(text, at)
    yield
  }
  // No text is written as an empty one is: as nothing.
  return { name, kind: TEXTS, element: 0, validity: undefined, arrays: [offsets, bytes] }
}

/**
 * @param {any[]} values
 * @param {number} start
 * @param {number} end
 * @returns {string[] | undefined} undefined if there is something else among them
 */
function takeTexts (values, start, end) {
  const texts = new Array(end - start)
  for (let index = start; index < end; index++) {
    const value = values[index] ?? ''
    if (typeof value !== 'string') return undefined
    texts[index - start] = value
  }
  return texts
}

/**
 * @param {string[]} texts
 * @param {Uint32Array} offsets
 * @param {number} start
 * @param {number} end of the text before
 */
function measureUnits (texts, offsets, start, end) {
  for (let index = 0; index < texts.length; index++) {
    end += texts[index].length
    offsets[start + index + 1] = end
  }
  return end
}

/**
 * @param {string[]} texts
 * @param {Uint32Array} offsets
 * @param {number} start
 * @param {number} end of the text before
 * @returns {number} NaN if one of them has a lone surrogate
 */
function measureBytes (texts, offsets, start, end) {
  for (let index = 0; index < texts.length; index++) {
    const text = /** @type {any} */ (texts[index])
    if (!text.isWellFormed()) return NaN
    end += Buffer.byteLength(text)
    offsets[start + index + 1] = end
  }
  return end
}

module.exports = { packArray }
