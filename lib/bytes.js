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
  // The fast way, 15 ns: nearly all calls. A class may say anything of its instances' lengths.
  if (types.isUint8Array(data)) {
    const { byteLength } = data
    if (byteLength !== 0 && byteLength === typedArrayLength.call(data)) return data
  }
  if (!ArrayBuffer.isView(data) && !types.isAnyArrayBuffer(data)) throw invalidType(name, EXPECTED, data)
  const length = lengthOf(data)
  // What was detached, or lies outside of a buffer that was shrunk, looks empty: the digest of nothing would be a wrong answer.
  if (length === undefined) throw invalidValue(name, data, 'must not be detached (its ArrayBuffer was transferred) or out of bounds (it was resized)')
  if (types.isUint8Array(data) && data.byteLength === length) return data
  // 4 GiB on Node 20: larger buffers can be made there, but not as bytes.
  if (length > constants.MAX_LENGTH) throw outOfRange(`${name}.byteLength`, `at most ${constants.MAX_LENGTH} on this version of Node`, length)
  if (types.isDataView(data)) return new Uint8Array(DATA_VIEW.buffer.call(data), DATA_VIEW.byteOffset.call(data), length)
  return ArrayBuffer.isView(data) ? new Uint8Array(TYPED_ARRAY.buffer.call(data), TYPED_ARRAY.byteOffset.call(data), length) : new Uint8Array(data)
}

/**
 * The same bytes in memory that nobody else knows: what becomes of `data` afterwards does not matter. For what is short.
 *
 * @param {unknown} data
 * @param {string} name the parameter
 * @returns {Uint8Array}
 */
function copyOf (data, name) {
  const bytes = toBytes(data, name)
  // Not Uint8Array.from: it would ask an iterator, which can be anybody's.
  return typeof data === 'string' ? bytes : new Uint8Array(bytes)
}

/**
 * The getters of the language itself: a class can say what it likes of its own.
 *
 * @param {object} prototype
 * @returns {Record<'buffer' | 'byteOffset' | 'byteLength', (this: any) => any>}
 */
function gettersOf (prototype) {
  const descriptors = /** @type {any} */ (Object.getOwnPropertyDescriptors(prototype))
  return { buffer: descriptors.buffer?.get, byteOffset: descriptors.byteOffset?.get, byteLength: descriptors.byteLength.get }
}

const TypedArray = Object.getPrototypeOf(Uint8Array)
const TYPED_ARRAY = gettersOf(TypedArray.prototype)
const DATA_VIEW = gettersOf(DataView.prototype)
const arrayBufferLength = gettersOf(ArrayBuffer.prototype).byteLength
const sharedLength = gettersOf(SharedArrayBuffer.prototype).byteLength
/** For calls without the way over an object: that of every Uint8Array, 5 ns. (As a bound function, 60.) */
const typedArrayLength = TYPED_ARRAY.byteLength
const { keys } = TypedArray.prototype

/**
 * @param {ArrayBufferView | ArrayBufferLike} data
 * @returns {number | undefined} its bytes; undefined if its memory is not there any more
 */
function lengthOf (data) {
  try {
    // The getters of a DataView throw if its memory is gone.
    if (types.isDataView(data)) return DATA_VIEW.byteLength.call(data)
    if (types.isSharedArrayBuffer(data)) return sharedLength.call(data)
    const view = ArrayBuffer.isView(data)
    const length = (view ? typedArrayLength : arrayBufferLength).call(data)
    // What has bytes is there. Else methods of typed arrays throw, and so does a new one. The `detached` getter came with Node 21 only.
    if (length === 0) keys.call(/** @type {any} */ (view ? data : new Uint8Array(/** @type {ArrayBuffer} */ (data))))
    return length
  } catch {
    return undefined
  }
}

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

/**
 * Frees the memory of bytes that nobody uses any more, where JavaScript can (since Node 21). It is not to wait for the collector.
 *
 * @param {any} bytes
 */
function letGo (bytes) {
  if (transfer && types.isUint8Array(bytes) && isWhole(bytes)) transfer.call(/** @type {ArrayBuffer} */ (bytes.buffer), 0)
}

/** @type {undefined | ((buffer: ArrayBufferLike) => boolean)} */
let marked

/** @param {ArrayBufferLike} buffer */
function isMarked (buffer) {
  // Not at load: it would take 2 ms. The question came with Node 21, as did `transfer`, which does not heed the mark; `structuredClone` does.
  marked ??= /** @type {any} */ (require('node:worker_threads')).isMarkedAsUntransferable ?? (() => false)
  return /** @type {any} */ (marked)(buffer)
}

/** @type {undefined | ((this: ArrayBuffer, length?: number) => ArrayBuffer)} */
const transfer = /** @type {any} */ (ArrayBuffer.prototype).transfer

module.exports = { toBytes, copyOf, isWhole, letGo, takeOver }
