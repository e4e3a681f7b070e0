'use strict'
// What counts as bytes, and how an ArrayBuffer is taken over.

const { types } = require('node:util')
const { invalidType, invalidValue } = require('./validate')

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
  let bytes
  if (types.isUint8Array(data)) {
    bytes = data
  } else if (ArrayBuffer.isView(data)) {
    bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  } else if (types.isAnyArrayBuffer(data)) {
    if (isDetached(data)) throw detached(name, data)
    bytes = new Uint8Array(data)
  } else {
    throw invalidType(name, EXPECTED, data)
  }
  // A view of a detached buffer looks empty: its digest would be a wrong answer.
  if (bytes.byteLength === 0 && isDetached(bytes.buffer)) throw detached(name, data)
  return bytes
}

/**
 * @param {ArrayBufferLike} buffer
 * @returns {boolean}
 */
function isDetached (buffer) {
  if (buffer.byteLength !== 0 || types.isSharedArrayBuffer(buffer)) return false
  try {
    // The `detached` getter came with Node 21.
    return !new Uint8Array(/** @type {ArrayBuffer} */ (buffer))
  } catch {
    return true
  }
}

/**
 * @param {string} name
 * @param {unknown} data
 */
function detached (name, data) {
  return invalidValue(name, data, 'must not be detached (its ArrayBuffer was transferred)')
}

/**
 * Whether `bytes` may be taken over: a view of the whole of a plain ArrayBuffer. Node's Buffers share pools, so that a part must never be detached.
 *
 * @param {Uint8Array} bytes
 * @returns {boolean}
 */
function isWhole (bytes) {
  const buffer = bytes.buffer
  return bytes.byteLength > 0 && bytes.byteLength === buffer.byteLength && types.isArrayBuffer(buffer) && !(/** @type {any} */ (buffer).resizable)
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

/** @type {undefined | ((this: ArrayBuffer) => ArrayBuffer)} */
const transfer = /** @type {any} */ (ArrayBuffer.prototype).transfer

module.exports = { toBytes, isWhole, takeOver }
