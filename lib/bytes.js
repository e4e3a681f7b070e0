'use strict'
// What counts as bytes, and how an ArrayBuffer is taken over.

const { constants } = require('node:buffer')
const { types } = require('node:util')
const { invalidType, invalidValue, outOfRange } = require('./validate')

const EXPECTED = 'of type string or an instance of Buffer, TypedArray, DataView, ArrayBuffer or SharedArrayBuffer'

/**
 * The bytes as a Uint8Array over the same memory; a string's UTF-8 bytes as a new Buffer.
 *
 * @param {unknown} data
 * @param {string} name the parameter
 * @returns {Uint8Array}
 */
function toBytes (data, name) {
  if (typeof data === 'string') return Buffer.from(data)
  const view = ArrayBuffer.isView(data)
  if (!view && !types.isAnyArrayBuffer(data)) throw invalidType(name, EXPECTED, data)
  // What was detached, or lies outside of a buffer that was shrunk, looks empty: the digest of nothing would be a wrong answer.
  if (isGone(data)) throw invalidValue(name, data, 'must not be detached (its ArrayBuffer was transferred) or out of bounds (it was resized)')
  if (types.isUint8Array(data)) return data
  // 4 GiB on Node 20: larger buffers can be made there, but not as bytes.
  if (data.byteLength > constants.MAX_LENGTH) throw outOfRange(`${name}.byteLength`, `at most ${constants.MAX_LENGTH} on this version of Node`, data.byteLength)
  return view ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}

/**
 * Whether the memory of `data` is not there any more.
 *
 * @param {ArrayBufferView | ArrayBufferLike} data
 * @returns {boolean}
 */
function isGone (data) {
  try {
    // What has bytes is there. The getters of a DataView throw if it is not.
    if (data.byteLength !== 0 || types.isDataView(data) || types.isSharedArrayBuffer(data)) return false
    // Methods of typed arrays throw, and so does a new one. The `detached` getter came with Node 21 only.
    keys.call(/** @type {any} */ (ArrayBuffer.isView(data) ? data : new Uint8Array(data)))
    return false
  } catch {
    return true
  }
}

const { keys } = Object.getPrototypeOf(Uint8Array.prototype)

/**
 * Whether `bytes` may be taken over: a view of the whole of a plain ArrayBuffer. Node's Buffers share pools, so that a part must never be detached, nor the pool itself by someone who
 * passed `buffer.buffer`: Node marks it.
 *
 * @param {Uint8Array} bytes
 * @returns {boolean}
 */
function isWhole (bytes) {
  const buffer = bytes.buffer
  return bytes.byteLength > 0 && bytes.byteLength === buffer.byteLength && types.isArrayBuffer(buffer) && !(/** @type {any} */ (buffer).resizable) && !isMarked(buffer)
}

/**
 * Takes the whole ArrayBuffer of `bytes` over: it is detached, and the view returned is the only way to its memory.
 *
 * @param {Uint8Array} bytes of which {@link isWhole} is true
 * @returns {Uint8Array | undefined} undefined when it cannot be detached (a WebAssembly memory, say)
 */
function takeOver (bytes) {
  const buffer = /** @type {any} */ (bytes.buffer)
  try {
    // ArrayBuffer.prototype.transfer came with Node 21. Both move the memory, neither copies it.
    const taken = transfer ? transfer.call(buffer) : structuredClone(buffer, { transfer: [buffer] })
    return new Uint8Array(taken)
  } catch {
    return undefined
  }
}

/** @type {undefined | ((buffer: ArrayBufferLike) => boolean)} */
let marked

/** @param {ArrayBufferLike} buffer */
function isMarked (buffer) {
  // Not at load: it would take 2 ms. The question came with Node 21, as did `transfer`, which does not heed the mark; `structuredClone` does.
  marked ??= /** @type {any} */ (require('node:worker_threads')).isMarkedAsUntransferable ?? (() => false)
  return /** @type {any} */ (marked)(buffer)
}

/** @type {undefined | ((this: ArrayBuffer) => ArrayBuffer)} */
const transfer = /** @type {any} */ (ArrayBuffer.prototype).transfer

module.exports = { toBytes, isWhole, takeOver }
