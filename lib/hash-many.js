'use strict'
// hashMany: documented in index.d.ts. Messages are packed here into one buffer: reading them one by one in the binary would cost 350 ns each, more than hashing 64 bytes.

const { types } = require('node:util')
const { native } = require('./native')
const { toBytes } = require('./bytes')
const { algorithmOf, readDigestOptions, ENCODINGS, BUFFER } = require('./algorithms')
const { readTaskOptions } = require('./options')
const { TooLargeError } = require('./errors')
const { invalidType, invalidValue } = require('./validate')
const { run } = require('./task')

/** As an encoding: the digests stay in one buffer. */
const PACKED = ENCODINGS.length
const MANY_ENCODINGS = [...ENCODINGS, 'packed']

/** Offsets are 32 bits. */
const LARGEST = 2 ** 32 - 1

/** Characters that so many bytes have in hex, base64 and base64url. */
const TEXT_LENGTH = [
  (/** @type {number} */ bytes) => bytes * 2,
  (/** @type {number} */ bytes) => Math.ceil(bytes / 3) * 4,
  (/** @type {number} */ bytes) => Math.ceil(bytes * 4 / 3)
]

/** @type {import('./task').Operation} */
const HASH_MANY = { name: 'hashMany', submit: native.submitHashMany }

/**
 * Many messages in one buffer.
 *
 * @typedef {object} Packed
 * @property {Uint8Array} bytes
 * @property {Uint32Array} offsets
 * @property {boolean} ours whether nobody else knows the bytes
 */

/**
 * @param {any} algorithm
 * @param {any} items
 * @param {any} [options]
 * @returns {Promise<any>}
 */
function hashMany (algorithm, items, options) {
  const chosen = algorithmOf(algorithm)
  const settings = readDigestOptions(chosen, options, MANY_ENCODINGS)
  const task = readTaskOptions(options)
  const { bytes, offsets, ours } = Array.isArray(items) ? pack(items) : readPacked(items)
  const length = settings.outputLength || chosen.outputLength
  const finish = unpack(settings.encoding, offsets.length - 1, length)
  return run(HASH_MANY, task, bytes, ours, finish, chosen.id, Math.min(settings.encoding, BUFFER), settings.outputLength, settings.key, offsets)
}

/**
 * @param {any[]} items
 * @returns {Packed}
 */
function pack (items) {
  return packStrings(items) ?? packMixed(items)
}

/**
 * The fast way for ASCII strings: one join, one conversion (48 to 82 ns a message of up to 64 bytes).
 *
 * @param {any[]} items
 * @returns {Packed | undefined} undefined when the items are not all ASCII strings
 */
function packStrings (items) {
  const offsets = new Uint32Array(items.length + 1)
  let end = 0
  for (let index = 0; index < items.length; index++) {
    const item = items[index]
    if (typeof item !== 'string') return undefined
    offsets[index + 1] = end += item.length
  }
  if (end > LARGEST / 3) return undefined
  const bytes = Buffer.from(items.join(''))
  // More bytes than code units: not all are ASCII, and the offsets are wrong.
  return bytes.length === end ? { bytes, offsets, ours: true } : undefined
}

/**
 * @param {any[]} items
 * @returns {Packed}
 */
function packMixed (items) {
  const offsets = new Uint32Array(items.length + 1)
  const parts = new Array(items.length)
  let end = 0
  for (let index = 0; index < items.length; index++) {
    const part = toBytes(items[index], `items[${index}]`)
    end += part.byteLength
    if (end > LARGEST) throw tooLarge(end)
    parts[index] = part
    offsets[index + 1] = end
  }
  const bytes = Buffer.allocUnsafeSlow(end)
  for (let index = 0; index < parts.length; index++) {
    // A growable shared buffer may have grown since it was measured.
    bytes.set(parts[index].subarray(0, offsets[index + 1] - offsets[index]), offsets[index])
  }
  return { bytes, offsets, ours: true }
}

/**
 * @param {any} items
 * @returns {Packed}
 */
function readPacked (items) {
  if (items === null || typeof items !== 'object' || !('offsets' in items)) {
    throw invalidType('items', 'an Array, or an object with data and offsets', items)
  }
  const { data, offsets } = items
  if (typeof data === 'string') throw invalidType('items.data', 'an instance of Buffer, TypedArray, DataView, ArrayBuffer or SharedArrayBuffer', data)
  const bytes = toBytes(data, 'items.data')
  if (!types.isUint32Array(offsets)) throw invalidType('items.offsets', 'an instance of Uint32Array', offsets)
  // Copied: the check must hold for what is used, whoever else can write them.
  const own = Uint32Array.from(offsets)
  checkOffsets(own, bytes.byteLength)
  return { bytes, offsets: own, ours: false }
}

/**
 * @param {Uint32Array} offsets
 * @param {number} length
 */
function checkOffsets (offsets, length) {
  if (offsets.length === 0) throw invalidValue('items.offsets', offsets, 'must have one more element than there are messages')
  for (let index = 1; index < offsets.length; index++) {
    if (offsets[index] < offsets[index - 1]) throw invalidValue(`items.offsets[${index}]`, offsets[index], `must not be below the one before, ${offsets[index - 1]}`)
  }
  const last = offsets[offsets.length - 1]
  if (last > length) throw invalidValue(`items.offsets[${offsets.length - 1}]`, last, `must not be above the length of items.data, ${length}`)
}

/** @param {number} received */
function tooLarge (received) {
  return new TooLargeError({ message: `The items have ${received} bytes or more together, hashMany takes at most ${LARGEST} in one call`, limit: LARGEST, received })
}

/**
 * Cuts the one string or buffer that comes back (25 ns a digest).
 *
 * @param {number} encoding
 * @param {number} count
 * @param {number} length bytes of a digest
 * @returns {(value: any) => any}
 */
function unpack (encoding, count, length) {
  if (encoding === PACKED) return (data) => ({ data, digestLength: length })
  if (encoding === BUFFER) return (data) => Array.from({ length: count }, (_, index) => data.subarray(index * length, (index + 1) * length))
  const size = TEXT_LENGTH[encoding](length)
  return (text) => {
    const digests = new Array(count)
    for (let index = 0; index < count; index++) digests[index] = text.slice(index * size, (index + 1) * size)
    return digests
  }
}

module.exports = { hashMany }
